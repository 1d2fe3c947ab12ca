"""The folder of published versions: complete files, and a symbolic link to the current one.

``warehouse-<version>.duckdb`` never changes once it has its name. ``warehouse-<version>.json``
describes its contents, so that a publisher need not open a file in use.
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
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from copydesk.warehouse.errors import PublishError
from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.publish.storage_format import DEFAULT, StorageVersion
from copydesk.warehouse.storage import fsync

_CURRENT: Final = "current.duckdb"
_BUILDING: Final = ".building"
READING: Final = ".reading"
"""Name prefix of the folders through which readers open a version (``query.connect``)."""

_SPARE: Final = ".spare"
"""Name of a retired version's files that an earlier release kept to write the next one into."""

_ROLLED_BACK: Final = "rolled-back.json"
_SETTINGS: Final = "settings.json"
_NAME: Final = re.compile(r"warehouse-(\d+)\.duckdb")

FREE_SOME: Final = (
    "the version before is unchanged, and what runs committed is in the lake:"
    " free some space, then run copydesk publish"
)

_READ_ONLY: Final = 0o555
"""Permissions of a version: opened for writing by mistake, it would lock readers out."""

_OPENING_SECONDS: Final = 60.0
"""Upper bound in seconds for a reader to open a version, which takes milliseconds."""

_WAIT_SECONDS: Final = 1800
"""Longest wait for another publisher, in seconds; rebuilding a million articles takes minutes."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Contents of a version: ids of runs (those that count, and others) and row counts by table.

    ``dense`` is the size in bytes per revision of the version built from the lake alone on which
    this one is based, in one or more steps. ``compared`` is the version of the rules of near
    copies.
    """

    version: int
    layout: str
    lake: str
    counted: tuple[str, ...]
    others: tuple[str, ...]
    seen_until: datetime | None
    counts: Mapping[str, int]
    dense: float | None = None
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class Rollback:
    """Readers were sent back to an earlier version: from which one, and when."""

    left: int
    since: datetime | None = None

    def sentence(self, current: int) -> str:
        """Say what readers see meanwhile, and how to end it."""
        since = f" on {self.since:%Y-%m-%d %H:%M} UTC" if self.since is not None else ""
        return (
            f"Readers see version {current}: they were rolled back from version {self.left}{since},"
            " and nothing newer is published until copydesk publish --resume."
        )


class Serving:
    """The folder ``serving`` of a home, with the published versions."""

    def __init__(self, home: Path) -> None:
        """Store which folder it is; nothing is read or created yet."""
        self.folder = Path(home).absolute() / "serving"

    @contextlib.contextmanager
    def lock(self, *, seconds: float = _WAIT_SECONDS) -> Iterator[None]:
        """Hold the publishers' lock. The system releases it when the process dies."""
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
        """Return the current version; None when there is none."""
        try:
            name = (self.folder / _CURRENT).readlink()
        except OSError:
            return None
        match = _NAME.fullmatch(name.name)
        if match is None or not (self.folder / name).exists():
            return None
        return int(match[1])

    def versions(self) -> list[int]:
        """List the stored versions, oldest first."""
        if not self.folder.is_dir():
            return []
        matches = (_NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in matches if match)

    def path(self, version: int) -> Path:
        """Return the path of a version's file."""
        return self.folder / f"warehouse-{version:06d}.duckdb"

    def contents(self, version: int) -> Contents | None:
        """Read a version's contents; None when its sidecar is missing."""
        return _read(self._sidecar(version))

    def clear(self) -> None:
        """Delete temporary files of publishers and readers that failed or died."""
        before = time.time() - _OPENING_SECONDS
        stale = (
            folder for folder in self.folder.glob(f"{READING}-*") if _modified(folder) < before
        )
        spare = self.folder.glob(f"{_SPARE}.*")
        for path in (*self.folder.glob(f"{_BUILDING}*"), *spare, *stale):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def building(self) -> Path:
        """Return the path of the file in which the next version is built."""
        return self.folder / f"{_BUILDING}-{os.getpid()}.duckdb"

    def install(self, built: Path, contents: Contents) -> Path:
        """Rename a closed, complete file to its version's name and make it current."""
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
        """Make a version current."""
        link = self.folder / f"{_BUILDING}-link"
        link.unlink(missing_ok=True)
        link.symlink_to(self.path(version).name)
        checkpoint("publish:link")
        link.replace(self.folder / _CURRENT)
        fsync.sync(self.folder)
        checkpoint("publish:swap")

    def prune(self, keep: int) -> None:
        """Delete all but the newest ``keep`` versions; the current one always stays."""
        old = self.versions()[:-keep] if keep > 0 else self.versions()
        for version in set(old) - {self.current()}:
            self.path(version).unlink(missing_ok=True)
            self._sidecar(version).unlink(missing_ok=True)

    def record_rollback(self, rollback: Rollback | None) -> None:
        """Record a rollback; None ends it."""
        if rollback is None:
            (self.folder / _ROLLED_BACK).unlink(missing_ok=True)
        else:
            at = rollback.since.isoformat() if rollback.since is not None else None
            text = json.dumps({"from": rollback.left, "since": at})
            _write(self.folder / _ROLLED_BACK, text)

    def rollback(self) -> Rollback | None:
        """Return the rollback in force; None without one."""
        try:
            values = json.loads((self.folder / _ROLLED_BACK).read_text())
            since = values.get("since")  # earlier releases did not write it
            moment = datetime.fromisoformat(since) if since else None
            return Rollback(int(values["from"]), moment)
        except (OSError, ValueError, KeyError):
            return None

    def storage_version(self) -> StorageVersion:
        """Return the storage format of new versions: the one that was chosen, or the default."""
        try:
            values = json.loads((self.folder / _SETTINGS).read_text())
            return StorageVersion(values["storage_version"])
        except (OSError, ValueError, KeyError):
            return DEFAULT

    def choose_storage_version(self, version: StorageVersion) -> None:
        """Store the storage format of new versions, for every later publish of this home."""
        _write(self.folder / _SETTINGS, json.dumps({"storage_version": version.value}))

    def require_space(self, needed: int) -> None:
        """Raise PublishError when less than ``needed`` bytes are free on the disk."""
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
    names = {field.name for field in fields(Contents)}
    return Contents(**{name: value for name, value in values.items() if name in names})


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


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


def rollback_notice(home: Path) -> str | None:
    """Return a sentence about the rollback of a home's tables that is in force, if any."""
    serving = Serving(home)
    rollback, current = serving.rollback(), serving.current()
    return None if rollback is None or current is None else rollback.sentence(current)
