"""Glob patterns matched folder by folder while a directory tree is walked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape, has_magic

_ESCAPED = re.compile(r"\[([*?\[])\]")
Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The state of a match: the pattern segments that descendants still have to match.

    ``()`` in ``open`` means that a pattern is complete: the path matches, and all below it.
    ``is_named`` says that the pattern named it by more than ``*``.
    """

    open: frozenset[Segments]
    is_named: bool = False

    @property
    def whole(self) -> bool:
        """Return whether the path itself matches."""
        return () in self.open

    def __bool__(self) -> bool:
        """Return whether the path or anything below it can match."""
        return bool(self.open)

    def step(self, name: str) -> Match:
        """Match a child's name; a name with a leading dot needs one in the pattern."""
        hidden = name.startswith(".")
        fits: set[Segments] = set()
        is_named = False
        for segments in self.open:
            if not segments:
                if not hidden:
                    fits.add(())
                continue
            unmatched = segments
            while unmatched and unmatched[0] == "**":
                if not hidden:
                    fits.add(unmatched if len(unmatched) > 1 else ())
                unmatched = unmatched[1:]
            if (
                unmatched
                and (not hidden or unmatched[0].startswith("."))
                and fnmatchcase(name, unmatched[0])
            ):
                fits.add(unmatched[1:])
                is_named = is_named or (
                    len(unmatched) == 1 and ("." in unmatched[0] or not has_magic(unmatched[0]))
                )
        return Match(frozenset(fits), is_named)

    def literal_names(self) -> list[str] | None:
        """Return the only children that can match, or None if the folder must be listed."""
        if any(not segments or has_magic(segments[0]) for segments in self.open):
            return None
        return sorted({segments[0] for segments in self.open})


def match_of(pattern: str) -> Match:
    """Start a match at the root; the empty pattern matches everything."""
    return Match(frozenset([tuple(part for part in pattern.split("/") if part not in ("", "."))]))


def literal(path: str) -> str:
    """Return the pattern that matches just this path."""
    return escape(path)


def literal_path(pattern: str) -> str | None:
    """Return the only path that a pattern without wildcards matches; else None."""
    names = []
    for part in pattern.split("/"):
        match = match_of(part).literal_names()
        if match is None:  # what ``literal`` escaped has brackets, as a wildcard has
            path = _ESCAPED.sub(r"\1", part)
            if escape(path) != part:
                return None
            match = [path]
        names += match
    return "/".join(names) or None


def split_glob(path: str) -> tuple[str, str]:
    """Split a pattern into its leading folder without wildcards and the rest."""
    parts = path.split("/")
    fixed = next((index for index, part in enumerate(parts) if has_magic(part)), len(parts) - 1)
    root = "/".join(parts[:fixed])
    return (root or "/") if path.startswith("/") else root, "/".join(parts[fixed:])
