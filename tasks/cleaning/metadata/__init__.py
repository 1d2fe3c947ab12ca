"""Extract an HTML page's metadata: title, authors, dates and other fields."""

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
