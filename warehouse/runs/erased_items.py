"""What must not come back: identities that were removed by request, and batches without them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pyarrow as pa

from copydesk.schemas.ids import site_hash
from copydesk.schemas.items import Fate
from copydesk.warehouse.runs.models import BatchFrames
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.duckdb_views import Cut, scratch
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
"""What becomes of the ledger's rows, in SQL: the count of a run's items must stay true."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Identities that were removed: articles, items, and hashes of sites' names and hosts."""

    articles: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.articles or self.items or self.sites)


def read_forgotten(store: Store, tables: Tables) -> Forgotten:
    """Read what the lake must not take back."""
    if not tables.files("forgotten"):
        return Forgotten()
    with scratch(store) as connection:
        cut = Cut(connection, tables)
        cut.view("forgotten", everything=True)
        found = connection.execute("SELECT kind, value FROM lake_forgotten").fetchall()
    return Forgotten(
        *(
            frozenset(value for kind, value in found if kind == wanted)
            for wanted in ("article_id", "item_id", "site")
        )
    )


def without_forgotten(frames: BatchFrames, forgotten: Forgotten) -> BatchFrames:
    """Take forgotten articles out of a batch; their ledger rows stay, skipped and without them."""
    if not forgotten:
        return frames
    observations, ledger = frames.observations, frames.ledger
    of_site = [site_hash(site) in forgotten.sites for site in observations["site"].fillna("")]
    gone = set(observations["item_id"][of_site])
    pages = zip(observations["url"], observations["canonical_url"].fillna(""), strict=True)
    of_page = [not _is_page(url) and _host_hash(page) in forgotten.sites for url, page in pages]
    gone |= set(observations["item_id"][of_page])
    gone |= set(observations["item_id"][observations["article_id"].isin(forgotten.articles)])
    gone |= set(ledger["item_id"][ledger["item_id"].isin(forgotten.items)])
    gone |= set(ledger["item_id"][ledger["article_id"].isin(forgotten.articles)])
    gone |= set(ledger["item_id"][[_host_hash(url) in forgotten.sites for url in ledger["url"]]])
    if not gone:
        return frames
    lost = set(ledger["raw_sha256"][ledger["item_id"].isin(gone)].dropna())
    rest = _rest(observations, gone)
    return dataclasses.replace(
        frames,
        observations=rest,
        **_signed(frames, set(rest["content_hash"])),
        cuts=_rest(frames.cuts, gone),
        rejects=_rest(frames.rejects, gone),
        ledger=_skipped(ledger, gone),
        raw=[raw for raw in frames.raw if raw.sha256 not in lost],
    )


def _signed(frames: BatchFrames, contents: set[str]) -> dict[str, pa.Table]:
    """Keep the signatures of these contents."""
    import pyarrow.compute as pc

    if frames.signatures is None or frames.shingles is None:
        return {}
    hashes = frames.signatures["content_hash"]
    kept = frames.signatures.filter(pc.is_in(hashes, pa.array(sorted(contents), pa.string())))
    of_kept = pc.is_in(frames.shingles["content"], kept["content"])
    return {"signatures": kept, "shingles": frames.shingles.filter(of_kept)}


def host_of(url: str) -> str:
    """Give an address's host, without ``www.``; empty for a file."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_page(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _host_hash(url: str) -> str | None:
    host = host_of(url)
    return site_hash(host) if host else None


def _rest(data: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    return data[~data["item_id"].isin(gone)].reset_index(drop=True)


def _skipped(ledger: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    import pandas as pd

    rows = ledger["item_id"].isin(gone)
    changed = ledger.copy()
    changed.loc[rows, "fate"] = Fate.SKIPPED.value
    changed.loc[rows, "reason"] = REASON
    changed.loc[rows, "url"] = f"{REASON}:"
    changed.loc[rows, "locator"] = REASON + ":" + changed.loc[rows, "item_id"]
    of_the_article = ("detail", "article_id", "content_hash", "record_hash", "raw_sha256")
    for name in (*of_the_article, "fingerprint", "how", "hints"):
        changed.loc[rows, name] = pd.NA
    return changed
