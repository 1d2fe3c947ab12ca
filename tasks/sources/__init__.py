"""Sources: they list the items to read, and read their bytes.

Importing this package is cheap; a format's library is imported by the reader that needs it.
"""

from __future__ import annotations

from copydesk.tasks.sources.files.media_types import media_type_of
from copydesk.tasks.sources.open_inputs import open_sources
from copydesk.tasks.sources.source import (
    LISTING,
    NOTHING_KNOWN,
    KnownTransport,
    Limits,
    Source,
    SourceError,
)

__all__ = [
    "LISTING",
    "NOTHING_KNOWN",
    "KnownTransport",
    "Limits",
    "Source",
    "SourceError",
    "media_type_of",
    "open_sources",
]
