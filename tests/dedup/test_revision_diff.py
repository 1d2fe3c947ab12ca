from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.dedup.revision_diff import Change, ChangeKind, Op, compare, difference
from tests.dedup.made import article

TITLE = "Mayor resigns"
FIRST = "The mayor of Springfield resigned on Monday after a long inquiry."
SECOND = "Council members said that they were surprised."
THIRD = "A new vote is due in May."
TEXT = f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
LONGER = "The deputy takes over until then, the city said on Wednesday evening in a statement."


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        (TITLE, TEXT, ChangeKind.NONE),
        ("Mayor steps down", TEXT, ChangeKind.HEADLINE),
        ("Mayor Resigns!", TEXT.replace("\n\n", "\n"), ChangeKind.FORMATTING),
        (TITLE, TEXT.replace("Monday", "Tuesday"), ChangeKind.CORRECTION),
        (TITLE, TEXT.replace("Monday", "Tuesday evening"), ChangeKind.CORRECTION),
        (TITLE, f"{TEXT}\n\n{LONGER}", ChangeKind.EXTENSION),
        (TITLE, f"{FIRST}\n\n{SECOND}", ChangeKind.CUT),
        (TITLE, TEXT.replace(SECOND, LONGER), ChangeKind.EDIT),
        (
            TITLE,
            "Football and weather in the north filled all of the other pages.",
            ChangeKind.REWRITE,
        ),
        (TITLE, "", ChangeKind.CUT),
    ],
)
def test_kinds(title: str, text: str, kind: ChangeKind) -> None:
    assert compare((TITLE, TEXT), (title, text)).kind is kind


def test_back_to_an_earlier_text_is_reverted() -> None:
    wrong = TITLE, TEXT.replace("Monday", "Tuesday")
    assert compare(wrong, (TITLE, TEXT), earlier=[(TITLE, TEXT)]).kind is ChangeKind.REVERTED
    assert compare(wrong, wrong, earlier=[(TITLE, TEXT)]).kind is ChangeKind.NONE


def test_share_and_words() -> None:
    change = compare((TITLE, TEXT), (TITLE, TEXT.replace("Monday", "Tuesday")))
    assert (change.words_added, change.words_removed) == (1, 1)
    assert change.share == pytest.approx(1 / 25)
    assert not change.title_changed


def test_difference_shows_words_in_place() -> None:
    new = "Mayor steps down", TEXT.replace("Monday", "Tuesday")
    assert difference(compare((TITLE, TEXT), new)) == (
        "Mayor [-resigns-]{+steps down+}\n"
        "The mayor of Springfield resigned on [-Monday-]{+Tuesday+} after a long inquiry.\n"
        f"{SECOND}\n"
        "…"
    )


def test_difference_shows_paragraphs() -> None:
    change = compare((TITLE, TEXT), (TITLE, TEXT.replace(SECOND, LONGER)))
    assert difference(change, context=0) == f"…\n[-{SECOND}-]\n{{+{LONGER}+}}\n…"


def test_difference_in_colours() -> None:
    colours = {Op.SAME: "{}", Op.REMOVED: "<{}>", Op.ADDED: "({})"}
    change = compare((TITLE, FIRST), (TITLE, FIRST.replace("Monday", "Tuesday")))
    output = difference(change, mark=lambda span: colours[span.op].format(span.text))
    assert output == FIRST.replace("Monday", "<Monday>(Tuesday)")


def test_scripts_without_spaces_change_by_letters() -> None:
    change = compare(("题", "我们在北京大学学习汉语。"), ("题", "我们在北京大学学习英语。"))
    assert difference(change) == "我们在北京大学学习[-汉-]{+英+}语。"


PARAGRAPHS = st.lists(st.sampled_from([*article(1, 3), FIRST, SECOND, THIRD, "我们在北京", "x"]))


def side(change: Change, op: Op) -> list[str]:
    """Give the paragraphs of one side, put together again."""
    rows = [
        "".join(span.text for span in row if span.op in (Op.SAME, op)) for row in change.paragraphs
    ]
    return [row for row in rows if row]


@given(PARAGRAPHS, PARAGRAPHS)
def test_a_difference_holds_both_texts(old: list[str], new: list[str]) -> None:
    change = compare(("", "\n\n".join(old)), ("", "\n\n".join(new)))
    assert side(change, Op.ADDED) == new
    assert side(change, Op.REMOVED) == old
    assert 0 <= change.share <= 1
    back = compare(("", "\n\n".join(new)), ("", "\n\n".join(old)))
    assert (back.share, back.words_added) == (change.share, change.words_removed)
