"""Items that were removed by request, and batches without them: they must not come back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pyarrow as pa

from copydesk.schemas.arrow import to_pandas
from copydesk.schemas.ids import site_hash
from copydesk.schemas.items import Fate
from copydesk.warehouse.runs.models import BatchFrames
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.duckdb_views import Snapshot, scratch
from copydesk.warehouse.storage.storage import Store

if TYPE_CHECKING:
    import pandas as pd

REASON = "forgotten"

SCRUBBED: Final = {
    "url": f"'{REASON}:'",
    "locator": f"concat('{REASON}:', item_id)",
    "reason": f"'{REASON}'",
    **dict.fromkeys(("detail", "article_id", "content_hash", "record_hash"), "NULL"),
    **dict.fromkeys(("raw_sha256", "fingerprint", "how", "hints"), "NULL"),
}
"""SQL values that replace a removed item's ledger columns; the row stays, so that a run's item
count stays true."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Removed identities: ids of articles and items, and hashes of sites' names and hosts."""

    articles: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Return whether anything was removed."""
        return bool(self.articles or self.items or self.sites)


def read_forgotten(store: Store, tables: Tables) -> Forgotten:
    """Read the identities that the lake must not store again."""
    if not tables.files("forgotten"):
        return Forgotten()
    with scratch(store) as connection:
        snapshot = Snapshot(connection, tables)
        snapshot.view("forgotten", everything=True)
        rows = connection.execute("SELECT kind, value FROM lake_forgotten").fetchall()
    return Forgotten(
        *(
            frozenset(value for kind, value in rows if kind == identity)
            for identity in ("article_id", "item_id", "site")
        )
    )


def without_forgotten(frames: BatchFrames, forgotten: Forgotten) -> BatchFrames:
    """Drop removed articles from a batch.

    Their ledger rows stay, marked as skipped and scrubbed.
    """
    if not forgotten:
        return frames
    frames = _as_pandas(frames)
    observations, ledger = frames.observations, frames.ledger
    of_site = [site_hash(site) in forgotten.sites for site in observations["site"].fillna("")]
    removed_items = set(observations["item_id"][of_site])
    pages = zip(observations["url"], observations["canonical_url"].fillna(""), strict=True)
    of_page = [not _is_page(url) and _host_hash(page) in forgotten.sites for url, page in pages]
    removed_items |= set(observations["item_id"][of_page])
    removed_items |= set(
        observations["item_id"][observations["article_id"].isin(forgotten.articles)]
    )
    removed_items |= set(ledger["item_id"][ledger["item_id"].isin(forgotten.items)])
    removed_items |= set(ledger["item_id"][ledger["article_id"].isin(forgotten.articles)])
    removed_items |= set(
        ledger["item_id"][[_host_hash(url) in forgotten.sites for url in ledger["url"]]]
    )
    if not removed_items:
        return frames
    removed_digests = set(ledger["raw_sha256"][ledger["item_id"].isin(removed_items)].dropna())
    retained = _rest(observations, removed_items)
    return dataclasses.replace(
        frames,
        observations=retained,
        **_signed(frames, set(retained["content_hash"])),
        cuts=_rest(frames.cuts, removed_items),
        rejects=_rest(frames.rejects, removed_items),
        ledger=_skipped(ledger, removed_items),
        raw=[raw for raw in frames.raw if raw.sha256 not in removed_digests],
    )


def _as_pandas(frames: BatchFrames) -> BatchFrames:
    observations, cuts, rejects, ledger = (
        to_pandas(data) if isinstance(data, pa.Table) else data
        for data in (frames.observations, frames.cuts, frames.rejects, frames.ledger)
    )
    return dataclasses.replace(
        frames, observations=observations, cuts=cuts, rejects=rejects, ledger=ledger
    )


def _signed(frames: BatchFrames, contents: set[str]) -> dict[str, pa.Table]:
    """Keep the signatures of these contents."""
    import pyarrow.compute as pc

    if frames.signatures is None or frames.shingles is None:
        return {}
    hashes = frames.signatures["content_hash"]
    signatures = frames.signatures.filter(pc.is_in(hashes, pa.array(sorted(contents), pa.string())))
    of_kept = pc.is_in(frames.shingles["content"], signatures["content"])
    return {"signatures": signatures, "shingles": frames.shingles.filter(of_kept)}


def host_of(url: str) -> str:
    """Return an address's host, without ``www.``; empty for a file."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_page(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _host_hash(url: str) -> str | None:
    host = host_of(url)
    return site_hash(host) if host else None


def _rest(data: pd.DataFrame, removed_items: set[str]) -> pd.DataFrame:
    return data[~data["item_id"].isin(removed_items)].reset_index(drop=True)


def _skipped(ledger: pd.DataFrame, removed_items: set[str]) -> pd.DataFrame:
    import pandas as pd

    rows = ledger["item_id"].isin(removed_items)
    changed = ledger.copy()
    changed.loc[rows, "fate"] = Fate.SKIPPED.value
    changed.loc[rows, "reason"] = REASON
    changed.loc[rows, "url"] = f"{REASON}:"
    changed.loc[rows, "locator"] = REASON + ":" + changed.loc[rows, "item_id"]
    of_the_article = ("detail", "article_id", "content_hash", "record_hash", "raw_sha256")
    for name in (*of_the_article, "fingerprint", "how", "hints"):
        changed.loc[rows, name] = pd.NA
    return changed
