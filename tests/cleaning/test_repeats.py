"""A body that stands twice in its document is kept once, and the rest is evidence."""

from __future__ import annotations

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning import clean
from tests.dedup.made import article

TITLE = "The harbour keeps its light"
BODY = article(1, 4)
CHORUS = ["Row, row, row", "Pull the nets in", "Row, row, row", "Home before the night"]


def cleaned(document: str) -> Article:
    result = clean(document)
    assert isinstance(result, Article)
    return result


def page(paragraphs: list[str]) -> str:
    return f"<html><body><article><h1>{TITLE}</h1>" + "".join(
        f"<p>{paragraph}</p>" for paragraph in paragraphs
    )


def test_copied_text_that_holds_the_body_twice() -> None:
    for gap in ("\n\n", "\n"):
        result = cleaned(f"{TITLE}\n\n" + gap.join([*BODY, *BODY]))
        assert result.text.split(gap) == BODY
        (cut,) = (cut for cut in result.cuts if cut.kind is CutKind.DUPLICATE)
        assert (cut.rule, cut.text) == ("repeated_body", "\n".join(BODY))


def test_a_page_that_prints_the_body_again_beside_its_first() -> None:
    result = cleaned(page([*BODY, *BODY]))
    assert result.text.split("\n\n") == BODY
    assert result.markdown is not None
    assert result.markdown.count(BODY[2]) == 1
    again = [cut for cut in result.cuts if cut.kind is CutKind.DUPLICATE]
    assert [cut.text for cut in again] == BODY
    assert {cut.rule for cut in again} == {"repeated_body"}


def test_a_paragraph_that_stands_again_stays() -> None:
    for paragraphs in ([*BODY, BODY[0]], [BODY[0]] * 3):
        result = cleaned(f"{TITLE}\n\n" + "\n\n".join(paragraphs))
        assert result.text.split("\n\n") == paragraphs


def test_what_is_said_again_on_purpose_stays() -> None:
    lines = [*CHORUS, "The gulls came down", *CHORUS, "The stars came out", *CHORUS]
    result = cleaned(f"{TITLE}\n\n" + "\n".join([*BODY[:2], *lines, *BODY[2:]]))
    assert result.text.count("Row, row, row") == 6
