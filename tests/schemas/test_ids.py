"""Identities: what changes them, and what does not."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.ids import article_id, content_hash, credible_canonical, item_id, record_hash
from copydesk.tasks.sources.files.paths import source_name


@given(st.text(), st.text())
def test_content_hash_ignores_white_space_and_composition(title: str, text: str) -> None:
    spread = "\n\n".join(f" {word} " for word in text.split())
    decomposed = unicodedata.normalize("NFD", title)
    same = unicodedata.normalize("NFC", decomposed) == unicodedata.normalize("NFC", title)
    assert content_hash(title, text) == content_hash(title, spread)
    assert not same or content_hash(title, text) == content_hash(decomposed, text)


def test_content_hash_sees_letters_case_and_where_the_title_ends() -> None:
    hashes = {
        content_hash("A title", "text"),
        content_hash("A Title", "text"),
        content_hash("A title", "text."),
        content_hash("A", "title text"),
        content_hash("", "A title text"),
    }
    assert len(hashes) == 5


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_items_of_other_sources_are_others(source: str, other: str, place: str) -> None:
    assert (item_id(source, place) == item_id(other, place)) == (source == other)
    assert len(item_id(source, place)) == 32


def test_record_hash_is_of_values_not_of_their_form() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    row = {"content_hash": "x", "cleaner_version": "1", "published_at": noon, "authors": ["A"]}
    same = row | {
        "published_at": noon.astimezone(timezone(timedelta(hours=5))),
        "tags": [],
        "section": None,
        "run_id": "whatever",
    }
    assert record_hash(row) == record_hash(same)
    assert record_hash(row | {"evidence": {"b": "2", "a": "1"}}) == record_hash(
        row | {"evidence": [("a", "1"), ("b", "2")]}
    )
    assert record_hash(row) != record_hash(row | {"authors": ["B"]})
    assert record_hash(row) != record_hash(row | {"cleaner_version": "2"})


def test_record_hash_of_fields_that_came_later() -> None:
    """An older record keeps its hash; an estimate changes with a page's furniture and is none."""
    row = {"cleaner_version": "1", "content_hash": "a" * 32, "evidence": [("title", "h1")]}
    empty = {"access": None, "reservations": [], "quality": None}
    assert record_hash(row) == record_hash(row | empty) == record_hash(row | {"quality": 0.9})
    assert record_hash(row) == "aa0ba4930a2a0eeb51f061fa1d446811"
    reserved = {"reservations": {"noai": "meta robots", "tdm-reservation": "meta"}}
    hashes = {record_hash(row), record_hash(row | reserved), record_hash(row | {"access": "free"})}
    assert len(hashes) == 3
    pairs = [("tdm-reservation", "meta"), ("noai", "meta robots")]
    assert record_hash(row | {"reservations": pairs}) == record_hash(row | reserved)


@pytest.mark.parametrize(
    ("canonical", "url", "credible"),
    [
        ("https://example.org/story", "https://www.example.org/story?utm_source=x", True),
        ("http://news.example.co.uk/story", "https://example.co.uk/a", True),
        ("https://other.co.uk/story", "https://example.co.uk/story", False),
        ("https://example.org/", "https://example.org/story", False),
        ("https://example.org", "https://example.org/story", False),
        ("https://example.org/index.html", "https://example.org/story", False),
        ("https://example.org/pt-br/", "https://example.org/story", False),
        ("https://example.org/?p=123", "https://example.org/story", True),
        ("https://example.org/story", "file:story.html", True),
        ("https://example.org/", "file:story.html", False),
        ("https://example.org/story", None, True),
        ("/story", "https://example.org/story", False),
        ("javascript:alert(1)", "https://example.org/story", False),
        ("https://[broken/story", "https://example.org/story", False),
        ("https://127.0.0.1/story", "https://127.0.0.1/x", True),
        ("https://one.blogspot.com/story", "https://two.blogspot.com/story", False),
    ],
)
def test_credible_canonical(canonical: str, url: str | None, credible: bool) -> None:
    assert credible_canonical(canonical, url) is credible


def test_article_id() -> None:
    url = "https://www.example.org/a"
    by_address = article_id("s", "one", canonical="https://example.org/story", url=url)
    assert by_address == article_id("t", "two", canonical="HTTPS://Example.org/story#top", url=url)
    assert by_address != article_id("s", "one", canonical="https://example.org/Story", url=url)
    at_its_address = article_id("s", "one", canonical=None, url=url)
    assert at_its_address == article_id("t", "two", canonical="https://example.org/", url=url)
    for locator in ("file:one", None, "https://[broken"):
        assert article_id("s", "one", canonical=None, url=locator) == item_id("s", "one")


@given(st.text(), st.text())
def test_any_canonical_is_judged(canonical: str, url: str) -> None:
    assert credible_canonical(canonical, url) in {True, False}


def test_source_name(tmp_path: Path) -> None:
    assert source_name(str(tmp_path / "news")).startswith("news-")
    assert source_name(str(tmp_path / "a" / "news")) != source_name(str(tmp_path / "b" / "news"))
    assert source_name("/").startswith("root-")
