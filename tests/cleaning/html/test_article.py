import gc
import pickle
from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.html_speed import STAGES
from copydesk.schemas.article import Article, CutKind, Reject, RejectReason
from copydesk.tasks.cleaning.html.article import clean_html
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.html.page_analysis import Models, shipped

BODY = [
    "The harbour of the small town woke before the sun did, and with it the gulls, who have "
    "never been known to sleep when there was fish to be had.",
    "Nobody expected the ferry that morning. It had been cancelled twice in the week before, "
    "said Maria Holm, who sells tickets from a booth painted green.",
    "By noon the quay was full. Children sat on the bollards, and the mayor, out of breath, "
    "read a speech that the wind carried off to the other shore.",
    "The ferry left again at four, with more passengers than seats, and the town went back to "
    "what it does best: waiting for the tide, and talking about it.",
]
PAGE = f"""<!doctype html><html lang="en"><head><title>The ferry came back - The Quay Times</title>
<meta property="og:type" content="article"><meta property="og:title" content="The ferry came back">
<meta property="article:published_time" content="2026-03-02T08:00:00+00:00"></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li>
<li><a href="/sport">Sport</a></li></ul></nav></header>
<main><article class="post"><h1>The ferry came back</h1>
<p class="byline">By <a rel="author" href="/u/7">Ole Lund</a></p>
<div class="entry-content"><p>{BODY[0]}</p><p>{BODY[1]}</p><h2>A crowd at noon</h2>
<p>{BODY[2]}</p><p>{BODY[3]}</p></div></article>
<div id="comments"><h3>Leave a Reply</h3><p>Your email address will not be published.</p></div>
</main><aside class="sidebar"><h2>Related</h2><ul><li><a href="/a">Ten gulls that made news</a></li>
<li><a href="/b">What the tide left behind on the beach</a></li></ul></aside>
<footer><p>© 2026 The Quay Times. All rights reserved.</p></footer></body></html>"""


def test_the_stages_that_the_benchmark_times_are_functions_of_cleaning():
    assert STAGES
    for stage, owner, names in STAGES:
        for name in names.split():
            assert callable(getattr(owner, name, None)), (stage, name)


def test_a_page_is_freed_at_once_without_a_collection():
    clean_html(PAGE)  # loads the models
    gc.collect()
    gc.disable()
    try:
        for page in (PAGE, PAGE.replace('id="comments"', 'class="author" rel="author"')):
            clean_html(page, url="https://quay.example/2026/03/the-ferry-came-back/")
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_article_is_its_body_with_the_title_apart():
    article = clean_html(PAGE, url="https://quay.example/2026/03/the-ferry-came-back/")
    assert isinstance(article, Article)
    assert article.title == "The ferry came back"
    assert article.text == "\n\n".join([*BODY[:2], "A crowd at noon", *BODY[2:]])
    assert "## A crowd at noon" in article.markdown
    assert article.published_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_every_block_is_in_the_text_or_in_a_cut_with_its_reason():
    article = clean_html(PAGE)
    cut = {piece.text: piece for piece in article.cuts}
    assert set(BODY).isdisjoint(cut)
    assert cut["Leave a Reply"].kind is CutKind.COMMENTS
    assert cut["Home"].kind is CutKind.NAVIGATION
    assert cut["© 2026 The Quay Times. All rights reserved."].kind is CutKind.LEGAL
    for piece in article.cuts:
        assert piece.rule != "model" or 0 <= piece.score < 0.5
    assert [piece.position for piece in article.cuts] == sorted(p.position for p in article.cuts)


def test_a_body_that_only_a_script_has_is_taken_from_it():
    body = " ".join(BODY)
    html = f"""<title>The ferry</title><script type="application/ld+json">{{"@type":
    "NewsArticle", "headline": "The ferry", "articleBody": "{body}"}}</script>
    <h1>The ferry</h1><p>Read on in the app, where the whole of the story is.</p>"""
    article = clean_html(html)
    assert isinstance(article, Article)
    assert article.text == body
    assert article.evidence["text"] == "json-ld articleBody"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", RejectReason.NO_BODY),
        ("<script>app()</script>", RejectReason.NO_BODY),
        ("<div id=root>Loading…</div>", RejectReason.NOT_AN_ARTICLE),
        ("x" * 16_000_001, RejectReason.TOO_LARGE),
    ],
)
def test_what_is_no_article_says_why(html, reason):
    reject = clean_html(html)
    assert isinstance(reject, Reject)
    assert reject.reason is reason


def test_a_login_page_is_named_one():
    reject = clean_html("<h1>Log in</h1><form><input type=password><button>Go</button></form>")
    assert reject.reason is RejectReason.NOT_AN_ARTICLE
    assert "login page" in reject.detail


def test_results_pass_between_processes():
    article = clean_html(PAGE)
    assert pickle.loads(pickle.dumps(article)) == article


NEVER = Forest(
    np.zeros((1, 1), np.int64), np.zeros((1, 1), np.float32), np.zeros((1, 2), np.float32), -9.0, ()
)
TEASERS = (
    "<div class=card><h3><a href=/1>Late boats</a></h3><p>The last boat leaves.</p></div>" * 30
)
MENU = "<ul>" + "<li><a href=/2>Harbours of the coast</a></li>" * 60 + "</ul>"
PRODUCT = '<script type="application/ld+json">{"@type": "Product"}</script>'
LONG = f"<p>{'The ferry to the islands leaves an hour later from May on. ' * 3}</p>" * 6
LOGIN = "<form><input type=password></form>"


@pytest.mark.parametrize(
    ("url", "html", "name"),
    [
        ("https://ferry.example/", MENU + LONG, "front page"),
        ("https://ferry.example/?p=12", LONG, "a page"),
        ("https://ferry.example/late", LONG + PRODUCT, "product page"),
        ("https://ferry.example/late", LONG + MENU, "a page"),
        ("https://ferry.example/late", TEASERS + MENU, "listing page"),
        ("https://ferry.example/product/late", LONG + MENU, "a page"),
        ("https://ferry.example/threads/late.1", LONG + LOGIN, "forum page"),
        ("https://ferry.example/late", LONG + LOGIN, "login page"),
        ("https://ferry.example/category/boats", TEASERS, "collection page"),
        ("https://ferry.example/category/boats", LONG + PRODUCT, "a page"),
    ],
)
def test_the_name_of_a_refused_page_is_right_or_absent(url, html, name):
    models = Models(shipped().blocks, NEVER)
    reject = clean_html(f"<html><body>{html}", url=url, models=models)
    assert isinstance(reject, Reject)
    assert reject.detail.partition(":")[0] == name
