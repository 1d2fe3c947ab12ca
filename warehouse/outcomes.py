"""What came of the items of a run, read from the lake for those who look at the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.items import REFUSED
from warehouse.duck import Cut, explained, scratch
from warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Problem:
    """An item that gave no article, and why."""

    fate: str
    reason: str
    locator: str
    url: str
    detail: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The most frequent failure of a run: a reason, the host that it concerns and one sentence."""

    reason: str
    host: str
    detail: str


STOPPED_ASKING: Final = "host_failing"
"""Follows from other failures of the host, which say why."""


def main_failure(lake: Lake, run_id: str) -> Failure | None:
    """Find why most of a committed run's failed items failed; None when none did."""
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            """SELECT coalesce(reason, ''), lower(regexp_extract(url, $host, 1)) AS host,
                coalesce(min(detail), '')
            FROM lake_ledger WHERE fate = 'failed'
            GROUP BY 1, 2 ORDER BY coalesce(reason, '') = $stopped, count(*) DESC, 1, 2 LIMIT 1""",
            {"host": _HOST, "stopped": STOPPED_ASKING},
        ).fetchone()
    return None if found is None else Failure(*found)


_HOST: Final = r"^https?://(?:[^/?#@]*@)?(\[[^\]/]*\]|[^/?#:@]*)"
"""Of an address, without a name, a password or a port."""


def problems(lake: Lake, run_id: str, *, most: int) -> list[Problem]:
    """List items of a committed run that were refused, rejected or failed.

    The first of each reason come first, so that a reason that is met once is seen beside one
    that is met a thousand times.
    """
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            """SELECT fate, coalesce(reason, ''), locator, url, coalesce(detail, '')
            FROM lake_ledger WHERE fate IN ('rejected', 'failed') OR reason IN (SELECT unnest(?))
            ORDER BY row_number() OVER (PARTITION BY fate, reason ORDER BY locator), fate, reason
            LIMIT ?""",
            [sorted(REFUSED), most],
        ).fetchall()
    return [Problem(*row) for row in found]


def skipped(lake: Lake, run_id: str) -> dict[str, int]:
    """Count the items of a committed run that were skipped, by reason."""
    with scratch(lake.store) as connection, explained("read the ledger"):
        Cut(connection, lake.tables).view("ledger", runs=[run_id])
        found = connection.execute(
            "SELECT coalesce(reason, ''), count(*) FROM lake_ledger WHERE fate = 'skipped' "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    return dict(found)
