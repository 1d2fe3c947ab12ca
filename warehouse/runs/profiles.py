"""Profiles of runs: computed at sealing, stored in the run's row, read by later quality gates."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from copydesk.schemas.run_profile import SHORT_WORDS, Profile, read_profiles
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.duckdb_views import Snapshot

_ROWS: Final = 500
"""Largest number of rows of ``runs`` that are read for one source's profiles."""


def sealed_profiles(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Profile]:
    """Compute the profiles of the run that is being sealed, by source; ``name`` is the SQL file."""
    result = connection.execute(statements(name), {"short": SHORT_WORDS})
    columns = [column[0] for column in result.description or ()]
    profiles = {}
    for row in result.fetchall():
        values = dict(zip(columns, row, strict=True))
        values["languages"] = dict(values["languages"] or {})
        source = values.pop("source")
        profiles[source] = Profile(**values)
    return profiles


def past_profiles(
    snapshot: Snapshot, source: str, *, slices: bool
) -> list[tuple[datetime, Profile]]:
    """Return a source's last committed profiles with their runs' start times, newest first.

    ``slices`` selects runs of slices, which may rightly be empty; without it, all other runs.
    """
    rows = snapshot.connection.execute(
        "SELECT started_at, profile FROM lake_runs"
        " WHERE state = 'committed' AND flow <> 'reclean' AND contains(profile, ?)"
        " AND (slice_key IS NOT NULL) = ?"
        " ORDER BY started_at DESC, run_id DESC LIMIT ?",
        [source, slices, _ROWS],
    ).fetchall()
    profiles = ((started, read_profiles(text).get(source)) for started, text in rows)
    return [(started, profile) for started, profile in profiles if profile is not None]
