"""Titles of whole pages: what a heading holds besides, chains of site parts, counters, escapes."""

from __future__ import annotations

import pytest

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.metadata.title_parts import (
    parts_of,
    trimmed_heading,
    without_counter,
    without_site_parts,
)

TITLE = "Ferry company sells its oldest boat"
BODY = (
    "<p>The ferry company said on Monday that its oldest boat, which has crossed the bay for sixty "
    "years, is to be sold to a museum on the other shore before the winter begins.</p>" * 4
)


def title_of(
    heading: str | None = TITLE,
    *,
    page: str = TITLE,
    head: str = f'<meta property="og:title" content="{TITLE}">',
    top: str = "",
    line: str = "",
) -> str | None:
    """The title of a page with this heading, this title in its head, these lines above its text."""
    h1 = "" if heading is None else f"<h1>{heading}</h1>"
    article = clean(
        f"<!doctype html><html lang=en><title>{page}</title>{head}<body><header>{top}<nav>"
        f"<a href=/>Home</a></nav></header><main><article>{h1}{line}{BODY}</article></main>",
        media_type="text/html",
    )
    assert isinstance(article, Article)
    return article.title


@pytest.mark.parametrize(
    "heading",
    [
        f"{TITLE} <a href=e>[edit]</a>",
        f"{TITLE}<a class=headerlink href=#x>¶</a>",
        f"{TITLE} <a href=#x>#</a>",
        f"{TITLE} [<a>编辑</a>]",
        f"<span class=date>1 February 2022</span> {TITLE}",
        f"{TITLE} <span class=by>Nora Low</span>",
        f"<span class=kicker>At sea</span> <span>{TITLE}</span>",
        f"{TITLE} <button>Share</button><button>Print</button>",
        f"{TITLE} <a>12 comments</a>",
        f"1 February 2022 {TITLE}",
        f"{TITLE} ¶",
        f"{TITLE} <span class=count>(12)</span>",
        f"{TITLE} <b>[3]</b>",
        f"{TITLE} ★★★★☆",
    ],
)
def test_a_heading_that_holds_more(heading: str) -> None:
    assert title_of(heading) == TITLE
    assert title_of(heading, page=f"{TITLE} | Bay News", head="") == TITLE


def test_a_heading_that_says_more_is_kept() -> None:
    longer = f"{TITLE}: a farewell"
    assert trimmed_heading(longer, (longer,), (TITLE,), ()) == longer
    assert trimmed_heading("2025 price list", ("2025", "price list"), ("price list",), ()) == (
        "2025 price list"
    )


@pytest.mark.parametrize(
    "page",
    [
        f"Bay Diary » Blog Archive » {TITLE}",
        f"{TITLE} | Bay Diary",
        f"Bay Diary: {TITLE}",
        f"{TITLE} — Bay Diary — Harbour",
    ],
)
@pytest.mark.parametrize("tag", ["h2", "div"])
def test_a_heading_that_is_the_site_s_name(page: str, tag: str) -> None:
    top = "<h1><a href=/>Bay Diary</a></h1>"
    assert title_of(None, page=page, head="", top=top, line=f"<{tag}>{TITLE}</{tag}>") == TITLE


@pytest.mark.parametrize(
    ("title", "page", "site"),
    [
        ("Паром продан музею", "Паром продан музею — Дневник залива", "Дневник залива"),
        ("Das Schiff geht", "Tagebuch der Bucht: Das Schiff geht", "Tagebuch der Bucht"),
        ("船は博物館へ", "船は博物館へ_湾の日記", "湾の日記"),
        ("배는 박물관으로", "배는 박물관으로 < 문화 < 기사본문 - 만의 일기", "만의 일기"),
        ("Le bateau part", "(2) Le bateau part « Journal de la baie", "Journal de la baie"),
    ],
)
@pytest.mark.parametrize(
    "top", ["<a href=/>{}</a>", "<h1>{0}</h1><p><a href=https://bay.example/>{0}</a></p>"]
)
def test_what_links_to_the_start_page_is_the_site_s_name(
    title: str, page: str, site: str, top: str
) -> None:
    html = (
        f"<html><head><title>{page}</title></head><body><header>{top.format(site)}</header>"
        f"<main>{BODY}</main><footer>© {site}</footer></body></html>"
    )
    cleaned = clean(html, media_type="text/html", url="https://bay.example/2024/boat")
    assert isinstance(cleaned, Article)
    assert cleaned.title == title


def test_a_page_named_only_as_its_start_page_keeps_its_name() -> None:
    top = "<h1>Bay Diary</h1><a href=/>Bay Diary</a>"
    assert title_of(None, page="Bay Diary", head="", top=top) == "Bay Diary"


def test_a_section_below_the_headline_is_not_the_title() -> None:
    line = "<p>News and notes of the harbour and of the bay</p>"
    page = f"{TITLE} | News and notes of the harbour and of the bay"
    assert title_of(page=page, head="", line=line) == TITLE


LONG = "The ferry leaves the harbour"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("轮渡公司出售最旧的船-海港网", "轮渡公司出售最旧的船"),
        ("轮渡公司出售最旧的船_图片频道_海港网", "轮渡公司出售最旧的船"),
        ("轮渡公司出售最旧的船--时政--海港网", "轮渡公司出售最旧的船"),
        ("輪渡公司出售最舊的船｜海港新聞網", "輪渡公司出售最舊的船"),
        ("渡船会社、最も古い船を売却 - 港ニュース", "渡船会社、最も古い船を売却"),
        ("여객선 회사, 가장 오래된 배 매각 - 포구일보", "여객선 회사, 가장 오래된 배 매각"),
        ("轮渡公司：旧船出售给博物馆", "轮渡公司：旧船出售给博物馆"),
        ("Ferry sold < Culture < Articles", "Ferry sold"),
        ("Boats < 12 metres", "Boats < 12 metres"),
        ("海港网", "海港网"),
        ("Ferry - Harbour Net", "Ferry - Harbour Net"),
        (f"{LONG} / Статьи / Портовые вести", LONG),
        (f"{LONG} :: Новости :: Порт.ру", LONG),
        (f"{LONG} – Kotimaa – Satamasanomat", LONG),
        (f"{LONG} | by Rosa Marsh | Harbour Post", LONG),
        (f"{LONG} – aged 80 – for good", f"{LONG} – aged 80 – for good"),
        (f"{LONG} - Ports / Ferries", f"{LONG} - Ports / Ferries"),
        (f"{LONG} | The city of ports | News", f"{LONG} | The city of ports | News"),
        ("Tea / Milk / Sugar", "Tea / Milk / Sugar"),
        (f"Harbour Post » Blog Archive » {LONG}", LONG),
        ("Blog Archive »", "Blog Archive »"),
    ],
)
def test_parts_that_end_as_sites_do(title: str, expected: str) -> None:
    assert without_site_parts(title) == expected


@pytest.mark.parametrize("count", ["(3) ", "(12) ", "[3] ", "(99+) "])
def test_counts_of_notifications(count: str) -> None:
    assert title_of(None, page=count + TITLE, head="") == TITLE
    assert without_counter("(500) Days at sea", ["(500) Days at sea"]) == "(500) Days at sea"


@pytest.mark.parametrize(
    ("page", "heading", "expected"),
    [
        ("Low &amp;amp; Sons&amp;rsquo; boat", None, "Low & Sons’ boat"),
        ("Low &amp; Sons sell a boat", "Low &amp;amp; Sons sell a boat", "Low & Sons sell a boat"),
        ("The &amp;#8220;old&amp;#8221; boat", None, "The “old” boat"),
        ("Old&nbsp;boat coun&shy;cil&#8203; vote", None, "Old boat council vote"),
        ("The &lt;boat&gt; element", "The &lt;boat&gt; element", "The <boat> element"),
    ],
)
def test_escapes_and_invisible_characters(page: str, heading: str | None, expected: str) -> None:
    assert title_of(heading, page=page, head="") == expected


def test_parts_of_a_chain() -> None:
    assert list(parts_of("Crane stays | News | Bay Post Daily")) == [
        "News | Bay Post Daily", "Crane stays | News", "Bay Post Daily", "Crane stays",
    ]  # fmt: skip
    assert list(parts_of("Crane stays")) == []


def test_a_site_is_named_by_its_title_where_publisher_or_host_agree() -> None:
    data = """<script type="application/ld+json">{"@type":"Article","name":"Crane","author":
    {"@type":"Organization","name":"Contributors to Quaypedia"},"publisher":
    {"@type":"Organization","name":"Quaymedia Foundation"}}</script>"""
    page = f"<html lang=en><title>Crane - Quaypedia</title>{data}<h1>Crane</h1>{BODY}"
    article = clean(page, media_type="text/html")
    assert isinstance(article, Article)
    assert article.site == "Quaypedia"
    page = f"<html lang=en><title>Crane – Bay Post</title><h1>Crane</h1>{BODY}"
    for host, site in (("www.baypost.example", "Bay Post"), ("a.example", "a.example")):
        article = clean(page, media_type="text/html", url=f"https://{host}/crane")
        assert isinstance(article, Article)
        assert article.site == site
