"""Passages by where they stand, tables kept whole, and bodies out of view."""

import json
from dataclasses import dataclass, field
from html import escape

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article, Reject, RejectReason
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.foreign import foreign_passages
from copydesk.tasks.cleaning.html.out_of_view import revealed
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.render import body_text, markdown, pieces_of
from copydesk.tasks.cleaning.html.tables import data_cells, whole_tables

STORY = [
    "The ferry turned back at the second buoy, because the winch had begun to smoke again.",
    "Passengers were put up in the school, where the cook had kept soup from the noon meal.",
    "A diver went down before dawn and came up with a length of rope and a child's shoe.",
]
BODY = "".join(f"<p>{line}</p>" for line in STORY)
OTHER = (
    "<p>I have said for years that this winch would not see another winter, and who listened?</p>"
)


@dataclass
class Chosen:
    """What the rules read of a page whose blocks are all chosen."""

    page: Page
    chance: np.ndarray = field(init=False)
    words: np.ndarray = field(init=False)
    word_counts: list[float] = field(init=False)
    rows: np.ndarray = field(init=False)
    column_numbers: dict[str, int] = field(init=False)
    has_code: bool = True

    def __post_init__(self):
        self.chance = np.full(len(self.page), 0.7)
        self.words = np.array([len(text.split()) for text in self.page.text], float)
        self.word_counts = self.words.tolist()
        linked = zip(self.page.linked, self.page.text, strict=True)
        self.rows = np.array([[chars / len(text), 1] for chars, text in linked])
        self.column_numbers = {"text:link_share": 0, "words:repeats": 1}


def ruled(html):
    page = read(LexborHTMLParser(f"<body>{html}</body>"))
    passages = foreign_passages(Chosen(page), range(len(page)))
    return {ruling.rule: page.text[ruling.index] for ruling in passages}


@pytest.mark.parametrize(
    ("around", "rule"),
    [
        ("<section id=comments><ol><li>{}</li></ol></section>", "in_comments"),
        ("<div class=comment-list><div>{}</div></div>", "in_comments"),
        ("<form>{}</form>", "in_form"),
        ("<footer>{}</footer>", "in_footer"),
        ("<div role=dialog>{}</div>", "in_dialog"),
        ("<div hidden>{}</div>", "hidden"),
        ("<div style='visibility: hidden'>{}</div>", "hidden"),
        ("<section subscriptions-section=content-not-granted>{}</section>", "hidden"),
        ("<div amp-access='NOT subscriber'>{}</div>", "hidden"),
        ("<aside>{}<form></form></aside>", "box_with_form"),
        ("<div class=author-bio>{}</div>", "about_the_author"),
    ],
)
def test_what_stands_apart_is_taken_out(around, rule):
    assert list(ruled(f"<main>{BODY}{around.format(OTHER)}</main>")) == [rule]


def test_what_holds_the_story_too_stays():
    for around in ("<div id=comments>{}</div>", "<form>{}</form>", "<div hidden>{}</div>"):
        assert ruled(around.format(BODY + OTHER)) == {}


def test_what_follows_the_article_element_is_taken_out_where_that_holds_the_story():
    whole = "".join(f"<p>{line} {number}</p>" for number in range(3) for line in STORY)
    assert list(ruled(f"<article>{whole}</article><div>{OTHER}</div>")) == ["behind_article"]
    assert ruled(f"<article>{BODY[:90]}</article><div>{OTHER}</div>") == {}


def test_sections_below_an_abstract_in_an_article_element_stay():
    sections = "".join(f"<section><h3>Part {n}</h3>{BODY}</section>" for n in range(9))
    assert ruled(f"<article>{BODY}</article><div>{sections}</div>") == {}


def test_a_line_that_leads_to_another_story_is_taken_out():
    line = "<p><b>Read more: <a href=/x>The winch that nobody mended in time</a></b></p>"
    assert list(ruled(BODY + line)) == ["read_more"]
    assert (
        ruled("<p>He asked: <a href=/x>who mends a winch in the dark of night</a></p>" + BODY) == {}
    )


def test_topics_below_the_text_are_taken_out_and_a_list_of_links_stays():
    topics = "<div><a href=/f>Ferries</a>, <a href=/m>Money</a></div>"
    assert list(ruled(f"{BODY}{topics}")) == ["links_below"]
    assert ruled(f"{topics}{BODY}<ul><li><a href=/t>The timetable</a></li></ul>") == {}


def test_numbers_beside_code_are_taken_out():
    code = "<table><tr><td><pre>1\n2</pre></td><td><pre>make\nmake install</pre></td></tr></table>"
    assert list(ruled(BODY + code)) == ["line_numbers"]


TABLE = (
    "<table><tr><th>Boat</th><th></th><th>Seats</th></tr>"
    "<tr><td>Alma</td><td>old</td><td>120</td></tr></table>"
)


def test_a_table_of_data_is_kept_or_cut_whole():
    page = read(LexborHTMLParser(f"<body>{TABLE}<p>{STORY[0]}</p></body>"))
    cells = data_cells(page)
    assert {page.text[index]: cell.column for index, cell in cells.items()} == {
        **{"Boat": 0, "Seats": 2},
        **{"Alma": 0, "old": 1, "120": 2},
    }
    words = [1.0] * len(page)
    for first, retained in ((2, True), (1, False)):
        choice = np.zeros(len(page), bool)
        choice[:first] = True
        after = whole_tables(cells, choice, 0.3, words)
        assert after[:5].tolist() == [retained] * 5


def test_cells_stand_in_their_columns():
    page = read(LexborHTMLParser(TABLE))
    pieces = pieces_of(page, range(len(page)))
    assert body_text(pieces) == "Boat | | Seats\nAlma | old | 120"
    assert markdown(pieces) == "| Boat |  | Seats |\n| --- | --- | --- |\n| Alma | old | 120 |"


def test_a_table_that_lays_out_the_page_is_none():
    page = read(LexborHTMLParser(f"<table><tr><td>{BODY * 9}</td><td>Menu</td></tr></table>"))
    assert data_cells(page) == {}
    assert body_text(pieces_of(page, range(2))) == "\n\n".join(STORY[:2])


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>10<sup>6</sup> N, 10<sup>-3</sup> m</p>", "10⁶ N, 10⁻³ m"),
        ("<p>the crane.<sup><a href=#n>12</a></sup> Then</p>", "the crane.¹² Then"),
        ("<p>the 1<sup>st</sup> of M<sup>me</sup></p>", "the 1st of Mme"),
        ("<p>said<sup>[<a>3</a>]</sup></p>", "said[3]"),
        ("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>", "漢字"),
        ("<p><math><msup><mn>10</mn><mn>6</mn></msup></math></p>", "10⁶"),
        ("<p><math><msup><mi>x</mi><mi>n</mi></msup></math></p>", "x^n"),
        ("<p><math><mfrac><mn>1</mn><mn>2</mn></mfrac></math></p>", "1/2"),
        (
            "<p><b><i class=katex-mathml>E=m</i><i class=katex-html>E=m</i></b></p>",
            "E=m",
        ),
        ("<pre><span class=line>a</span><span class=line>  b</span></pre>", "a\n  b"),
        (
            "<pre><code><i class=code-snippet_outer>a</i></code>"
            "<code><i class=code-snippet_outer>b</i></code></pre>",
            "a\nb",
        ),
        ("<pre>a<br><br>b</pre>", "a\n\nb"),
        ("<pre><ol><li>a</li><li>b</li></ol></pre>", "a\nb"),
        (
            "<p>Seen <span style='display: none'>by nobody</span> from the quay</p>",
            "Seen from the quay",
        ),
        ("<p>Load <i hidden><math><mi>L</mi></math></i> grows</p>", "Load L grows"),
        ("<p>Press <button>Go</button> twice.</p>", "Press Go twice."),
    ],
)
def test_text_is_as_readers_see_it(html, text):
    assert read(LexborHTMLParser(html)).text == [text]


LONG = BODY + "".join(f"<p>{line} And so on, for another hour or more.</p>" for line in STORY)
BREAK = "\n\n"
SHELL = "<html><head><title>The winch</title></head><body><h1>The winch</h1>{}</body></html>"


@pytest.mark.parametrize(
    "holder",
    [
        f"<noscript>{LONG}</noscript>",
        f"<template>{LONG}</template>",
        f"<x-page><template shadowrootmode=open>{LONG}</template></x-page>",
        f"<script type=text/template>{LONG}</script>",
        f"<textarea hidden>{escape(LONG)}</textarea>",
        f"<xmp>{BREAK.join(STORY * 2)}</xmp>",
        f"<!-- <div class=menu> --><code><!-- {LONG} --></code>",
        "<script id=__NEXT_DATA__ type=application/json>"
        + json.dumps({"props": {"page": {"title": "x", "body": LONG}}}).replace("</", "<\\/")
        + "</script>",
        "<script>window.__STATE__ = "
        + json.dumps({"blocks": [{"kind": "p", "text": line} for line in STORY * 2]})
        + ";</script>",
        "<script>var count = {};let posts = JSON.parse("
        + json.dumps(json.dumps({"blocks": [{"text": line} for line in STORY * 2]}))
        + ");</script>",
        "<script>self['data'] = JSON.parse('"
        + json.dumps({"html": LONG + '<p class="end">'}).translate(
            {ord("\\"): "\\\\", ord("<"): "\\x3c", ord("'"): "\\'"}
        )
        + "');</script>",
        "<script type=application/vnd.api+json>"
        + json.dumps({"data": {"attributes": {"body": LONG}}})
        + "</script>",
        "<script type=application/ld+json>"
        + json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(STORY * 2)})
        + "</script>",
    ],
)
def test_a_body_out_of_view_is_read_where_nothing_else_is(holder):
    article = clean(SHELL.format(holder))
    assert isinstance(article, Article), article
    for line in STORY:
        assert line in article.text
    assert "<p>" not in article.text


def test_titles_and_names_have_no_readings():
    heading = "<ruby>港<rp>(</rp><rt>みなと</rt></ruby>の<ruby><rb>朝</rb><rt>あさ</rt></ruby>"
    byline = "<p class=byline>By <ruby>山田<rt>やまだ</rt></ruby><ruby>太郎<rt>たろう</rt></ruby>"
    icon = "<svg><title>Star</title></svg><script>go()</script>"
    article = clean(f"<body><article><h1>{heading}{icon}</h1>{byline}</p>{LONG}</article>")
    assert isinstance(article, Article)
    assert (article.title, article.authors) == ("港の朝", ("山田太郎",))


@pytest.mark.parametrize(
    "holder",
    [
        f"<!-- {' '.join(STORY)} -->",  # no paragraphs: a note of the site's programmers
        f"<script><!-- document.write('{LONG}') //--></script>",
        "<textarea>Your comment</textarea>",
    ],
)
def test_notes_programs_and_forms_are_no_bodies(holder):
    assert isinstance(clean(SHELL.format(holder)), Reject)


def test_little_out_of_view_is_left_there():
    assert revealed(SHELL.format("<p>Hello</p>")) is None
    page = SHELL.format("<noscript>Please enable JavaScript.</noscript><script>go()</script>")
    reject = clean(page)
    assert isinstance(reject, Reject)
    assert reject.reason is RejectReason.NEEDS_JAVASCRIPT


@pytest.mark.parametrize(
    "notice",
    [
        "JavaScript is turned off in this browser. To read on, please turn JavaScript on, or use"
        " one of the browsers that our help pages name. Help, terms, privacy, imprint, contact,"
        " jobs, advertising, and all of our other services are found below.",
        "Diese Seite braucht JavaScript. Bitte schalten Sie JavaScript in den Einstellungen des"
        " Browsers ein und laden Sie die Seite neu. Wie das geht, steht auf unserer Hilfeseite,"
        " oder fragen Sie unseren Leserdienst unter der bekannten Nummer am Vormittag.",
    ],
)
def test_a_notice_about_scripts_is_no_body(notice):
    shell = "<div id=root></div><script src=x></script><noscript>{}</noscript>"
    reject = clean(f"<body>{shell.format(notice)}")
    assert isinstance(reject, Reject)
    assert reject.reason is RejectReason.NEEDS_JAVASCRIPT
    assert isinstance(clean(SHELL.format(shell.format(notice + LONG))), Article)


@pytest.mark.parametrize(
    "box",
    [
        "<div class=k1><h4>Embedded content</h4><p>{0}</p><button>Show it</button></div>",
        "<figure><div>{0}</div><label><input type=checkbox> Always</label></figure>",
    ],
)
@pytest.mark.parametrize(
    "notice",
    [
        "This external content is shown with your consent alone; cookies of third parties are set.",
        "Externe Inhalte zeigen wir mit Ihrer Zustimmung: Drittanbieter setzen dann Cookies.",
        "Внешний контент показываем с вашего согласия: данные уйдут третьим лицам.",
        "外部コンテンツの表示には、第三者のCookieへの同意が必要です。",
    ],
)
def test_what_stands_for_a_video_until_readers_consent_is_cut(box, notice):
    article = clean(SHELL.format(f"<article>{LONG}{box.format(notice)}{BODY}</article>"))
    assert isinstance(article, Article)
    assert notice not in article.text
    assert STORY[0] in article.text
    assert "placeholder" in ruled(f"<article>{LONG}{box.format(notice)}{BODY}</article>")
    story = "<div><p>Cookies were sold at the quay by a third party, with consent.</p></div>"
    assert "placeholder" not in ruled(f"<article>{LONG}{story}{BODY}</article>")
