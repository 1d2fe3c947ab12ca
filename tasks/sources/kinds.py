"""The kinds of source and the modules that open them, those of other packages included."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from copydesk.schemas.plugins import SOURCES, load_plugin
from copydesk.schemas.source_kinds import SourceKind, other_kinds
from copydesk.tasks.sources.source import Clock, Limits, Source, utc_now

if TYPE_CHECKING:
    from copydesk.tasks.sources.web.web_options import Web

_FILES: Final = "copydesk.tasks.sources.files.open_files"
_WEB: Final = "copydesk.tasks.sources.web.open_web"
MODULES: Final[Mapping[SourceKind, str]] = {
    SourceKind.FILES: _FILES,
    SourceKind.IMAP: "copydesk.tasks.sources.mail.imap",
    **{kind: _WEB for kind in SourceKind if kind.is_web},
}
"""The module of each kind that implements ``SourceOpener``."""

_SCHEME: Final = re.compile(r"(?!https?:|file:)[a-z][a-z0-9+.-]+(?=:)")


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """How sources are opened and read.

    ``name`` is the name that the user gave, if any. ``columns`` maps fields to the columns of
    tables. ``storage_options`` are passed to fsspec, with secrets resolved.
    ``item_limit`` is the most unknown articles that a source offers in one run. ``web`` is how
    hosts are fetched from, if that was set. ``follow_links``: symbolic links out of a folder are
    followed.
    """

    name: str | None = None
    limits: Limits = field(default_factory=Limits)
    columns: Mapping[str, str] = field(default_factory=dict)
    storage_options: Mapping[str, object] = field(default_factory=dict, repr=False)
    web: Web | None = None
    item_limit: int | None = None
    clock: Clock = utc_now
    follow_links: bool = False


class SourceOpener(Protocol):
    """Opens sources of one kind: the function that such a module has to define."""

    def open_sources(self, inputs: Sequence[str], options: OpenOptions, /) -> Sequence[Source]:
        """Make sources from paths or addresses; ``SourceError`` names an invalid one."""
        ...


def source_opener(kind: str) -> SourceOpener:
    """Import the opener of a kind; ``PluginError`` says why another package's does not load."""
    if kind in MODULES:
        return cast(SourceOpener, import_module(MODULES[SourceKind(kind)]))
    return cast(SourceOpener, load_plugin(SOURCES, kind, ("open_sources",)))


def kind_of_scheme(text: str) -> str | None:
    """Return the plug-in kind that an address such as ``mailbox:…`` names by its scheme."""
    scheme = _SCHEME.match(text)
    return scheme[0] if scheme is not None and scheme[0] in other_kinds() else None
