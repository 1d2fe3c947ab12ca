from __future__ import annotations

from pathlib import Path

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.failpoints import checkpoint, watched
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.warehouse.worker import work


def test_a_publish_is_watched_from_moment_to_moment(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    work(home, 0, published=False)
    passed: list[str] = []
    with watched(passed.append):
        publish(home, lake=lake, comparison=COPIES)
    checkpoint("publish:later")
    beside = [f"publish:{step}" for step in ("segment", "segment", "search")]
    steps = ("take", "revisions", "write", "cuts", "compare", "copies", "changes", "log")
    swap = ("checkpoint", "close", "rename", "link", "swap", "prune")
    assert [name for name in passed if name not in beside] == [
        f"publish:{step}" for step in (*steps, *swap)
    ]
    assert [name for name in passed if name in beside] == beside
    assert passed.index("publish:compare") > passed.index("publish:segment")
