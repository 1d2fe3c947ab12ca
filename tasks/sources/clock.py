"""The clock of the sources: a parameter with this as its default, so that tests set the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time, timezone-aware."""
    return datetime.now(UTC)
