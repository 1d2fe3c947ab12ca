from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import markdown
from copydesk.tasks.cleaning.markdown import clean_markdown, front_matter

SOURCE = """---
title: "The ferry: a history"
subtitle: How the islands got their boats
author: [Noor Haddad, Ewa K.]
date: 2026-01-19
lastmod: 2026-02-01T10:00:00+01:00
tags: [ferries, islands]
categories: Harbour
lang: en-GB
canonical_url: https://harbour.example/ferry
---

# The ferry: a history

The *first* boat, the [Gannet](https://harbour.example/gannet), had
two decks.

![A boat](boat.jpg)

- coal
- coffee

| year | boats |
|------|-------|
| 1887 | 2     |

<!-- an editor's note -->
"""


def article(source: str) -> Article:
    result = clean_markdown(source)
    assert isinstance(result, Article)
    return result


def test_front_matter_and_text() -> None:
    result = article(SOURCE)
    assert result.title == "The ferry: a history"
    assert result.standfirst == "How the islands got their boats"
    assert result.authors == ("Noor Haddad", "Ewa K.")
    assert result.published_at == datetime(2026, 1, 19, tzinfo=UTC)
    assert result.modified_at == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert (result.tags, result.section) == (("ferries", "islands"), "Harbour")
    assert (result.language, result.canonical_url) == ("en", "https://harbour.example/ferry")
    assert result.text == (
        "The first boat, the Gannet, had two decks.\n\ncoal\ncoffee\n\nyear | boats\n1887 | 2"
    )
    assert result.markdown is not None
    assert result.markdown.startswith("# The ferry")
    assert [cut.rule for cut in result.cuts] == ["repeated_title"]


@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: A day: out\ndate: soon\n---\n",  # not YAML
        "+++\ntitle = 'A day: out'\n+++\n",
        "---\r\ntitle: 'A day: out'\r\n---\r\n",
    ],
)
def test_front_matter_in_other_forms(front: str) -> None:
    result = article(front + "We went there.")
    assert (result.title, result.text) == ("A day: out", "We went there.")


def test_rules_are_no_front_matter() -> None:
    assert front_matter("---\n\nJust a line\n\n---\n\nText.")[0] == {}


def test_a_page_turned_into_markdown_is_cleaned_as_copied_text() -> None:
    body = "The boats came back at noon, and nobody had expected them before the evening. " * 3
    result = article(
        f"# The boats came back\n\n{body}\n\n## Leave a Reply\n\nName \\*\n\nEmail \\*"
    )
    assert (result.title, result.text) == ("The boats came back", body.strip())


@given(st.text(max_size=300))
def test_total(source: str) -> None:
    clean_markdown(source)
    clean_markdown(f"---\n{source}\n---\n{source}")


@pytest.mark.parametrize("front", ["", "---\ntitle: Harbour\n---\n"])
@pytest.mark.parametrize(
    "line",
    [
        "The *first* boat had two decks, and the [second](/a) one had three.\n\n",
        "- The first boat had two decks, and nobody would say that it had been slow.\n",
        "12. The first boat had two decks, and nobody would say that it had been slow.\n",
    ],
)
def test_what_has_too_many_marks_to_be_read_says_that_it_has_them(
    front: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "MOST_MARKS", 90)
    small, many = (clean_markdown(front + "# Harbour\n\n" + line * n) for n in (6, 40))
    assert isinstance(many, Article)
    assert line.strip() in many.text
    assert many.evidence["text"] == "markdown_with_marks"
    assert isinstance(small, Article)
    assert line.strip() not in small.text
    assert small.evidence["text"] != "markdown_with_marks"
