"""Counts the files of a folder or an archive that gave nothing, by their suffixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from copydesk.schemas.items import UNKNOWN_TYPE, Fate, Missing
from copydesk.schemas.plural import plural
from copydesk.tasks.sources.files.media_types import without_compression
from copydesk.tasks.sources.formats.context import Reading

GROUPS: Final = 50
"""Suffixes with a row of their own; the files of all further ones have one together."""

NO_ARTICLES: Final = "no_articles"
"""The reason of a row that stands for files without articles, such as empty tables."""

_WHY: Final = {
    UNKNOWN_TYPE: "which no reader knows",
    NO_ARTICLES: "in which there are no articles",
}
_LONGEST: Final = 12  # of what is a suffix rather than the end of a sentence


class UnreadFiles:
    """The number of files of each suffix, and the first of them by name.

    ``reason`` is ``UNKNOWN_TYPE``, or ``NO_ARTICLES`` of files that were read.
    """

    def __init__(self, reason: str = UNKNOWN_TYPE) -> None:
        """Start without any."""
        self._reason = reason
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, name: str) -> None:
        """Count a file."""
        suffix = PurePosixPath(without_compression(name)).suffix.lower()
        group = suffix if len(suffix) <= _LONGEST else ""
        if group not in self._first and len(self._first) >= GROUPS:
            group = "…"
        self._counts[group] += 1
        self._first.setdefault(group, name)

    def rows(self, reading: Reading, kind: str = "", path: str = "") -> Iterator[Missing]:
        """Offer a row for each suffix, of the archive at ``path``, else of the whole source."""
        for group, count in self._counts.items():
            name = f"*{group}"
            item = reading.item(kind, path, member=name) if path else reading.item("file", name)
            shown = {"": "without a suffix", "…": "of other suffixes"}.get(
                group, f"of type {group}"
            )
            detail = (
                f"{item.locator}: {plural(count, 'file')} {shown}, {_WHY[self._reason]}; "
                f"the first is {self._first[group]}"
            )
            yield Missing(item, Fate.SKIPPED, self._reason, detail, reading.clock())
