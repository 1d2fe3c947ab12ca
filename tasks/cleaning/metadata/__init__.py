"""Title, authors, dates and the rest of what an HTML page says of its article."""

from tasks.cleaning.metadata.gather import gather
from tasks.cleaning.metadata.model import Evidence, Mark, Metadata, TextBlock, TextBlocks
from tasks.cleaning.metadata.reconcile import reconcile

__all__ = ["Evidence", "Mark", "Metadata", "TextBlock", "TextBlocks", "gather", "reconcile"]
