"""A real blog of 200 posts of blocks, read by its export, its API, its feed and its sitemap."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.article import Article
from copydesk.schemas.ids import article_id
from copydesk.schemas.items import NAMED, Item, RawDocument
from copydesk.tasks.cleaning import clean
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops
from copydesk.tasks.sources.web.web_options import Web
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.query.connect import connect
from tests.servers.wordpress import Database, WordPressSite, missing

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]

COUNT = 200
SENTENCES = (
    "The harbour got a new pier in the spring of {n}.",
    "The old one was given to the anglers & their club, who had asked for it twice.",
    "“It is longer than it looks,” said the harbour master on day {n} – and laughed.",
    "Nobody knows yet what the ferry company will pay, or when: 5 < 6 is all it says.",
    "In the evening the crane was lit in green, red and white for {n} minutes.",
)


def block(name: str, html: str, attributes: str = "") -> str:
    return f"<!-- wp:{name}{attributes} -->\n{html}\n<!-- /wp:{name} -->"


def content(n: int) -> str:
    """Write a post of blocks, each post with others."""
    chance = random.Random(n)

    def words(count: int) -> str:
        text = " ".join(chance.choice(SENTENCES).format(n=n) for _ in range(count))
        return text.replace("&", "&amp;").replace("<", "&lt;")

    items = "".join(block("list-item", f"<li>{words(1)}</li>") for _ in range(3))
    cells = "".join(f"<tr><td>{words(1)}</td><td>{m}</td></tr>" for m in range(2))
    kinds = [
        block("heading", f"<h2>Section {n}: {words(1)}</h2>"),
        block("list", f"<ul>{items}</ul>"),
        block("list", f"<ol>{items}</ol>", ' {"ordered":true}'),
        block("quote", f'<blockquote class="wp-block-quote"><p>{words(2)}</p></blockquote>'),
        block("code", f'<pre class="wp-block-code"><code>pier = {n}\n  + 1</code></pre>'),
        block(
            "table",
            f'<figure class="wp-block-table"><table><tbody>{cells}</tbody></table></figure>',
        ),
        block("separator", '<hr class="wp-block-separator"/>'),
        block("paragraph", f"<p>{words(2)} <strong>{words(1)}</strong> <em>too</em>.</p>"),
    ]
    paragraphs = [block("paragraph", f"<p>{words(chance.randint(2, 5))}</p>") for _ in range(4)]
    parts = [paragraphs[0], *chance.sample(kinds, 3), *paragraphs[1:]]
    return "\n\n".join(parts)


def post(n: int) -> dict:
    return {"title": f"The pier & the “crane” no. {n}", "content": content(n), "slug": f"pier-{n}",
            "author": "Anna Berg", "login": "anna", "status": "publish", "password": "",
            "tags": ["Harbour", f"Pier {n % 7}"],
            "date": f"2024-{n % 12 + 1:02}-{n % 28 + 1:02} 08:{n % 60:02}:00"}  # fmt: skip


class Reading(NamedTuple):
    title: str
    text: str
    article: str


@pytest.fixture(scope="module")
def blog(tmp_path_factory) -> Iterator[WordPressSite]:
    folder = tmp_path_factory.mktemp("wordpress")
    with (
        Database(tmp_path_factory.mktemp("database")) as database,
        WordPressSite(folder, database, "", [post(n) for n in range(COUNT)]) as site,
    ):
        site.option("posts_per_rss", str(COUNT))
        yield site
    close_fetch_loops()


def read(address: str, **options) -> dict[str, Reading]:
    """Read all articles, by their slugs."""
    (source,) = open_sources([address], **options)
    articles: dict[str, Reading] = {}
    items = [offer for offer in source.discover() if isinstance(offer, Item)]
    for document in source.acquire(items):
        assert isinstance(document, RawDocument), document
        article = clean(
            document.body, media_type=document.media_type, url=document.url,
            observed_at=document.observed_at, hints=document.item.hints,
        )  # fmt: skip
        assert isinstance(article, Article), (document.url, article)
        named = document.how.get(NAMED)
        identity = article_id(
            source.name, document.item.locator,
            canonical=named or article.canonical_url, url=named or document.url,
        )  # fmt: skip
        slug = document.url.rstrip("/").rpartition("/")[2]
        assert slug not in articles
        articles[slug] = Reading(article.title, article.text, identity)
    return articles


def test_the_same_articles_four_ways_to_the_letter(blog: WordPressSite, tmp_path: Path) -> None:
    web = Web(policy=blog.policy())
    (tmp_path / "blog.xml").write_bytes(blog.export())
    ways = {
        "export": read(str(tmp_path / "blog.xml")),
        "api": read(f"{blog.url}/wp-json/", web=web),
        "feed": read(f"{blog.url}/feed/", web=web),
        "sitemap": read(f"{blog.url}/wp-sitemap.xml", web=web),
    }
    slugs = {f"pier-{n}" for n in range(COUNT)}
    assert {name: set(way) for name, way in ways.items()} == dict.fromkeys(ways, slugs)
    differences = {
        (slug, name, field): (getattr(ways["api"][slug], field), getattr(way[slug], field))
        for name, way in ways.items()
        for slug in sorted(slugs)
        for field in Reading._fields
        if getattr(ways["api"][slug], field) != getattr(way[slug], field)
    }
    assert not differences, (len(differences), list(differences.items())[:3])


def test_four_ways_into_one_lake_give_one_article_each(blog: WordPressSite, tmp_path: Path) -> None:
    (tmp_path / "blog.xml").write_bytes(blog.export())
    workspace = Workspace(tmp_path / "home")
    host = blog.url.removeprefix("http://")
    fates: list[dict[str, int]] = []
    for address in (
        str(tmp_path / "blog.xml"),
        f"{blog.url}/wp-json/",
        f"{blog.url}/feed/",
        f"{blog.url}/wp-sitemap.xml",
    ):
        request = IngestRequest((address,), allow_hosts=(host,))
        with prepare(request, workspace, batch_size=100, now=datetime.now(UTC)) as prepared:
            for batch in prepared.todo:
                clean_batch.fn(workspace, prepared.run_id, request, batch)
            sealed, _ = commit_run.fn(workspace, prepared.run_id, {})
        fates.append({fate: count for fate, count in sealed.fates.items() if count})
    publish(workspace.home, lake=workspace.open_lake())
    with connect(workspace.home) as connection:
        rows = connection.execute(
            "SELECT count(*), count(DISTINCT title), max(revision) FROM articles"
            " WHERE title LIKE 'The pier & the%'"
        ).fetchall()
    assert rows == [(COUNT, COUNT, 1)], fates
