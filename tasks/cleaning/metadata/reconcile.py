"""Weigh a page's evidence: one value a field, and where it was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schemas.article import Hints
from tasks.cleaning.metadata.model import Evidence, Metadata, TextBlock


def reconcile(
    evidence: Evidence,
    *,
    blocks: Sequence[TextBlock],
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None = None,
) -> Metadata:
    """Decide each field from the page's evidence, its visible blocks and the source's hints."""
    del blocks, url, observed_at, hints
    title = evidence.headings[0] if evidence.headings else evidence.title
    return Metadata(title=title)
