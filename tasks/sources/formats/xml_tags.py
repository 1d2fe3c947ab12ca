"""Tags of XML that never end, row upon row: libxml2 moves all that it holds for each of them."""

from __future__ import annotations

from typing import Final, Protocol

LONGEST: Final = 16_384
"""Bytes behind the last ``>`` from which on tags are taken to have none."""

OPENED: Final = 256
"""Times ``<`` stands among them: a tag may not hold one, and text that does so often is none."""


class Readable(Protocol):
    """What can be read."""

    def read(self, size: int = ..., /) -> bytes:
        """Read about so many bytes; nothing at the end alone."""
        ...


class ClosedTags:
    """A stream of XML in which ``>`` is put where hundreds of tags stand without one.

    The parser would keep all of them until one comes, and then take time that is quadratic.
    """

    def __init__(self, stream: Readable) -> None:
        """Read nothing yet."""
        self._stream = stream
        self._behind = 0
        self._opened = 0

    def read(self, size: int = -1) -> bytes:
        """Read about ``size`` bytes; nothing at the end alone."""
        data = self._stream.read(size)
        if len(data) <= LONGEST:
            return self._closed(data)
        steps = range(0, len(data), LONGEST)
        return b"".join(self._closed(data[at : at + LONGEST]) for at in steps)

    def _closed(self, data: bytes) -> bytes:
        end = data.rfind(b">")
        if end >= 0:
            self._behind = self._opened = 0
        self._behind += len(data) - end - 1
        self._opened += data.count(b"<", end + 1)
        if self._behind < LONGEST or self._opened < OPENED:
            return data
        self._behind = self._opened = 0
        return data + b">"
