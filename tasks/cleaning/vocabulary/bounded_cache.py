"""A table of what short texts are, filled as they are met: quicker than a cached function."""

from __future__ import annotations

from typing import Final, TypeVar

_MOST: Final = 4_096
"""Entries at most; a further text is judged each time."""

V = TypeVar("V")


class BoundedCache(dict[str, V]):
    """Values by text; ``judged`` gives those that are missing."""

    def judged(self, text: str) -> V:
        """Return a text's value."""
        raise NotImplementedError

    def __missing__(self, text: str) -> V:
        value = self.judged(text)
        if len(self) < _MOST:
            self[text] = value
        return value
