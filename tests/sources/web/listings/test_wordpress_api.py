"""Posts of a real WordPress, by each of its listings, as they were written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copydesk.schemas.article import Article
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.cleaning import clean
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops
from copydesk.tasks.sources.web.web_options import Web
from tests.servers.wordpress import Database, WordPressSite, missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]

WRITING = {  # locale: titles, and sentences that the texts are made of
    "": ("The ferry & the “lighthouse” no. {n}", "In year {n}.{i} the harbour got a new pier, "
         "and the old one was given to the anglers who had asked for it. "),
    "de_DE": ("Größe ist nicht alles – Teil {n}", "Im Jahr {n}.{i} bekam der Hafen einen neuen "
              "Steg, und den alten erhielten die Angler, die ihn erbeten hatten. "),
    "ja": ("港の灯台 第{n}話", "{n}年{i}月、港に新しい桟橋ができた。古い桟橋は、"
           "それを望んでいた釣り人たちに譲られることになった。"),
}  # fmt: skip
COUNT = 12


def post(locale: str, n: int) -> dict:
    title, sentence = WRITING[locale]
    paragraphs = [(sentence.format(n=n, i=i) * 3).strip() for i in range(4)]
    return {
        "title": title.format(n=n),
        "content": "\n\n".join(f"<!-- wp:paragraph -->\n<p>{p}</p>\n<!-- /wp:paragraph -->"
                               for p in paragraphs),
        "text": "\n\n".join(paragraphs),
        "author": ("Anna Berg", "Ben Öst")[n % 2],
        "login": ("anna", "ben")[n % 2],
        "date": f"2024-05-{n + 1:02d} 0{n % 10}:30:00",
        "slug": f"post-{n}",
        "tags": ["harbour"],
        "status": "publish",
        "password": "",
    }  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with Database(tmp_path_factory.mktemp("database")) as database:
        yield database


@pytest.fixture(scope="module", params=WRITING, ids=lambda locale: locale or "en_US")
def blog(request, database, tmp_path_factory):
    posts = [post(request.param, n) for n in range(COUNT)]
    hidden = [{**posts[0], "slug": "draft", "status": "draft", "title": "A draft"}]
    locked = [{**posts[0], "slug": "locked", "password": "x", "title": "Locked"}]
    folder = tmp_path_factory.mktemp("wordpress")
    with WordPressSite(folder, database, request.param, posts + hidden + locked) as site:
        site.posts = {f"{site.url}/2024/05/{item['slug']}/": item for item in posts}
        yield site
    close_fetch_loops()


def read(blog, path: str):
    (source,) = open_sources([blog.url + path], web=Web(policy=blog.policy()))
    result = list(source.discover())
    items = [offer for offer in result if isinstance(offer, Item)]
    listings = [offer for offer in result if isinstance(offer, Missing)]
    state = {offer.item.locator: dict(offer.how) for offer in listings}
    return listings, list(source.acquire(items)), list(source.discover(state))


def date_of(truth: dict) -> datetime:
    return datetime.fromisoformat(truth["date"]).replace(tzinfo=UTC)


def cleaned(document: RawDocument) -> Article:
    article = clean(
        document.body, media_type=document.media_type, url=document.url,
        observed_at=document.observed_at, hints=document.item.hints,
    )  # fmt: skip
    assert isinstance(article, Article), article
    return article


def test_by_the_api_to_the_letter(blog):
    listings, results, again = read(blog, "/")
    assert "chose WordPress's REST API" in listings[0].detail
    documents = [result for result in results if isinstance(result, RawDocument)]
    assert [result.reason for result in results if isinstance(result, Missing)] == ["protected"]
    assert sorted(result.url for result in documents) == sorted(blog.posts)
    for document in documents:
        truth = blog.posts[document.url]
        article = cleaned(document)
        assert article.title == truth["title"].replace("&amp;", "&")
        assert article.text == truth["text"]
        assert article.authors == (truth["author"],)
        assert article.published_at == date_of(truth)
    assert not [result for result in again if isinstance(result, Item)]


@pytest.mark.parametrize("path", ["/feed/", "/wp-sitemap.xml"])
def test_by_feed_and_sitemap_every_post_once(blog, path):
    _, results, _ = read(blog, path)
    documents = [result for result in results if isinstance(result, RawDocument)]
    collected = [result.url for result in documents if result.url in blog.posts]
    assert sorted(collected) == sorted(blog.posts)
    for document in documents:
        if truth := blog.posts.get(document.url):
            article = cleaned(document)
            assert article.title == truth["title"]
            if path == "/feed/":
                hints = document.item.hints
                assert hints.title == truth["title"]
                assert hints.authors == (truth["author"],)
                assert hints.published_at == date_of(truth)
                assert article.text == truth["text"]
                assert article.authors == (truth["author"],)
                assert article.published_at == date_of(truth)
