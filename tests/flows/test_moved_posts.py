"""A post whose address changed between two exports of a blog stays the same article."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.flows.requests import IngestRequest
from copydesk.flows.workspace import Workspace
from tests.flows.test_counted import TEXT, fates
from tests.sources.formats.test_wxr import export, post


@pytest.mark.parametrize("later", ["blog.xml", "blog.2026-06.xml"])
@pytest.mark.parametrize("whole_folder", [True, False])
def test_a_post_with_another_slug_is_the_same_article(
    tmp_path: Path, later: str, whole_folder: bool
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    home = tmp_path / "home"

    def ingest(name: str, *posts: str) -> None:
        for old in folder.iterdir():
            old.unlink()
        (folder / name).write_bytes(export(*posts))
        path = folder if whole_folder else folder / name
        fates(home, IngestRequest((str(path),), source="blog"), "blog")
        for row in Workspace(home).open_lake().latest_items("blog").to_pylist():
            if row["article_id"] is not None:
                articles.setdefault(row["locator"].rpartition("=")[2], set()).add(row["article_id"])

    articles: dict[str, set[str]] = {}
    ingest("blog.xml", post(1, TEXT), post(2, TEXT + "Two."))
    ingest(later, post(1, TEXT), post(2, TEXT + "Two.").replace("/2/", "/second/"))
    ingest(later, post(1, TEXT), post(2, TEXT + "Two.").replace("/2/", "/third/"))
    ingest(later, post(1, TEXT), post(3, TEXT + "Three."))
    assert {post: len(ids) for post, ids in articles.items()} == {"1": 1, "2": 1, "3": 1}
    assert len(set.union(*articles.values())) == 3
