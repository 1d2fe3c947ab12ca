"""Lines that say who wrote a text, and copies that differ in nothing else."""

from __future__ import annotations

import pytest

from copydesk.tasks.cleaning.vocabulary.bylines import key
from copydesk.tasks.dedup.bylines import Story, is_byline, same_but_byline
from tests.dedup.made import article, text

BODY = article(1, 5)
BYLINES = (
    *("By Ann Lee", "Von Max Muster", "Par Jean Dupont, à Lyon", "Автор: Иван Петров"),
    *("記者 王小明", "بقلم: أحمد علي", "(Reuters)", "dpa", "ANN LEE, Reuters", "Ann Lee"),
    "(Reporting by Bo Dahl in London; Editing by Carl Ek)",
)
OTHERS = (
    *("Storm Warning Issued", "New York", "Prime Minister Ann Lee resigns", "By the river"),
    *("By Monday the river had risen.", "He died on Monday.", "Update", "Von der Leyen bleibt"),
    "By Ann Lee " * 20,
)


@pytest.mark.parametrize("line", BYLINES)
def test_only_a_byline_differs(line: str) -> None:
    assert is_byline(line, {key("Ann Lee")})
    bare = Story("Ferry leaves", text(BODY), ["Ann Lee"])
    for paragraphs in ([line, *BODY], [*BODY, line], [BODY[0], line, *BODY[1:]]):
        assert same_but_byline(bare, Story("Ferry  leaves", text(paragraphs)))
        assert same_but_byline(Story("Ferry leaves", text(paragraphs), ["Ann Lee"]), bare)


@pytest.mark.parametrize("line", OTHERS)
def test_another_line_is_another_text(line: str) -> None:
    assert not is_byline(line, {key("Ann Lee")})
    assert not same_but_byline(Story("A", text(BODY)), Story("A", text([line, *BODY])))


def test_what_else_differs_is_no_byline() -> None:
    bare = Story("Ferry leaves", text(BODY))
    assert not same_but_byline(bare, Story("Ferry stays", text(BODY)))
    assert not same_but_byline(bare, Story("Ferry leaves", text([*BODY[:4], "By Ann Lee"])))
    inside = [*BODY, "By Ann Lee", *BODY]  # a second story, with a byline of its own
    assert not same_but_byline(Story("A", text([*BODY, *BODY])), Story("A", text(inside)))
