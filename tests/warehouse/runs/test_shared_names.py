"""Pages that give one address as their own: versions of one story, or stories apart."""

from __future__ import annotations

from pathlib import Path

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from tests.servers.site import Site, request_of
from tests.warehouse.sample import START

STORIES = {
    "ferry": "The ferry {n} left the pier at noon with twelve people and a piano for the school. ",
    "bakery": "Eleven workers of bakery {n} bought the oven that their owner had built in 1961. ",
    "tower": "From tower {n} the keeper counts the ships, and writes their names into his book. ",
}


def page(site: Site, name: str, canonical: str, more: str = "") -> str:
    text = "".join(f"<p>{STORIES[name].format(n=n) * 2}</p>" for n in range(6))
    return (
        f"<!doctype html><title>The {name}</title><link rel=canonical href='{site.url}{canonical}'>"
        f"<main><article><h1>The {name}</h1>{text}<p>{more}</p></article></main>"
    )


def run(home: Path, site: Site, *paths: str) -> list[tuple[str, str, str]]:
    """Read pages as a run does; gives address, article and text of all rows of the lake."""
    request = request_of(site, home, "site", *(site.url + path for path in paths))
    with prepare(request, Workspace(home), batch_size=50, now=START) as prepared:
        for batch in prepared.todo:
            clean_batch.fn(Workspace(home), prepared.run_id, request, batch)
        commit_run.fn(Workspace(home), prepared.run_id, {})
    rows = Workspace(home).open_lake().latest_items("site").to_pylist()
    return [(row["locator"].removeprefix(site.url), row["article_id"], row["fate"]) for row in rows]


def articles(rows) -> dict[str, str]:
    return {locator: article for locator, article, _ in rows if article}


def test_stories_under_one_address_stay_apart_in_one_run_and_the_next(tmp_path):
    with Site() as site:
        for name in STORIES:
            site.add(f"/{name}", page(site, name, "/news"))
        first = articles(run(tmp_path, site, "/ferry", "/bakery"))
        assert len(set(first.values())) == 2
        site.add("/ferry", page(site, "ferry", "/news", "It came back in the evening, empty."))
        second = run(tmp_path, site, "/ferry", "/tower")
        assert articles(second)["/ferry"] == first["/ferry"]
        assert len(set(articles(second).values())) == 3
        assert {locator: fate for locator, _, fate in second}["/ferry"] == "revised"


def test_a_story_that_comes_later_under_the_address_of_another(tmp_path):
    with Site() as site:
        for name in STORIES:
            site.add(f"/{name}", page(site, name, "/ferry"))
        first = articles(run(tmp_path, site, "/bakery"))
        second = articles(run(tmp_path, site, "/bakery", "/tower"))
        assert second["/bakery"] == first["/bakery"]
        assert len(set(second.values())) == 2


def test_versions_of_one_story_are_one_article(tmp_path):
    with Site() as site:
        site.add("/ferry", page(site, "ferry", "/ferry"))
        site.add("/ferry?from=mail", page(site, "ferry", "/ferry", "With a word on the weather."))
        site.add("/amp/ferry", page(site, "ferry", "/ferry").replace("The ferry<", "Ferry, piano<"))
        site.add("/other", page(site, "tower", "/ferry"))
        article_names = articles(
            run(tmp_path, site, "/amp/ferry", "/ferry?from=mail", "/ferry", "/other")
        )
        assert (
            len({article_names[item] for item in ("/amp/ferry", "/ferry?from=mail", "/ferry")}) == 1
        )
        assert len(set(article_names.values())) == 2
