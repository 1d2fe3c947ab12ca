"""Whole pages of our own making, through ``gather`` and ``reconcile``."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Hints
from copydesk.tasks.cleaning.metadata import Metadata, TextBlock, TextBlocks, gather, reconcile

SEEN = datetime(2025, 6, 1, tzinfo=UTC)
URL = "https://www.dailyferry.example/news/late-ferries"

PAGE = """<!doctype html><html lang="en-GB"><head>
<title>Ferries are late again | The Daily Ferry</title>
<meta property="og:title" content="Ferries are late again">
<meta property="og:site_name" content="The Daily Ferry">
<meta property="og:type" content="article"><meta property="og:image" content="/img/ferry.jpg">
<meta property="article:published_time" content="2025-05-03T08:30:00+01:00">
<meta property="article:modified_time" content="2025-05-04T10:00:00+01:00">
<meta property="article:section" content="Harbour">
<meta property="article:tag" content="Ferries"><meta property="article:tag" content="Harbour">
<meta name="author" content="Jane Roe"><link rel="canonical" href="/news/late-ferries">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferries are late again",
"author":[{"@type":"Person","name":"Jane Roe"},{"@type":"Person","name":"Adam Poe"}],
"description":"The bay waits.","publisher":{"@type":"Organization","name":"The Daily Ferry"}}
</script></head><body><header>The Daily Ferry</header><article><h1>Ferries are late again</h1>
<p class="byline">By Jane Roe and Adam Poe</p><p>{body}</p></article></body></html>"""
BODY = "The ferry crosses the bay every morning and brings bread and mail to the island. " * 4


def read(page: str, *blocks: TextBlock, url: str | None = URL, **others: object) -> Metadata:
    evidence = gather(LexborHTMLParser(page), url)
    output = TextBlocks.of(blocks)
    return reconcile(evidence, blocks=output, url=url, observed_at=SEEN, **others)  # type: ignore[arg-type]


def test_a_page_that_says_everything() -> None:
    metadata = read(PAGE.replace("{body}", BODY), TextBlock(BODY, "p", in_article=True))
    assert metadata == Metadata(
        title="Ferries are late again",
        authors=("Jane Roe", "Adam Poe"),
        published_at=datetime.fromisoformat("2025-05-03T08:30:00+01:00"),
        modified_at=datetime.fromisoformat("2025-05-04T10:00:00+01:00"),
        language="en",
        site="The Daily Ferry",
        canonical_url=URL,
        image_url="https://www.dailyferry.example/img/ferry.jpg",
        section="Harbour",
        tags=("Ferries", "Harbour"),
        standfirst="The bay waits.",
        kinds=("article", "newsarticle", "person"),
        evidence={
            "title": "h1, json-ld headline, meta og:title, title",
            "authors": "json-ld author",
            "published_at": "meta article:published_time",
            "modified_at": "meta article:modified_time",
            "language": "text",
            "site": "meta og:site_name",
            "canonical_url": "link canonical",
            "image_url": "meta og:image",
            "section": "meta article:section",
            "tags": "meta article:tag",
            "standfirst": "json-ld description",
        },
    )


def test_a_page_that_says_nothing() -> None:
    assert read("<p></p>", url=None) == Metadata()


def test_visible_lines_stand_in_for_metadata() -> None:
    metadata = read(
        "<h1>Ferries are late</h1>",
        TextBlock("Ferries are late", "h1", in_article=True),
        TextBlock("By Jane Roe · May 3, 2025 · 4 min read", "p", in_article=False),
        TextBlock(BODY, "p", in_article=True),
    )
    assert metadata.authors == ("Jane Roe",)
    assert metadata.published_at == datetime(2025, 5, 3, tzinfo=UTC)
    assert metadata.evidence["published_at"] == "visible date; the day alone"


@pytest.mark.parametrize("date", ["2031-01-01", "1970-01-01T00:00:00Z", "0001-01-01", "soon"])
def test_implausible_dates_are_refused(date: str) -> None:
    page = f'<meta property="article:published_time" content="{date}">'
    assert read(page).published_at is None


def test_without_an_observation_only_absurd_dates_are_refused() -> None:
    page = '<meta property="article:published_time" content="{}-01-01T00:00:00Z">'
    collected = [
        reconcile(
            gather(LexborHTMLParser(page.format(year)), None),
            blocks=TextBlocks.of(()),
            url=None,
            observed_at=None,
        ).published_at
        for year in (2031, 2931)
    ]
    assert collected == [datetime(2031, 1, 1, tzinfo=UTC), None]


def test_a_time_without_a_zone_is_taken_as_utc_and_says_so() -> None:
    metadata = read('<meta property="article:published_time" content="2025-05-03 08:30:00">')
    assert metadata.published_at == datetime(2025, 5, 3, 8, 30, tzinfo=UTC)
    assert metadata.evidence["published_at"].endswith("no zone, UTC assumed")


def test_the_address_decides_between_two_days() -> None:
    page = '<meta property="article:published_time" content="2019-01-01">'
    metadata = read(page, url="https://example.org/2025/05/03/ferries")
    assert metadata.published_at == datetime(2025, 5, 3, tzinfo=UTC)


def test_an_older_visible_date_corrects_a_declared_one_that_is_not_shown() -> None:
    metadata = read(
        '<h1>Late</h1><meta name="date" content="2025-05-20">',
        TextBlock("Late", "h1", in_article=True),
        TextBlock("3 May 2024", "p", in_article=False),
    )
    assert metadata.published_at == datetime(2024, 5, 3, tzinfo=UTC)


def test_comments_and_teasers_name_no_author_and_no_date() -> None:
    page = """<h1>Late</h1><div class="comment-list"><div class="comment-author">Bob Low</div>
    <time datetime="2025-05-09">9 May</time></div>
    <aside><span class="author-name">Cora Dahl</span></aside>"""
    metadata = read(page, TextBlock("Late", "h1", in_article=True))
    assert (metadata.authors, metadata.published_at) == ((), None)


def test_a_byline_in_the_article_s_own_footer_counts() -> None:
    page = """<article><h1>Late</h1><footer><span class="byline">By
    <a rel="author">Jane Roe</a></span>
    <time class="published" datetime="2025-05-03T08:00:00Z">3 May</time></footer></article>"""
    metadata = read(page)
    assert metadata.authors == ("Jane Roe",)
    assert metadata.published_at == datetime(2025, 5, 3, 8, tzinfo=UTC)


def test_a_house_is_author_only_where_nobody_else_is_named() -> None:
    byline = '<meta property="og:site_name" content="Acme"><p class="author-name">By {}</p>'
    assert read(byline.format("Acme")).authors == ("Acme",)
    assert read(byline.format("Jane Roe, Acme")).authors == ("Jane Roe",)


def test_another_article_in_the_page_s_data_is_not_this_one() -> None:
    page = """<title>Ferries are late</title><script type="application/ld+json">[
    {"@type":"Article","headline":"Mail is slow","author":"Cora Dahl","url":"/mail"},
    {"@type":"Article","headline":"Ferries are late","author":"Jane Roe",
    "url":"/news/late-ferries"}]
    </script>"""
    metadata = read(page)
    assert (metadata.title, metadata.authors) == ("Ferries are late", ("Jane Roe",))


def test_a_feed_s_word_counts_where_the_page_is_silent() -> None:
    hints = Hints(
        title="Late", authors=("Jane Roe",), published_at=datetime(2025, 5, 3, tzinfo=UTC)
    )
    metadata = read("<p>…</p>", hints=hints)
    assert (metadata.title, metadata.authors) == ("Late", ("Jane Roe",))
    assert metadata.published_at == datetime(2025, 5, 3, tzinfo=UTC)
    assert {metadata.evidence[f] for f in ("title", "authors", "published_at")} == {"feed"}


def test_addresses_that_are_none_are_left_out() -> None:
    page = (
        '<link rel="canonical" href="javascript:x()"><meta property="og:image" content="http://[">'
    )
    metadata = read(page)
    assert (metadata.canonical_url, metadata.image_url) == (None, None)


PIECES = [
    "<meta property='og:title' content='",
    "<script type='application/ld+json'>",
    "</script>",
    "<h1>",
    "<time datetime='",
    "<a rel=author>",
    "'>",
    "By ",
    "2025-01-01",
    "{",
    "}",
    '"',
    "<div class='author date'>",
    "</div>",
    "\x00",
    "@graph",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=30))
def test_any_page_is_read(parts: list[str]) -> None:
    page = "".join(parts)
    read(page, *(TextBlock(part, "p", in_article=False) for part in parts))


@pytest.mark.parametrize(
    "page",
    [
        "<time class='date author' datetime=2025-01-01>" * 20_000,
        "<meta name=author content='A B'>" * 20_000,
        "<div class=byline>" * 3_000 + "By Jane Roe",
        "<script type='application/ld+json'>" + '{"@graph":[' * 20_000 + "</script>",
        "<p class='author'>" + "By A and " * 50_000 + "</p>",
    ],
    ids=["times", "metas", "nested", "json", "names"],
)
def test_a_hostile_page_ends(page: str) -> None:
    read(page)


def test_many_blocks_that_look_like_dates_and_bylines_end() -> None:
    blocks = [TextBlock("By 1 2020 " * 15, "p", in_article=False)] * 20_000
    assert read("<h1>Late</h1>", *blocks).title == "Late"


def test_text_nested_in_many_elements_is_read_once_or_not_at_all() -> None:
    page = "<h1><div class='author date'>" * 400 + "word " * 200_000
    assert read(page).title is None


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        ("Veröffentlicht am 3. Mai 2024, aktualisiert am 5. Mai 2024", (3, 5), (5, 5)),
        ("Publié le 3 mai 2024", (3, 5), None),
        ("Опубликовано 3 мая 2024", (3, 5), None),
        ("更新 2024年5月5日 公開 2024年5月3日", (3, 5), (5, 5)),
        ("Copyright 3 May 2024", None, None),
    ],
)
def test_labels_beside_dates_in_any_language(
    line: str, published: tuple[int, int] | None, modified: tuple[int, int] | None
) -> None:
    metadata = read(
        "<h1>Late</h1>",
        TextBlock("Late", "h1", in_article=True),
        TextBlock(line, "p", in_article=False),
    )
    days = [(d.day, d.month) if d else None for d in (metadata.published_at, metadata.modified_at)]
    assert days == [published, modified]


def test_a_declared_language_counts_where_the_text_is_short() -> None:
    assert read('<html lang="sv-SE"><h1>Hej</h1>').language == "sv"
    wrong = '<html lang="en"><body>'
    german = "Die Fähre quert jeden Morgen die Bucht und bringt Brot und Post auf die Insel."
    assert read(wrong, TextBlock(german, "p", in_article=True)).language == "de"


def test_kinds_come_from_microdata_too() -> None:
    page = '<div itemscope itemtype="https://schema.org/Product"></div>'
    assert read(page).kinds == ("product",)


def test_a_declared_date_that_is_shown_as_the_last_change_gives_way() -> None:
    metadata = read(
        '<h1>Late</h1><meta name="date" content="2025-05-20">',
        TextBlock("Late", "h1", in_article=True),
        TextBlock("Published May 3, 2023", "p", in_article=False),
        TextBlock("Updated May 20, 2025", "p", in_article=False),
    )
    assert metadata.published_at == datetime(2023, 5, 3, tzinfo=UTC)


def test_a_table_of_dates_is_no_date_line() -> None:
    cells = [TextBlock(f"{month}/1/2013", "td", in_article=True) for month in range(1, 9)]
    assert (
        read("<h1>Late</h1>", TextBlock("Late", "h1", in_article=True), *cells).published_at is None
    )


H1 = TextBlock("Late", "h1", in_article=True)


@pytest.mark.parametrize(
    ("page", "shown", "day"),
    [
        # An attribute knows day from month where the text is ambiguous.
        ("<time datetime='2023-10-12T19:38:01Z'>10/12/2023</time>", "10/12/2023 | 3 min", 12),
        # Of two declared days, the one that is shown.
        (
            "<meta property='article:published_time' content='2023-09-01'>"
            "<meta name='date' content='2023-10-12'>",
            "Oct 12, 2023",
            12,
        ),
        # A text that says "Published" is believed, unless the page was changed before.
        (
            "<meta name='date' content='2023-10-09'><span class='date'>Published <b>October 12, "
            "2023</b></span>",
            "",
            12,
        ),
        (
            "<meta name='date' content='2023-10-09'><meta name='lastmod' content='2023-10-10'>"
            "<span class='date'>Published <b>October 12, 2023</b></span>",
            "",
            9,
        ),
        ("<span class='date'>Originally published on 12 Oct 2023</span>", "30 Sep 2024", 12),
        # Of a day that no zone makes of the declared time.
        ("<meta name='date' content='2023-10-13T22:02:00Z'>", "12 October 2023", 12),
        ("<meta name='date' content='2023-10-13T02:02:00Z'>", "12 October 2023", 13),
    ],
)
def test_declared_and_shown_days_are_weighed(page: str, shown: str, day: int) -> None:
    metadata = read(f"<h1>Late</h1>{page}", H1, TextBlock(shown, "p", in_article=False))
    assert metadata.published_at is not None
    assert (metadata.published_at.month, metadata.published_at.day) == (10, day)


def test_several_days_below_a_headline_correct_no_declared_one() -> None:
    cells = [TextBlock(f"{month}/1/2013", "td", in_article=True) for month in (1, 2, 3)]
    metadata = read("<meta name='date' content='2025-02-12'><h1>Late</h1>", H1, *cells)
    assert metadata.published_at == datetime(2025, 2, 12, tzinfo=UTC)


def test_where_the_address_has_the_local_day_the_page_s_own_offset_counts() -> None:
    page = (
        '<meta property="article:published_time" content="2025-05-04T03:05:12+00:00"><h1>Late</h1>'
        '<time datetime="2025-05-03T19:05:00-08:00">May 3, 2025</time>'
    )
    metadata = read(page, url="https://example.org/2025/05/03/late")
    assert metadata.published_at is not None
    assert metadata.published_at.isoformat() == "2025-05-03T19:05:12-08:00"
    assert metadata.evidence["published_at"] == "meta article:published_time"


def test_a_theme_s_long_class_makes_no_breadcrumbs() -> None:
    menu = "<ul><li>Home</li><li>Shop</li><li>Help</li></ul>"
    page = f"<body class='{'wide ' * 120}has-breadcrumbs'>{menu}</body>"
    assert gather(LexborHTMLParser(page), None).breadcrumbs == ()
    trail = f"<body><nav class='breadcrumb'>{menu}</nav></body>"
    assert gather(LexborHTMLParser(trail), None).breadcrumbs == ("Home", "Shop", "Help")
