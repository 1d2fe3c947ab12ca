from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article, Cut, CutKind, Reject, RejectReason
from copydesk.tasks.cleaning.explain import MAX_BLOCKS, explain_blocks, explain_page, explain_text
from copydesk.tasks.cleaning.text import clean_text
from tests.cleaning.text.test_selection import page as copied_page

ARTICLE = Article(
    title="Ferries are <late>",
    text="The ferry waits.",
    authors=("Jane Roe",),
    published_at=datetime(2025, 5, 3, 8, tzinfo=UTC),
    cuts=(
        Cut(CutKind.REPEATED_TITLE, "repeated_title", 0, "Ferries are <late>"),
        Cut(CutKind.NAVIGATION, "model", 2, "Home", 0.034),
    ),
    evidence={"title": "h1", "published_at": "time", "text": "blocks"},
)
BLOCKS = ["Ferries are <late>", "The ferry waits.", "Home"]


def passages(page: str) -> list[tuple[str, str, str]]:
    tree = LexborHTMLParser(page)
    collected = []
    for item in tree.css("li.passage"):
        note, text = item.css_first(".note"), item.css_first(".text")
        assert note is not None
        assert text is not None
        collected.append((item.attributes["value"] or "", note.text(), text.text()))
    return collected


def test_every_block_is_shown_with_what_became_of_it() -> None:
    assert passages(explain_blocks(BLOCKS, ARTICLE)) == [
        ("0", "cut: repeated title · repeated title", "Ferries are <late>"),
        ("1", "kept", "The ferry waits."),
        ("2", "cut: navigation · model · score 0.03", "Home"),
    ]


def test_the_fields_stand_at_the_top_with_their_evidence() -> None:
    tree = LexborHTMLParser(explain_blocks(BLOCKS, ARTICLE))
    rows = [[cell.text() for cell in row.css("th, td")] for row in tree.css("tbody tr")]
    assert ["title", "Ferries are <late>", "h1"] in rows
    assert ["authors", "Jane Roe", ""] in rows
    assert ["published", "2025-05-03T08:00:00+00:00", "time"] in rows
    assert ["text", "", "blocks"] in rows


def test_blocks_of_a_page_are_those_that_cleaning_counts() -> None:
    page = "<body><h1>Ferries are &lt;late&gt;</h1><p>The ferry waits.</p><nav>Home</nav></body>"
    assert [text for _, _, text in passages(explain_page(page, ARTICLE, name="a.html"))] == BLOCKS


def test_copied_text_is_shown_line_by_line() -> None:
    text = "Home\nNews\n\nFerries are late\nby Jane Roe\n\nThe ferry waits.\nHome\n"
    article = Article(
        title="Ferries are late",
        text="The ferry waits.",
        cuts=(
            Cut(CutKind.NAVIGATION, "model", 0, "Home\nNews", 0.02),
            Cut(CutKind.BYLINE, "opening", 1, "by Jane Roe"),
            Cut(CutKind.NAVIGATION, "after_text", 2, "Home"),
        ),
    )
    assert passages(explain_text(text, article)) == [
        ("0", "cut: navigation · model · score 0.02", "Home"),
        ("1", "cut: navigation · model · score 0.02", "News"),
        ("2", "kept", "Ferries are late"),
        ("3", "cut: byline · opening", "by Jane Roe"),
        ("4", "kept", "The ferry waits."),
        ("5", "cut: navigation · after text", "Home"),
    ]


def test_what_cleaning_cuts_of_a_copied_page_is_what_is_shown_as_cut() -> None:
    text = "\n".join(copied_page("en"))
    article = clean_text(text)
    assert isinstance(article, Article)
    shown = passages(explain_text(text, article))
    cut_lines = [line for cut in article.cuts for line in cut.text.split("\n")]
    assert [line for _, note, line in shown if note.startswith("cut")] == cut_lines
    assert cut_lines


def test_a_reject_says_why() -> None:
    reject = Reject(RejectReason.NOT_AN_ARTICLE, "a listing: 3 words of text")
    page = explain_blocks(BLOCKS, reject, name="listing.html")
    tree = LexborHTMLParser(page)
    heading = tree.css_first("h1")
    assert heading is not None
    assert heading.text() == "Not kept: not_an_article"
    assert "a listing: 3 words of text" in page
    assert len(passages(page)) == 3


def test_a_long_document_ends() -> None:
    page = explain_blocks(["x"] * (MAX_BLOCKS + 5), ARTICLE)
    assert len(passages(page)) == MAX_BLOCKS
    assert "5 passages more are not shown" in page


@given(st.text(), st.text())
def test_nothing_of_the_document_is_markup(text: str, title: str) -> None:
    article = Article(title=title, text=text, cuts=(Cut(CutKind.OTHER, text, 0, text),))
    attack = f"</div><script>alert(1)</script>{text}<img src=x onerror=y>"
    tree = LexborHTMLParser(explain_blocks([attack], article, name=attack))
    assert not tree.css("script, img, a[href^=javascript]")
    assert len(tree.css("li.passage")) == 1
