"""A post is revised when its site edited it, not when the page around it changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.site import Site
from tests.warehouse.runs.test_shared_names import run

TEXT = "".join(
    f"<p>In year {n} the harbour got a new pier, and the old one went.</p>" for n in range(8)
)


def page(edited: str, more: str = "", assets: str = "/wp-content/x.css") -> str:
    return (
        f"<!doctype html><title>The pier</title><link rel=stylesheet href='{assets}'>"
        f"<meta property='article:modified_time' content='{edited}'>"
        f"<main><article><h1>The pier</h1>{TEXT}{more}</article></main>"
    )


FIRST, LATER = "2024-05-01T10:11:12+00:00", "2024-05-02T10:11:12+00:00"


@pytest.mark.parametrize(
    ("second", "fate"),
    [
        (page(FIRST, "<p>Nine readers of ours looked at this today.</p>"), "unchanged"),
        (page(LATER, "<p>The pier was opened again in the spring.</p>"), "revised"),
        (page(FIRST, "<p>It was opened in the spring.</p>", "/x.css"), "revised"),
        (page(FIRST), "unchanged"),
    ],
    ids=["around", "edited", "other-system", "same"],
)
def test_what_revises_a_post(tmp_path: Path, second: str, fate: str) -> None:
    with Site({"/pier/": page(FIRST)}) as site:
        run(tmp_path, site, "/pier/")
        site.add("/pier/", second)
        ((_, article, result),) = run(tmp_path, site, "/pier/")
        assert (bool(article), result) == (True, fate)
        site.add("/pier/", page("2024-06-01T10:11:12+00:00", "<p>A third sentence was added.</p>"))
        ((_, same, result),) = run(tmp_path, site, "/pier/")
        assert (same, result) == (article, "revised")
