"""Which of a page's dates is that of publication: what is declared, what readers see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata import Metadata, TextBlock, TextBlocks, gather, reconcile

SEEN = datetime(2025, 6, 1, tzinfo=UTC)


def read(page: str, *lines: str) -> Metadata:
    """Read a page whose blocks are its headline and these lines."""
    blocks = [TextBlock("Late ferries", "h1", in_article=True)]
    blocks += [TextBlock(line, "p", in_article=False) for line in lines]
    evidence = gather(LexborHTMLParser(f"<h1>Late ferries</h1>{page}"), None)
    return reconcile(evidence, blocks=TextBlocks.of(blocks), url=None, observed_at=SEEN)


def day(known: Metadata) -> str | None:
    return known.published_at.date().isoformat() if known.published_at else None


JSON_LD = (
    '<script type="application/ld+json">{{"@type":"Article","headline":"Late ferries",'
    '"datePublished":"{}","dateModified":"2025-05-20T09:30:00Z"}}</script>'
)
META = '<meta property="article:published_time" content="2019-03-01T08:00:00Z">'


def test_a_page_kept_up_to_date_is_dated_as_readers_see_it() -> None:
    known = read(JSON_LD.format("2019-03-01"), "Last updated: May 20, 2025")
    assert known.published_at == datetime(2025, 5, 20, 9, 30, tzinfo=UTC)
    assert known.modified_at == known.published_at
    said = "visible date of change; not shown: json-ld datePublished 2019-03-01"
    assert known.evidence["published_at"] == said


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        # The page's head declares the day, too.
        (JSON_LD.format("2019-03-01") + META, ["Last updated: May 20, 2025"]),
        # Readers see the first day.
        (JSON_LD.format("2019-03-01"), ["March 1, 2019", "Last updated: May 20, 2025"]),
        (
            JSON_LD.format("2019-03-01") + "<p class=date>1 March 2019</p>",
            ["Last updated: May 20, 2025"],
        ),
        # The shown day is no change that anything tells of.
        (JSON_LD.format("2019-03-01"), ["May 4, 2025"]),
    ],
    ids=["head", "shown", "element", "no change"],
)
def test_a_first_day_that_stands_firm_is_kept(page: str, lines: list[str]) -> None:
    assert day(read(page, *lines)) == "2019-03-01"


def test_a_story_corrected_within_days_keeps_its_day() -> None:
    assert day(read(JSON_LD.format("2025-05-18"), "Updated May 20, 2025")) == "2025-05-18"


@pytest.mark.parametrize(
    ("lines", "published", "modified"),
    [
        (["Published", "May 3, 2025", "Updated on", "May 5, 2025"], "2025-05-03", "2025-05-05"),
        (["Page updated:", "5 May 2025", "Published:", "3 May 2025"], "2025-05-03", "2025-05-05"),
        (["Veröffentlicht am", "3. Mai 2025"], "2025-05-03", None),
        (["Published", "|", "3 May 2025"], "2025-05-03", None),
        # A kicker that holds such a word is no label.
        (["Travel news and updates", "3 May 2025"], "2025-05-03", None),
        # Nor does a label that has its own date reach farther.
        (["Updated 5 May 2025", "3 May 2025"], "2025-05-03", "2025-05-05"),
        (["Senior AnalystUpdated May 5, 2025", "May 3, 2025"], "2025-05-03", "2025-05-05"),
    ],
)
def test_a_label_in_the_block_above(lines: list[str], published: str, modified: str | None) -> None:
    known = read("", *lines)
    assert day(known) == published
    assert (known.modified_at.date().isoformat() if known.modified_at else None) == modified


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["May 2025"], "2025-05-01"),
        (["Date", "mai 2025"], "2025-05-01"),
        (["The ferry is late. " * 20] * 30 + ["Last reviewed: May 2025"], "2025-05-01"),
        (["The ferry is late. " * 20] * 30 + ["May 2025"], None),  # an archive's list
        (["Sale of May 2025 begins"], None),
        (["May 2035"], None),
        (["May 2025", "3 April 2025"], "2025-04-03"),  # a day is better
    ],
)
def test_a_month_counts_where_no_day_is_told(lines: list[str], expected: str | None) -> None:
    known = read("", *lines)
    assert day(known) == expected
    if expected == "2025-05-01":
        assert known.evidence["published_at"].endswith("; the month alone")


@pytest.mark.parametrize(
    "element",
    [
        "<time title='Sat, 03 May 2025 09:00:00 GMT'>4 weeks ago</time>",
        "<span class=post-date data-timestamp=1746262800>4 weeks ago</span>",
        "<time aria-label='May 3, 2025'>May 3</time>",
    ],
)
def test_attributes_tell_the_day_of_relative_text(element: str) -> None:
    assert day(read(element)) == "2025-05-03"


def test_teasers_of_several_days_give_way_to_a_date_below() -> None:
    cards = "".join(f"<p class=date>{n} May 2025</p>" for n in (9, 12, 20))
    body = ["The ferry is late. " * 20] * 30
    assert day(read(cards, *body, "Publish date", "3 May 2025")) == "2025-05-03"
    assert day(read(cards, *body, "3 May 2025")) == "2025-05-09"
