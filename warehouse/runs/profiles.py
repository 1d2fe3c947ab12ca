"""Profiles of runs: worked out while a run is sealed, kept in its row, read by later gates."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from copydesk.schemas.run_profile import SHORT_WORDS, Profile, read_profiles
from copydesk.warehouse.storage.duckdb_views import statements

if TYPE_CHECKING:
    import duckdb

    from copydesk.warehouse.storage.duckdb_views import Cut

_ROWS: Final = 500
"""Rows of runs that are looked through for those of one source."""


def sealed_profiles(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Profile]:
    """Work out the profiles of the run that is being sealed; ``name`` is the SQL file."""
    found = connection.execute(statements(name), {"short": SHORT_WORDS})
    columns = [column[0] for column in found.description or ()]
    profiles = {}
    for row in found.fetchall():
        values = dict(zip(columns, row, strict=True))
        values["languages"] = dict(values["languages"] or {})
        source = values.pop("source")
        profiles[source] = Profile(**values)
    return profiles


def past_profiles(cut: Cut, source: str, *, slices: bool) -> list[tuple[datetime, Profile]]:
    """Give the source's last committed runs, newest first, with the time of their start.

    ``slices`` asks for runs of slices, which may be empty by right, and else for the others.
    """
    rows = cut.connection.execute(
        "SELECT started_at, profile FROM lake_runs"
        " WHERE state = 'committed' AND flow <> 'reclean' AND contains(profile, ?)"
        " AND (slice_key IS NOT NULL) = ?"
        " ORDER BY started_at DESC, run_id DESC LIMIT ?",
        [source, slices, _ROWS],
    ).fetchall()
    found = ((started, read_profiles(text).get(source)) for started, text in rows)
    return [(started, profile) for started, profile in found if profile is not None]
