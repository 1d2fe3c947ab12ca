from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import Article, Hints, Reject, RejectReason
from copydesk.tasks.cleaning import MAX_BYTES, clean

SEEDS = Path(__file__).parents[2] / "seeds"


def article(name: str) -> Article:
    result = clean((SEEDS / name).read_bytes())
    assert isinstance(result, Article)
    return result


def test_the_first_seed() -> None:
    result = article("biden-pushes-for-peace-talks.txt")
    assert result.title == "Biden Pushes for Peace Talks in Escalating Israel-Gaza Strife"
    assert result.text.startswith("The White House disclosed on Sunday")
    assert result.text.endswith("humanitarian relief in the region.")
    assert len(result.text.split("\n\n")) == 10
    assert result.language == "en"
    assert result.evidence["encoding"] == "utf-8: valid"
    assert [cut.text for cut in result.cuts] == [
        result.title,
        "No responses yet\nLeave a Reply",
        "Your email address will not be published. Required fields are marked *",
        "Latest Comments",
        "No comments to show.",
    ]


def test_the_second_seed() -> None:
    result = article("nachtmarkt.txt")
    assert result.title == "Der Nachtmarkt kehrt in die alte Gießerei zurück"
    assert result.text.startswith("Nach zwei Jahren Pause")
    # The sentence that merely speaks of leaving a comment stays.
    assert "„Wer hinterlässt schon einen Kommentar zum Wetter" in result.text
    assert result.text.endswith("Kinder zahlen nichts.")
    assert len(result.text.split("\n\n")) == 3


def test_markdown_and_html_are_told_from_their_content() -> None:
    assert article("lighthouse.md").evidence["text"] == "markdown"
    assert article("ferry-timetable.html").evidence.get("text") not in {"markdown", "lines"}
    assert article("nachtmarkt.txt").evidence["text"] == "lines"


def test_a_page_served_as_plain_text_is_a_page() -> None:
    page = (SEEDS / "ferry-timetable.html").read_bytes()
    assert clean(page, media_type="text/plain") == clean(page, media_type="text/html")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", RejectReason.EMPTY),
        (" \n\u00a0\t", RejectReason.EMPTY),
        (b"\xef\xbb\xbf \n", RejectReason.EMPTY),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3", RejectReason.BINARY),
        (b"\x00\x01\x02\x03" * 100, RejectReason.BINARY),
        ("A title and nothing else", RejectReason.NO_BODY),
        ("***\n\n---\n\n...", RejectReason.NO_ARTICLE),
        ("---\ntitle: A title\n---\n", RejectReason.NO_BODY),
    ],
)
def test_rejects(document: str | bytes, reason: RejectReason) -> None:
    result = clean(document)
    assert isinstance(result, Reject)
    assert result.reason is reason
    assert result.detail


def test_too_large_is_refused_unread() -> None:
    result = clean(b"a" * (MAX_BYTES + 1))
    assert isinstance(result, Reject)
    assert result.reason is RejectReason.TOO_LARGE


def test_hints_fill_what_the_text_does_not_say() -> None:
    body = "The boats came back at noon, and nobody had expected them before the evening. " * 3
    hints = Hints(title="The boats came back", authors=("Marta Oyelaran",), section="Harbour")
    result = clean(body, hints=hints)
    assert isinstance(result, Article)
    assert (result.title, result.text) == (hints.title, body.strip())
    assert (result.authors, result.section) == (hints.authors, hints.section)


def test_results_travel_between_processes() -> None:
    result = article("nachtmarkt.txt")
    assert pickle.loads(pickle.dumps(result)) == result


def test_importing_it_is_light() -> None:
    heavy = (
        "selectolax",
        "markdown_it",
        "rapidfuzz",
        "pycld2",
        "gcld3",
        "chardet",
        "pandas",
        "yaml",
    )
    code = f"import sys, copydesk.tasks.cleaning; print([m for m in {heavy} if m in sys.modules])"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"


@given(st.binary(max_size=400), st.none() | st.sampled_from(["text/html", "text/markdown", "a/b"]))
def test_any_bytes_give_an_article_or_a_reject(document: bytes, media_type: str | None) -> None:
    assert_sound(clean(document, media_type=media_type))


@given(
    st.text(st.characters() | st.characters(categories=["Cs"]), max_size=400),
    st.none() | st.sampled_from(["text/plain", "text/html", "text/markdown"]),
)
def test_any_text_gives_an_article_or_a_reject(document: str, media_type: str | None) -> None:
    assert_sound(clean(document, media_type=media_type))


def assert_sound(result: Article | Reject) -> None:
    assert isinstance(result, Article | Reject)
    if isinstance(result, Reject):
        assert not result.detail.startswith("cleaning failed"), result
        return
    for text in (result.title, result.text, *(cut.text for cut in result.cuts)):
        text.encode("utf-8")
        assert "\0" not in text
    assert result.text.strip() == result.text != ""
