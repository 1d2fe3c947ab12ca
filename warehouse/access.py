"""Reading the published tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect(
    home: str | Path = "copydesk-data",
    *,
    memory_limit: str = "2GB",
    threads: int | None = None,
    seconds: float | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open the version that is current now: read-only, without files or network.

    The connection keeps that version; connect again to see a newer one. ``seconds`` limits each
    statement. PublishError when nothing is published.
    """
    raise NotImplementedError
