"""Sources: what there is to read, and its bytes.

Importing this package is cheap; a format's library is imported by the reader that needs it.
"""

from __future__ import annotations

from tasks.sources.errors import SourceError
from tasks.sources.limits import Limits
from tasks.sources.media import media_type_of
from tasks.sources.opening import open_sources
from tasks.sources.protocol import LISTING, NOTHING_KNOWN, Known, Source

__all__ = [
    "LISTING",
    "NOTHING_KNOWN",
    "Known",
    "Limits",
    "Source",
    "SourceError",
    "media_type_of",
    "open_sources",
]
