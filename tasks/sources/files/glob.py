"""Which files under a root are meant, decided folder by folder as a walk goes down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape, has_magic

_ESCAPED = re.compile(r"\[([*?\[])\]")
Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How far a path fits: what its descendants still have to fit.

    ``()`` among ``open`` means that a pattern is used up: the path is meant, with all beneath.
    ``is_named`` says that the pattern named it by more than ``*``.
    """

    open: frozenset[Segments]
    is_named: bool = False

    @property
    def whole(self) -> bool:
        """Tell whether the path itself is meant."""
        return () in self.open

    def __bool__(self) -> bool:
        """Tell whether the path or anything beneath it can be meant."""
        return bool(self.open)

    def step(self, name: str) -> Match:
        """Go down to a child. What starts with a dot must be named with its dot."""
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
        """List the only children that can be meant, or None where a folder must be listed."""
        if any(not segments or has_magic(segments[0]) for segments in self.open):
            return None
        return sorted({segments[0] for segments in self.open})


def match_of(pattern: str) -> Match:
    """Start at the root with a glob pattern; the empty one means everything."""
    return Match(frozenset([tuple(part for part in pattern.split("/") if part not in ("", "."))]))


def literal(path: str) -> str:
    """Write a path as the pattern that names just it."""
    return escape(path)


def literal_path(pattern: str) -> str | None:
    """Give the one path that a pattern without wildcards names."""
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
    """Cut a pattern into the fixed folder that it starts with and the rest."""
    parts = path.split("/")
    fixed = next((index for index, part in enumerate(parts) if has_magic(part)), len(parts) - 1)
    root = "/".join(parts[:fixed])
    return (root or "/") if path.startswith("/") else root, "/".join(parts[fixed:])
