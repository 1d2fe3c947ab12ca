"""What tells of the authors below an article is cut; sentences about others stay."""

from __future__ import annotations

import pytest

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.biographies import biographies

STORY = ["The ferry sails at noon, and nobody has asked why it does not sail at one. " * 4] * 4


def cut(*last: str, authors: tuple[str, ...] = ("Ada Quay", "Jan van der Meer")) -> list[str]:
    texts = [*STORY, *last]
    return [texts[index] for index in biographies(texts, range(len(texts)), authors)]


@pytest.mark.parametrize(
    "line",
    [
        "Ada Quay is a writer and lives near the harbour.",
        "Ada Quay ist Redakteurin der Hafenpost.",
        "Ada Quay est journaliste à Marseille.",
        "ADA QUAY – dziennikarka, pisze o portach.",
        "Ada Quay: περίπτερο και λιμάνια.",
        "Jan van der Meer schrijft over schepen.",
        "About the author: Ada Quay writes for the Harbour Post.",
        "Об авторе: Ada Quay — журналистка.",
    ],
)
def test_a_last_line_that_begins_with_the_author(line: str) -> None:
    assert cut(line) == [line]


def test_names_in_scripts_without_spaces() -> None:
    assert cut("山田太郎は港の記者。", authors=("山田太郎",)) == ["山田太郎は港の記者。"]
    assert cut("山田太郎：港の記者", authors=("山田太郎",)) == ["山田太郎：港の記者"]


def test_several_authors_their_names_above_and_a_label() -> None:
    last = (
        *("About the author", "Ada Quay", "Ada Quay is a writer."),
        *("Jan van der Meer", "Jan van der Meer is a sailor."),
    )
    assert cut(*last[1:]) == list(last[1:])
    assert cut(*last[:3]) == list(last[:3])


@pytest.mark.parametrize(
    "line",
    [
        "Ada Quay said that the ferry would sail at one.",
        "Ada Quays are many, and one is a writer.",
        "Tom Reed is a writer and lives near the harbour.",
        "The author Ada Quay is a writer.",
        "Ada Quay is a writer, and this is her story. " * 20,
        "Ada Quay",
    ],
)
def test_other_last_lines_stay(line: str) -> None:
    assert cut(line) == []


def test_a_house_is_no_person_and_a_short_post_is_no_biography() -> None:
    assert cut("Harbour is a company.", authors=("Harbour",)) == []
    assert biographies(["A few words.", "Ada Quay is a writer."], [0, 1], ["Ada Quay"]) == []


def test_a_line_above_the_last_paragraph_stays() -> None:
    assert cut("Ada Quay is a writer.", "So ends the story of the ferry.") == []


def test_in_pages_and_copied_texts() -> None:
    last = "Ada Quay is a writer and lives near the harbour."
    paragraphs = [f"{line}It is {number}." for number, line in enumerate(STORY)]
    text = "\n\n".join(["The ferry at noon", "By Ada Quay", "March 5, 2024", *paragraphs, last])
    body = "".join(f"<p>{paragraph}</p>" for paragraph in [*paragraphs, last])
    html = f"<article><h1>The ferry at noon</h1><p>By Ada Quay</p>{body}</article>"
    for document, media_type in ((text, "text/plain"), (html, "text/html")):
        article = clean(document, media_type=media_type)
        assert isinstance(article, Article)
        assert article.text == "\n\n".join(paragraphs)
        assert last in [cut.text for cut in article.cuts]
