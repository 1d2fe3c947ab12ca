"""Names of the kinds of source, built in and from other packages."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from copydesk.schemas.plugins import SOURCES, plugin_names


class SourceKind(StrEnum):
    """Built-in kinds of source; ``site`` detects how the site lists its articles."""

    SITE = "site"
    WORDPRESS = "wordpress"
    SITEMAP = "sitemap"
    FEED = "feed"
    ADDRESSES = "addresses"
    FILES = "files"
    IMAP = "imap"

    @property
    def is_web(self) -> bool:
        """Return whether its addresses are of the web."""
        return self in _WEB


_WEB: Final = frozenset(
    {
        *(SourceKind.SITE, SourceKind.WORDPRESS, SourceKind.SITEMAP),
        *(SourceKind.FEED, SourceKind.ADDRESSES),
    }
)


def other_kinds() -> frozenset[str]:
    """Return the kinds that are neither files nor on the web; they are schemes of addresses."""
    built_in = frozenset(
        kind for kind in SourceKind if not kind.is_web and kind is not SourceKind.FILES
    )
    return built_in | (plugin_names(SOURCES) - set(SourceKind))


def all_kinds() -> tuple[str, ...]:
    """Return all kinds, built-in ones first."""
    return (*SourceKind, *sorted(other_kinds() - set(SourceKind)))
