"""File storage: the protocol that readers need, and the local folder that implements it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, runtime_checkable

from copydesk.tasks.sources.files.glob import Match, match_of
from copydesk.tasks.sources.files.paths import plain_path

Inode = tuple[int, int]
DELTA_LOG: Final = "_delta_log"
"""The folder by which Delta tables are known; which files are theirs stands in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its path under the root (parts separated by ``/``) and its fingerprint.

    ``is_named``: the user named it explicitly. ``problem`` says why it cannot be read.
    ``is_link``: it is a symbolic link out of the root; that of a folder ends with ``/``.
    """

    path: str
    fingerprint: str | None = None
    is_named: bool = False
    problem: str | None = None
    is_link: bool = False


class Storage(Protocol):
    """Files under one root; frozen, hashable and picklable."""

    @property
    def root(self) -> str:
        """Absolute path or address of the root."""
        ...

    def walk(self, pattern: str) -> Iterator[Entry]:
        """Offer the files that match a pattern, sorted; the empty pattern matches all."""
        ...

    def open(self, path: str) -> BinaryIO:
        """Open a file as a seekable stream; ``OSError`` if that is not possible."""
        ...

    def fingerprint(self, path: str) -> str | None:
        """Return a string that differs whenever the content may differ."""
        ...

    def url(self, path: str) -> str:
        """Return the address under which the tables show a file."""
        ...


@runtime_checkable
class CopyingStorage(Protocol):
    """Storage that copies each file to this machine before it is read."""

    def release(self, path: str) -> None:
        """Delete the copy of a file; the next reader makes another."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine, by its absolute path.

    Symbolic links that leave it are followed where a pattern names them, else if ``follow_links``.
    """

    root: str
    follow_links: bool = False

    def walk(self, pattern: str) -> Iterator[Entry]:
        """Offer the files, each folder in sorted order.

        Hidden files and folders are left out unless the pattern names them, and a link to a
        folder that encloses it is not followed.
        """
        yield from self._walk("", match_of(pattern), frozenset())

    def open(self, path: str) -> BinaryIO:
        """Open a regular file."""
        return Path(self.root, path).open("rb")

    def fingerprint(self, path: str) -> str:
        """Return size and modification time."""
        return _fingerprint(Path(self.root, path).stat())

    def url(self, path: str) -> str:
        """Return the path under the root, which stays the same when the folder moves."""
        return f"file:{plain_path(path)}"

    def _walk(self, under: str, match: Match, above: frozenset[Inode]) -> Iterator[Entry]:
        folder = Path(self.root, under)
        try:
            status = folder.stat()
            named = match.literal_names()
            names = named or sorted(os.listdir(folder))  # noqa: PTH208
        except OSError as error:
            yield Entry(under or ".", problem=error.strerror)
            return
        itself = (status.st_dev, status.st_ino)
        if itself in above:
            return
        if not named and (table := _table_in(folder, under, names)) is not None:
            yield table
            return
        for name in names:
            if below := match.step(name):
                path = f"{under}/{name}" if under else name
                if not named and self._leaves(path):
                    yield from _refused(path, Path(self.root, path), below)
                else:
                    yield from self._entries_at(path, below, above | {itself})

    def _leaves(self, path: str) -> bool:
        """Return whether a path is a symbolic link to a place outside of the root."""
        if self.follow_links or not os.path.islink(f"{self.root}/{path}"):  # noqa: PTH114
            return False
        target = os.path.realpath(f"{self.root}/{path}")
        if target == self.root:
            return False
        return os.path.exists(target) and not target.startswith(f"{self.root.rstrip('/')}/")  # noqa: PTH110

    def _entries_at(self, path: str, match: Match, above: frozenset[Inode]) -> Iterator[Entry]:
        try:
            status = Path(self.root, path).stat()
        except OSError as error:
            if match.whole:
                yield Entry(path, is_named=match.is_named, problem=error.strerror)
            return
        if stat.S_ISDIR(status.st_mode):
            yield from self._walk(path, match, above)
        elif match.whole:
            problem = None if stat.S_ISREG(status.st_mode) else "a pipe, a socket or a device"
            yield Entry(path, _fingerprint(status), match.is_named, problem)


def _refused(path: str, link: Path, match: Match) -> Iterator[Entry]:
    """Offer a link out of the root as an entry with a problem, if the pattern means it."""
    problem = "a symbolic link out of the folder: name it yourself, or set follow_links = true"
    if link.is_dir():
        yield Entry(f"{path}/", problem=problem, is_link=True)
    elif match.whole:
        yield Entry(path, is_named=match.is_named, problem=problem, is_link=True)


def _table_in(folder: Path, under: str, names: Sequence[str]) -> Entry | None:
    """Find the log of a table that a folder is, of which the data files alone tell nothing."""
    prefix = f"{under}/" if under else ""
    if DELTA_LOG in names:
        versions = sorted((folder / DELTA_LOG).glob("*.json"))
        status = (versions[-1] if versions else folder / DELTA_LOG).stat()
        return Entry(f"{prefix}{DELTA_LOG}", _fingerprint(status))
    if "metadata" in names and any((folder / "metadata").glob("*.metadata.json")):
        problem = "a table of Iceberg, which is not read: export it as Parquet files"
        return Entry(f"{prefix}metadata", problem=problem)
    if ".hoodie" in names:
        problem = "a table of Hudi, which is not read: export it as Parquet files"
        return Entry(f"{prefix}.hoodie", problem=problem)
    return None


def _fingerprint(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"
