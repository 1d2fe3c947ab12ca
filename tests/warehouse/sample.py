"""Runs made by hand: looks at items, and what a run of them leaves in the lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from copydesk.schemas.arrow import arrow_rows
from copydesk.schemas.ids import article_id, content_hash, item_id, sha256
from copydesk.schemas.items import Item, RawDocument
from copydesk.tasks.ingest.batch import sign
from copydesk.warehouse import connect
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import BatchFrames, Committed, RunPlan
from copydesk.warehouse.storage.raw_files import pack

START = datetime(2026, 3, 1, tzinfo=UTC)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


@dataclass(frozen=True)
class Look:
    """One look at an item: its text, or no text for a reject; ``fate`` for what was not read."""

    place: str
    at: float = 0
    text: str | None = "Some text."
    title: str = "A title"
    source: str = "wire"
    fate: str | None = None
    cleaner: str = "1"
    bytes_: bytes | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.bytes_ or f"{self.title}\n\n{self.text}".encode()

    @property
    def item(self) -> str:
        return item_id(self.source, self.place)

    @property
    def url(self) -> str:
        return self.place if self.place.startswith("http") else f"file:{self.place}"

    @property
    def article(self) -> str:
        canonical = self.fields.get("canonical_url")
        return article_id(self.source, self.place, canonical=canonical, url=self.url)


def frames(run_id: str, batch: int, looks: Iterable[Look]) -> BatchFrames:
    observations, cuts, rejects, ledger = [], [], [], []
    raw = []
    for look in looks:
        row: dict[str, Any] = {
            "run_id": run_id,
            "batch": batch,
            "item_id": look.item,
            "source": look.source,
            "locator": look.place,
            "url": look.url,
            "observed_at": hour(look.at),
            "cleaner_version": look.cleaner,
        }
        if look.fate is not None:
            ledger.append(row | {"fate": look.fate})
            continue
        digest = sha256(look.body)
        item = Item(look.source, look.place, row["url"], look.place)
        options = {"enc": "utf-8"}
        read = RawDocument(item, look.body, row["url"], hour(look.at), "text/plain", options)
        raw.append(pack(read, digest))
        row["raw_sha256"] = digest
        if look.text is None:
            row |= {"reason": "no_body", "detail": "there is a title and nothing else"}
            rejects.append(row)
            ledger.append(row | {"fate": "rejected"})
            continue
        row |= {
            "article_id": look.article,
            "content_hash": content_hash(look.title, look.text),
        }
        ledger.append(row | {"fate": "read", "how": {"status": "200"}})
        observations.append(row | {"title": look.title, "text": look.text} | look.fields)
        keys = ("run_id", "batch", "item_id", "article_id", "content_hash", "cleaner_version")
        cuts.append(
            {key: row[key] for key in keys}
            | {"position": 0, "kind": "share", "rule": "share-row", "text": f"Share {look.text}"}
        )
    signatures, shingles = sign(run_id, batch, observations)
    return BatchFrames(
        arrow_rows("observations", observations),
        arrow_rows("cuts", cuts),
        arrow_rows("rejects", rejects),
        arrow_rows("ledger", ledger),
        raw,
        signatures,
        shingles,
    )


def plan(run_id: str, *, slice_key: str | None = None, started: float = 0) -> RunPlan:
    return RunPlan(run_id, "ingest", "wire", hour(started), slice_key=slice_key, host="h", pid=1)


def ingest(
    lake: Lake,
    run_id: str,
    looks: Sequence[Look],
    *,
    batch_size: int = 100,
    slice_key: str | None = None,
    started: float = 0,
) -> Committed:
    lake.begin(plan(run_id, slice_key=slice_key, started=started))
    for number, start in enumerate(range(0, len(looks), batch_size)):
        lake.run(run_id).stage(number, frames(run_id, number, looks[start : start + batch_size]))
    lake.run(run_id).seal()
    return lake.run(run_id).commit()


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect(home) as connection:
        return connection.execute(sql).fetchall()


WITHOUT_RUNS: Mapping[str, str] = {
    "articles": "SELECT * EXCLUDE (run_id) FROM articles ORDER BY article_id",
    "revisions": "SELECT * EXCLUDE (run_id) FROM revisions ORDER BY article_id, revision",
    "sightings": "FROM sightings ORDER BY article_id",
    "duplicates": "FROM duplicates ORDER BY article_id",
    "cuts": "SELECT * EXCLUDE (run_id, item_id) FROM cuts ORDER BY ALL",
    "ledger": "SELECT item_id, observed_at, content_hash FROM ledger ORDER BY ALL",
    "sources": "SELECT * EXCLUDE (runs) FROM sources ORDER BY source",
}
"""The tables without what says which run brought a row."""

WHOLE: Mapping[str, str] = {
    name: f"FROM {name} ORDER BY ALL"
    for name in (
        *("revisions", "sightings", "cuts", "rejects", "ledger", "runs", "duplicates", "sources"),
    )
}

WITHOUT_ENDS: Mapping[str, str] = {
    **WHOLE,
    "runs": "SELECT * EXCLUDE (finished_at) FROM runs ORDER BY ALL",
}
"""All that two homes have alike whose runs are the same, but ended at other times."""


def tables(home: Path, queries: Mapping[str, str] = WITHOUT_RUNS) -> dict[str, list[Any]]:
    with connect(home) as connection:
        return {
            name: [repr(row) for row in connection.execute(sql).fetchall()]
            for name, sql in queries.items()
        }
