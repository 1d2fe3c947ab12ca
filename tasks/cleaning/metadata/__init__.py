"""Title, authors, dates and the rest of what an HTML page says of its article."""

from copydesk.tasks.cleaning.metadata.evidence import gather
from copydesk.tasks.cleaning.metadata.model import (
    Evidence,
    Mark,
    Metadata,
    Setting,
    TextBlock,
    TextBlocks,
)
from copydesk.tasks.cleaning.metadata.reconcile import reconcile

__all__ = [
    "Evidence",
    "Mark",
    "Metadata",
    "Setting",
    "TextBlock",
    "TextBlocks",
    "gather",
    "reconcile",
]
