"""Backfill: a range of days cut into slices, each of which is a run that replaces itself."""
