"""Waits before a deployed flow retries."""

from __future__ import annotations

from typing import Final

SOURCE_WAITS: Final = (15.0, 30.0, 60.0, 120.0)
"""Seconds before each further attempt at a failed source; a restarting site is back by then."""

UPKEEP_WAITS: Final = (60.0, 120.0)
"""The same for flows that only use the lake; their tasks have already retried."""
