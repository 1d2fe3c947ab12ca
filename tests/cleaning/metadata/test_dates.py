"""Which of a page's dates is that of publication: what is declared, what readers see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import clean
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
    metadata = read(JSON_LD.format("2019-03-01"), "Last updated: May 20, 2025")
    assert metadata.published_at == datetime(2025, 5, 20, 9, 30, tzinfo=UTC)
    assert metadata.modified_at == metadata.published_at
    message = "visible date of change; not shown: json-ld datePublished 2019-03-01"
    assert metadata.evidence["published_at"] == message


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
    metadata = read("", *lines)
    assert day(metadata) == published
    assert (metadata.modified_at.date().isoformat() if metadata.modified_at else None) == modified


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
    metadata = read("", *lines)
    assert day(metadata) == expected
    if expected == "2025-05-01":
        assert metadata.evidence["published_at"].endswith("; the month alone")


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


BODY = (
    "<p>The harbour council met on Monday evening to settle the question of the old crane, which "
    "has stood idle beside the north quay for eleven years and costs more than it earns.</p>"
)
DECLARED = '<meta property="article:published_time" content="2024-11-06T10:00:00+00:00">'


def cleaned(
    before: str = "", within: str = "", after: str = "", *, head: str = "", lang: str = "en",
    top: str = "", seen: datetime | None = None,
) -> str | None:  # fmt: skip
    """The day of a whole page with this above its text, in it and below it."""
    page = (
        f'<!doctype html><html lang="{lang}"><title>Crane stays</title>{head}<body><header>{top}'
        f"<nav><a href=/>Home</a> <a href=/n>News</a></nav></header><main><article>"
        f"<h1>Crane stays</h1>{before}{BODY}{within}{BODY * 3}</article>{after}</main>"
    )
    article = clean(page, media_type="text/html", observed_at=seen)
    assert isinstance(article, Article)
    return article.published_at.date().isoformat() if article.published_at else None


FOREIGN = {
    "tweet": "<blockquote class=twitter-tweet>It stays — <a href=x>March 3, 2021</a></blockquote>",
    "caption": "<figure><img src=a><figcaption>The quay on 31 May 2021</figcaption></figure>",
    "credit": "<div class=wp-caption><img src=a><p class=wp-caption-text>Kai, 31.05.2021</p></div>",
    "source": "<p>Harbour Letter 5/6, 25 December 2005:</p>",
    "heading": "<h3>3 March 2021</h3><p>The crane was seen by two men from the insurers.</p>",
    "table": "<table><tr><td>Inspected</td><td>3 May 2020</td></tr></table>",
}
BELOW = {
    "comment": "<section class=comments><p class=date>June 1, 2023</p><p>I saw it.</p></section>",
    "related": "<aside class=related><h3>Ferry</h3><span class=date>3 May 2023</span></aside>",
    "teasers": "<h2>More stories</h2><ul><li><a href=x>Ferry adds crossings</a> <time "
    "datetime=2023-05-03>3 May 2023</time></li></ul>",
}


@pytest.mark.parametrize("head", ["", DECLARED], ids=["nothing declared", "declared"])
@pytest.mark.parametrize("what", [*FOREIGN, *BELOW])
def test_days_of_something_else(what: str, head: str) -> None:
    day = cleaned(within=FOREIGN.get(what, ""), after=BELOW.get(what, ""), head=head)
    assert day == ("2024-11-06" if head else None)


@pytest.mark.parametrize(
    "note",
    [
        "<p><em>This post was originally published on October 7, 2018.</em></p>",
        "<p><i>Dieser Text erschien ursprünglich am 7. Oktober 2018.</i></p>",
        "<p>Cet article a été initialement publié le 7 octobre 2018.</p>",
    ],
)
def test_a_first_publication_elsewhere_does_not_overrule(note: str) -> None:
    assert cleaned(note, head=DECLARED) == "2024-11-06"


@pytest.mark.parametrize(
    "top",
    [
        "<span class=today>Saturday, November 30, 2024</span>",
        "<div id=current-date>30.11.2024</div>",
        "<p>Samstag, 30. November 2024</p>",
    ],
)
def test_today_s_date_in_the_page_s_header(top: str) -> None:
    assert cleaned(top=top) is None
    assert cleaned("<p class=date>6 November 2024</p>", top=top) == "2024-11-06"


@pytest.mark.parametrize("shown", ["01/11/2021", "11/01/2021", "01/11/21", "Published 1/11/2021"])
@pytest.mark.parametrize("lang", ["en", "en-GB", "fr"])
def test_the_declared_day_chooses_the_order(shown: str, lang: str) -> None:
    head = DECLARED.replace("2024-11-06", "2021-11-01")
    assert cleaned(f"<span class=date>{shown}</span>", head=head, lang=lang) == "2021-11-01"


def test_an_older_day_above_the_text_overrules() -> None:
    assert cleaned("<p class=date>3 May 2023</p>", head=DECLARED) == "2023-05-03"


def test_relative_days_need_an_observation_and_a_place() -> None:
    observed = datetime(2024, 3, 7, 12, tzinfo=UTC)
    line = "<div class=meta><span>By Ada Roe</span> · <span>2 days ago</span></div>"
    assert cleaned(line, seen=observed) == "2024-03-05"
    assert cleaned("<time>Yesterday</time>", seen=observed) == "2024-03-06"
    assert cleaned(line) is None
    below = "<section class=comments><p class=date>2 days ago</p><p>I saw it.</p></section>"
    assert cleaned(after=below, seen=observed) is None
    assert cleaned("<p>Today</p>", seen=observed) is None


@pytest.mark.parametrize(
    "line",
    [
        "Date of birth: March 9, 2023",
        "Opening night: March 9, 2023",
        "Kinostart: 9. März 2023",
        "Data wydarzenia: 9 marca 2023",
        "Срок подачи: 9 марта 2023",
        "上映日期：2023年3月9日",
        "행사일: 2023년 3월 9일",
        "موعد الفعالية: 9 مارس 2023",
        "Yarışma günü: 9 Mart 2023",
        "Foto vom 9. März 2023",
        "Gültig bis 9. März 2023",
        "Geldig tot 9 maart 2023",
        "有効期限 2023年3月9日",
    ],
)
def test_a_label_that_tells_of_something_else(line: str) -> None:
    assert day(read("", line)) is None
    assert day(read("", line, "Published: 2024-03-05")) == "2024-03-05"


@pytest.mark.parametrize(
    "line",
    [
        "Date: March 9, 2023",
        "Vom 9. März 2023",
        "Press release: March 9, 2023",
        "Veröffentlichungsdatum: 9. März 2023",
        "Zeitung | Datum: 9. März 2023",
        "Data publikacji: 9 marca 2023",
        "作者： 2023-03-09",
        "时间：2023年3月9日",
        "작성일: 2023.03.09",
    ],
)
def test_a_label_that_tells_of_the_text(line: str) -> None:
    assert day(read("", line)) == "2023-03-09"


@pytest.mark.parametrize(
    "text", ["قبل يوم", "en dag sedan", "день назад", "一天前", "bir gün önce", "sehari yang lalu"]
)
def test_a_day_ago_without_a_number(text: str) -> None:
    observed = datetime(2024, 3, 7, 12, tzinfo=UTC)
    assert cleaned(f"<p class=date>{text}</p>", seen=observed) == "2024-03-06"
