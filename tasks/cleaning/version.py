"""The cleaner's version: stored with every row, so that a reclean knows what is old."""

from __future__ import annotations

CLEANER_VERSION = "3"
"""Raised whenever cleaning gives another title or text for some input."""
