"""Small warehouses to report on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copydesk.warehouse import connect
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.query.report import Rows, gather
from tests.warehouse.sample import Look, hour, ingest

NOW = hour(12)

ATTACK = (
    "</script><script>owned=1</script><img src=x onerror='owned=1'>"
    "\"'`\\u003c&lt;\0\x1b[31m\u2028\u202e"
)
"""A title that would run, load or hide something if it were taken for more than text."""


def empty(home: Path) -> Path:
    """Publish nothing."""
    publish(home, lake=Lake.open(home / "lake"))
    return home


def one_article(home: Path) -> Path:
    """Publish one article."""
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "A text of some words.", "A title")])
    publish(home, lake=lake)
    return home


def hostile(home: Path) -> Path:
    """Publish articles, a copy, a reject and a run given up, all of them full of markup."""
    lake = Lake.open(home / "lake")
    fields = {"language": "<b>", "site": ATTACK, "published_at": hour(-900)}
    looks = [
        Look(f"{number}{ATTACK}", number, f"{ATTACK} {number // 2}", ATTACK,
             source="<script>owned=1</script>", fields=fields)
        for number in range(6)
    ]  # fmt: skip
    evil = "javascript:owned=1"
    looks.append(Look(evil, 0, "x", fields={"canonical_url": "https://site.example/?<script>"}))
    looks.append(Look(ATTACK, 0, None))
    ingest(lake, "r1", looks)
    ingest(lake, "r2", [Look("a", 1, fate="failed")])
    publish(home, lake=lake)
    return home


def sources(home: Path, number: int) -> Path:
    """Publish an article of each of so many sources."""
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, f"Text {item}.", source=f"s{item}") for item in range(number)])
    publish(home, lake=lake)
    return home


def report_of(home: Path, **scope: Any) -> Mapping[str, Rows]:
    """Ask what a report shows."""
    with connect(home) as connection:
        return gather(connection, now=NOW, **scope)
