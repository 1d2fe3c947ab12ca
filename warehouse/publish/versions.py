"""The folder of published versions: whole files beside each other, and a link to the current.

``warehouse-<version>.duckdb`` never changes once it has its name. ``warehouse-<version>.json``
beside it says what is in it, so that a publisher need not open a file that readers hold.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.block_copy import Spare
from copydesk.warehouse.storage import fsync

_CURRENT: Final = "current.duckdb"
_BUILDING: Final = ".building"
READING: Final = ".reading"
"""Head of the folders through which readers open a version (``access``)."""

_HELD: Final = "rolled-back.json"
_NAME: Final = re.compile(r"warehouse-(\d+)\.duckdb")

WORTH_KEEPING: Final = 64_000_000
"""Bytes from which a spare is kept: to copy less costs no more than to bring up three runs."""

FREE_SOME: Final = (
    "the version before is unchanged, and what runs committed is in the lake:"
    " free some room, then run copydesk publish"
)

_READ_ONLY: Final = 0o555
"""A version may not be written: opened to write by mistake, it would lock the others out."""

_OPENING_SECONDS: Final = 60.0
"""Longest time that a reader takes to open a version: some milliseconds."""

_WAIT_SECONDS: Final = 1800
"""Longest wait for another publisher: a rebuild of a million articles takes a few minutes."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a version holds: runs by id (those that count, and others), and rows by table.

    ``root`` is the version that was built from the lake alone and from which this one was brought
    up, step by step; ``dense`` is that one's size for each revision. ``compared`` names the rules
    by which its copies were found.
    """

    version: int
    layout: str
    lake: str
    counted: tuple[str, ...]
    others: tuple[str, ...]
    seen_until: datetime | None
    counts: Mapping[str, int]
    dense: float | None = None
    root: int | None = None
    base: int | None = None
    written: tuple[int, ...] = ()
    compared: str | None = None


class Serving:
    """The folder ``serving`` of a home."""

    def __init__(self, home: Path) -> None:
        """Name the folder; nothing is read or made yet."""
        self.folder = Path(home).absolute() / "serving"
        self.spare = Spare(self.folder)

    @contextlib.contextmanager
    def lock(self, *, seconds: float = _WAIT_SECONDS) -> Iterator[None]:
        """Be the only publisher. The system frees the lock of a process that died."""
        lock = FileLock(self.folder / "publish.lock", timeout=seconds)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            self.clear()
        except Timeout:
            raise PublishError(
                f"another publisher has been at work in {self.folder} for {seconds:g} s"
            ) from None
        except OSError as error:
            lock.release()
            raise PublishError(
                f"cannot write to {self.folder}: {error.strerror}; what is published is unchanged"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def current(self) -> int | None:
        """Give the version that readers see."""
        try:
            name = (self.folder / _CURRENT).readlink()
        except OSError:
            return None
        found = _NAME.fullmatch(name.name)
        if found is None or not (self.folder / name).exists():
            return None
        return int(found[1])

    def versions(self) -> list[int]:
        """List the versions that are kept, oldest first."""
        if not self.folder.is_dir():
            return []
        found = (_NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def path(self, version: int) -> Path:
        """Name a version's file."""
        return self.folder / f"warehouse-{version:06d}.duckdb"

    def contents(self, version: int) -> Contents | None:
        """Read what a version holds; None when nobody wrote it down."""
        return _read(self._sidecar(version))

    def spare_contents(self) -> Contents | None:
        """Read what the version holds that the next one may be built in."""
        return _read(self.spare.sidecar)

    def clear(self) -> None:
        """Delete what a publisher or a reader that failed or died has left."""
        before = time.time() - _OPENING_SECONDS
        stale = (one for one in self.folder.glob(f"{READING}-*") if _modified(one) < before)
        for left in (*self.folder.glob(f"{_BUILDING}*"), *stale):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def building(self) -> Path:
        """Name the file in which the next version is built."""
        return self.folder / f"{_BUILDING}-{os.getpid()}.duckdb"

    def install(self, built: Path, contents: Contents) -> Path:
        """Give a closed, complete file its name and let readers see it."""
        if built.with_name(built.name + ".wal").exists():
            raise PublishError(f"{built.name} was not closed: its .wal is still there")
        built.chmod(stat.S_IMODE(built.stat().st_mode) & _READ_ONLY)
        fsync.sync(built)
        _write(self._sidecar(contents.version), _encode(contents))
        path = self.path(contents.version)
        built.rename(path)
        fsync.sync(self.folder)
        checkpoint("publish:rename")
        self.point_to(contents.version)
        return path

    def point_to(self, version: int) -> None:
        """Let readers see a version from now on."""
        link = self.folder / f"{_BUILDING}-link"
        link.unlink(missing_ok=True)
        link.symlink_to(self.path(version).name)
        checkpoint("publish:link")
        link.replace(self.folder / _CURRENT)
        fsync.sync(self.folder)
        checkpoint("publish:swap")

    def prune(self, keep: int) -> None:
        """Delete all but the newest versions; the current one always stays.

        The newest of those that go is the spare, if the current one came of the same root.
        """
        current = self.current()
        root = None if current is None else _root(self.contents(current))
        if root is None or _root(self.spare_contents()) != root:
            self.spare.drop()
        old = self.versions()[:-keep] if keep > 0 else self.versions()
        for version in sorted(set(old) - {current}, reverse=True):
            path = self.path(version)
            if self.spare.size() == 0 and root is not None and self._fit(version, root):
                self.spare.keep(path, self._sidecar(version))
                continue
            path.unlink(missing_ok=True)
            self._sidecar(version).unlink(missing_ok=True)

    def _fit(self, version: int, root: int) -> bool:
        """Tell whether a version is worth keeping as the spare."""
        large = self.path(version).stat().st_size >= WORTH_KEEPING
        return large and _root(self.contents(version)) == root

    def written_since(self, old: Contents, new: Contents) -> set[int] | None:
        """Give the blocks that were written from one version to another; None: nobody knows."""
        blocks: set[int] = set()
        step: Contents | None = new
        while step is not None and step.version > old.version:
            if step.base is None or step.root != old.root:
                return None
            blocks.update(step.written)
            if step.base == old.version:
                return blocks
            step = self.contents(step.base)
        return None

    def hold(self, version: int | None) -> None:
        """Note that readers were sent back from ``version``; None when that is over."""
        if version is None:
            (self.folder / _HELD).unlink(missing_ok=True)
        else:
            _write(self.folder / _HELD, json.dumps({"from": version}))

    def held(self) -> int | None:
        """Give the version from which readers were sent back."""
        try:
            return int(json.loads((self.folder / _HELD).read_text())["from"])
        except (OSError, ValueError, KeyError):
            return None

    def require_space(self, needed: int) -> None:
        """Refuse to start what the disk has no room for."""
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise PublishError(
                f"publishing needs about {needed / 1e6:,.0f} MB in {self.folder}, "
                f"{free / 1e6:,.0f} MB are free; {FREE_SOME}"
            )

    def _sidecar(self, version: int) -> Path:
        return self.path(version).with_suffix(".json")


def _read(sidecar: Path) -> Contents | None:
    try:
        values = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    until = values["seen_until"]
    values["seen_until"] = None if until is None else datetime.fromisoformat(until)
    values["counted"] = tuple(values["counted"])
    values["others"] = tuple(values["others"])
    values["written"] = tuple(values.get("written", ()))
    return Contents(**values)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _root(contents: Contents | None) -> int | None:
    return None if contents is None else contents.root


def _encode(contents: Contents) -> str:
    values = asdict(contents)
    until = contents.seen_until
    values["seen_until"] = None if until is None else until.astimezone(UTC).isoformat()
    return json.dumps(values)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{_BUILDING}-{path.name}")
    temporary.write_text(text, encoding="utf-8")
    fsync.sync(temporary)
    temporary.replace(path)
