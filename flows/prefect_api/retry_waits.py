"""How long a deployed flow waits before it tries again."""

from __future__ import annotations

from typing import Final

SOURCE_WAITS: Final = (15.0, 30.0, 60.0, 120.0)
"""Seconds before each further attempt of a source that fails: a site that restarts is back."""

UPKEEP_WAITS: Final = (60.0, 120.0)
"""The same of flows that need nothing but the lake; their tasks have tried again by then."""
