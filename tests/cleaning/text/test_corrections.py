"""Passages that the models choose and that are known to be wrong; and titles in doubt."""

from __future__ import annotations

import pytest

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.cleaning.text.corrections import without_labels, without_second_passage
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.reading import TitleChoice
from copydesk.tasks.cleaning.text.title_context import Candidate

TITLE = "The lighthouse gets a keeper again"
PARAGRAPHS = [
    f"{opening} the lamp on the northern cape had burned without anybody to look after it, and "
    f"the {number} ships that passed there every night had to trust in a clockwork that was "
    "older than their captains and was wound up once a month by a fisherman's daughter."
    for number, opening in enumerate(
        [
            "For twelve years",
            "All that time",
            "In every winter",
            "As the council knew",
            "Since then",
        ],
        start=20,
    )
]


MENU = ["Cape Courier", "Home", "Coast", "Ships", "Contact", "Subscribe", "Log in"]


def other_screen(paragraphs: list[str]) -> list[str]:
    """Return the paragraphs as a second screen has them: one is a caption there, one is short."""
    return [*paragraphs[:2], "Photo: the cape in March", *paragraphs[2:]]


def test_a_passage_that_says_the_body_again_is_cut() -> None:
    body = [*PARAGRAPHS, *(text.replace("lamp", "horn") for text in PARAGRAPHS)]
    article = clean_text("\n\n".join([*MENU, TITLE, *body, *other_screen(body), *MENU]))
    assert isinstance(article, Article)
    assert article.text.split("\n\n") == body
    repeated = [cut for cut in article.cuts if cut.kind is CutKind.DUPLICATE]
    assert {cut.rule for cut in repeated} == {"repeated_body", "repeated_passage"}


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join([*PARAGRAPHS, PARAGRAPHS[0]]),
        "\n\n".join([*PARAGRAPHS, *reversed(PARAGRAPHS)]),
        "\n\n".join(part for text in PARAGRAPHS for part in ("Refrain, refrain.", text)),
    ],
    ids=["a paragraph said again", "another order", "a refrain"],
)
def test_what_is_said_again_on_purpose_stays(text: str) -> None:
    lines = read_lines(text)
    assert without_second_passage(lines, range(len(lines))) == list(range(len(lines)))


@pytest.mark.parametrize(
    "row",
    ["Facebook0 Twitter LinkedIn0 0 Likes", "Twitter 12 Facebook 3 Pinterest", "WhatsApp Telegram"],
)
@pytest.mark.parametrize("labels", [["Ewa Kos"], ["Ewa Kos", "küste, Feuer", "Reportage"]])
def test_names_and_tags_above_a_row_of_share_counts_are_no_text(
    row: str, labels: list[str]
) -> None:
    lines = read_lines("\n".join([*PARAGRAPHS, *labels, row]))
    chosen = range(len(PARAGRAPHS) + len(labels))
    assert without_labels(lines, chosen) == list(range(len(PARAGRAPHS)))


@pytest.mark.parametrize(
    ("labels", "row"),
    [
        (["Ewa Kos"], "Facebook says that the cape was never on its map of likes"),
        (["1. oil", "2. wicks", "3. matches"], "Facebook Twitter"),
        (["oil", "wicks", "matches", "bread", "salt"], "Facebook Twitter"),
        (["Ewa Kos"], "Leave a reply"),
    ],
    ids=["a sentence", "a list", "many short lines", "another row"],
)
def test_a_lists_end_and_a_sign_off_stay(labels: list[str], row: str) -> None:
    lines = read_lines("\n".join([*PARAGRAPHS, *labels, row]))
    chosen = list(range(len(PARAGRAPHS) + len(labels)))
    assert without_labels(lines, chosen) == chosen


def test_a_title_that_stands_twice_is_likelier_than_a_line_that_is_so_once() -> None:
    candidates = (
        Candidate(3, "Home / The Cape"),
        Candidate(5, TITLE),
        Candidate(3, f"“{TITLE.upper()}”", part=2),
    )
    likeliest, chance = TitleChoice(candidates, (0.62, 0.55, 0.4)).likeliest()
    assert likeliest == candidates[1]
    assert chance == pytest.approx(1 - 0.45 * 0.6)
    assert TitleChoice((), ()).likeliest() == (None, 0.0)


def test_a_text_that_opens_with_its_title_in_a_sentence_keeps_that_sentence() -> None:
    greeting = "A warm welcome to Letters from the Northern Cape"
    form = [
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
    ]
    article = clean_text(
        "\n\n".join(["Letters from the northern cape", greeting, *PARAGRAPHS, *form])
    )
    assert isinstance(article, Article)
    assert article.title == "Letters from the northern cape"
    assert article.text.split("\n\n") == [greeting, *PARAGRAPHS]
