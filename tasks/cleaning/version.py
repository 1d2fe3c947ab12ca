"""The cleaner's version, stored with every row so that a reclean finds outdated ones."""

from __future__ import annotations

CLEANER_VERSION = "4"
"""Increased whenever cleaning gives another title or text for some input."""
