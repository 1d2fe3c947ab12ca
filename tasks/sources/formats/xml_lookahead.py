"""Reads text ahead as far as needed to find the ends of CDATA sections and comments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

CDATA: Final = "<![CDATA["
COMMENT: Final = "<!--"
END: Final = "]]>"
LONGEST_COMMENT: Final = 1_000_000
"""Characters; what does not end in them is no comment."""
LONGEST_TAG: Final = 20_000  # characters
LONGEST_SPACE: Final = 1_000  # characters between the end of CDATA and what follows it

_TOKEN: Final = 64  # characters of the longest token that is looked for


class TextAhead:
    """A text that comes in pieces: what was taken of it is forgotten, what lies ahead is read once.

    ``cap`` bounds the characters in which CDATA has to end.
    """

    def __init__(self, pieces: Iterable[str], cap: int) -> None:
        """Read nothing yet."""
        self._pieces = iter(pieces)
        self._cap = cap
        self._buffer = ""
        self._at = 0
        self._forgotten = 0  # characters before the buffer
        self._ended = False
        self._absent: dict[str, tuple[int, int]] = {}
        """By needle: from where to where in the text it is not."""

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find what comes next, and stay here."""
        self._forget()
        start = self._at
        while True:
            match = pattern.search(self._buffer, start)
            if match is not None or self._ended:
                return match
            start = max(self._at, len(self._buffer) - _TOKEN)
            self._more()

    def take(self, end: int) -> str:
        """Return the text up to a place in the buffer, and go there."""
        text = self._buffer[self._at : end]
        self._at = end
        return text

    def take_tag(self) -> str:
        """Return what is left of a tag; nothing where it has no end."""
        end = self._find(">", self._at, LONGEST_TAG)
        return self.take(end + 1) if end >= 0 else ""

    def rest(self) -> str:
        """Return all that is in the buffer, which is all where nothing more was found."""
        return self.take(len(self._buffer))

    def skip_comment(self) -> None:
        """Go behind a comment, or behind its mark if it has no end."""
        self._at += len(COMMENT)
        end = self._find("-->", self._at, LONGEST_COMMENT)
        if end >= 0:
            self._at = end + 3

    def cdata(self, enclosing: str, boundary: re.Pattern[str]) -> str:
        """Return what stands in CDATA, and go behind it.

        A mark of its end is one where its element ends or more CDATA begins behind it. Another is a
        part of the text, unless the element ends, or CDATA begins, before the next mark: then text
        stands behind it. CDATA that lacks its mark ends with its element, or between two items.
        """
        self._at += len(CDATA)
        name = re.escape(enclosing) if enclosing else r"[A-Za-z_][\w:.-]*"
        closing = re.compile(rf"</{name}\s*>")
        ends_here = re.compile(rf"\s*(?:</{name}\s*>|<!\[CDATA\[|\Z)")
        start, mark = self._at, -1
        while (end := self._find(END, start, self._cap)) >= 0:
            self._read_to(end + LONGEST_SPACE)
            closed = closing.search(self._buffer, start, end)
            reopened = self._buffer.find(CDATA, closed.end() if closed else start, end)
            if mark < 0 and not self._buffer.startswith(CDATA, end + len(END)):
                ends = closed or boundary.search(self._buffer, start, end)
                if ends and self._buffer.find(CDATA, ends.end(), end) >= 0:
                    return self.take(ends.start())
            if mark >= 0 and (closed or reopened >= 0 or boundary.search(self._buffer, start, end)):
                break
            mark, start = end, end + len(END)
            if ends_here.match(self._buffer, start):
                break
        if mark < 0 or (end < 0 and closing.search(self._buffer, start) is None):
            closed = closing.search(self._buffer, self._at)
            return self.take(closed.start()) if closed else self.rest()
        text = self.take(mark)
        self._at = mark + len(END)
        return text

    def _find(self, needle: str, start: int, within: int) -> int:
        """Find a text from a place of the buffer on; -1 if it is not within so many characters."""
        first, last = self._absent.get(needle, (0, 0))
        position, end = start + self._forgotten, start + within
        scan = last - self._forgotten if first <= position < last else start
        while True:
            index = self._buffer.find(needle, scan, end)
            known_from = first if first <= position < last else position
            if index >= 0:
                self._absent[needle] = (known_from, index + self._forgotten)
                return index
            scan = max(scan, min(end, len(self._buffer)) - len(needle) + 1)
            self._absent[needle] = (known_from, max(last, scan + self._forgotten))
            if self._ended or len(self._buffer) >= end:
                return -1
            self._more()

    def _read_to(self, end: int) -> None:
        while len(self._buffer) < end and not self._ended:
            self._more()

    def _forget(self) -> None:
        if self._at <= len(self._buffer) // 2:
            return
        self._buffer = self._buffer[self._at :]
        self._forgotten += self._at
        self._at = 0

    def _more(self) -> None:
        """Read as much again as half of what is there, so that adding it up stays linear."""
        added: list[str] = []
        size = 0
        while size <= len(self._buffer) // 2:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            added.append(piece)
            size += len(piece)
        self._buffer += "".join(added)
