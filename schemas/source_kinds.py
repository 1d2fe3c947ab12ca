"""The names of the kinds of source: copydesk's own, and those of other packages."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from copydesk.schemas.plugins import SOURCES, plugin_names


class SourceKind(StrEnum):
    """What a source is; ``site`` finds out by itself how the site lists its articles."""

    SITE = "site"
    WORDPRESS = "wordpress"
    SITEMAP = "sitemap"
    FEED = "feed"
    ADDRESSES = "addresses"
    FILES = "files"

    @property
    def is_web(self) -> bool:
        """Whether its addresses are of the web."""
        return self in _WEB


_WEB: Final = frozenset(
    {
        *(SourceKind.SITE, SourceKind.WORDPRESS, SourceKind.SITEMAP),
        *(SourceKind.FEED, SourceKind.ADDRESSES),
    }
)


def other_kinds() -> frozenset[str]:
    """Name the kinds that are neither files nor of the web; addresses have them as their scheme."""
    own = frozenset(kind for kind in SourceKind if not kind.is_web and kind is not SourceKind.FILES)
    return own | (plugin_names(SOURCES) - set(SourceKind))


def all_kinds() -> tuple[str, ...]:
    """Name all kinds, copydesk's own first."""
    return (*SourceKind, *sorted(other_kinds() - set(SourceKind)))
