"""Lines that a site repeats: the table of them, and an article without them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning.sites.repeated_lines import (
    Decisions,
    LineTable,
    SiteLinesError,
    cleaner_version,
    read_lines,
    site_of,
    with_lines_cut,
    write_lines,
)
from tests.dedup.made import article

BODY = article(1, 4)
NOTICE = "Read our [terms](https://a.example/terms) before you write to us"
TABLE = LineTable().changed(
    "a.example", Decisions(("Share this story", "Read our terms before you write to us"))
)


def test_lines_are_cut_from_text_and_markdown_with_evidence() -> None:
    text = "\n\n".join([*BODY, "Read our terms before you write to us", "Share this story"])
    marked = "\n\n".join([*BODY, NOTICE, "**Share this story**"])
    row = with_lines_cut(
        Article("A title", text, markdown=marked), "a.example", TABLE.to_cut()
    )  # fmt: skip
    assert row.text == row.markdown == "\n\n".join(BODY)
    assert [(cut.kind, cut.rule, cut.text) for cut in row.cuts] == [
        (CutKind.SITE, "site_lines:1", "Read our terms before you write to us"),
        (CutKind.SITE, "site_lines:1", "Share this story"),
    ]
    untouched = Article("A title", text)
    assert with_lines_cut(untouched, "b.example", TABLE.to_cut()) is untouched


def test_the_version_grows_with_each_change_and_stands_in_the_rows() -> None:
    assert TABLE.version == 1
    assert TABLE.changed("a.example", TABLE.sites["a.example"]) is TABLE
    item = TABLE.sites["a.example"]
    newer = TABLE.changed("a.example", replace(item, forbidden=("SHARE this story!",)))
    assert newer.to_cut().keys["a.example"] == {"read our terms before you write to us"}
    assert cleaner_version(newer.to_cut()) == f"{cleaner_version(None)}+lines.2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = ", "lines.toml is not TOML"),
        ("[sites.a]", "version is not a number"),
        ("version = 1\nline = 2", "has version and [sites.…], not line"),
        ("version = 1\n[sites.a]\nline = []", "sites.a has lines, pinned, forbidden"),
        ("version = 1\n[sites.a]\nlines = [1]", "sites.a.lines is not a list of lines"),
    ],
)
def test_a_wrong_table_says_where(text: str, says: str) -> None:
    with pytest.raises(SiteLinesError, match=says.replace("[", r"\[")):
        read_lines(text, "lines.toml")


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LINES = st.lists(NAMES).map(tuple)


@settings(max_examples=30)
@given(st.dictionaries(NAMES, st.builds(Decisions, LINES, LINES, LINES)))
def test_what_is_written_is_read(sites: dict[str, Decisions]) -> None:
    table = LineTable(7, sites)
    assert read_lines(write_lines(table)) == table


def test_the_site_of_an_article() -> None:
    assert site_of("https://www.a.example/x", "https://b.example/", "A", "s") == "a.example"
    assert site_of("file:/a.html", "https://b.example/y", "A", "s") == "b.example"
    assert site_of("file:/a.txt", None, "Coast Wire", "s") == "coast wire"
    assert site_of("file:/a.txt", None, None, "Blog") == "blog"
