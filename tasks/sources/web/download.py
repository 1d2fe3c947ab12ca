"""Download archives from the web once, and then read them like files."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from filelock import FileLock

from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.files.glob import literal_path
from copydesk.tasks.sources.source import SourceError
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import fetch_loop_for
from copydesk.tasks.sources.web.fetch.fetcher import FetchRequest, Policy

SIZE = 50_000_000_000  # bytes; the largest crawl archives have one to five gigabytes
FRESH = 3600.0  # seconds before a file is requested again: longer than most runs
DELETED_AFTER = 7 * 24 * 3600.0  # seconds until an unused file is deleted
FOLDER = "COPYDESK_DOWNLOADS"  # environment variable for the folder, instead of a temporary one


@dataclass(frozen=True, slots=True)
class Download:
    """Storage of one downloaded file; its address is ``root`` plus its name."""

    root: str
    policy: Policy = field(default_factory=Policy)

    def walk(self, pattern: str) -> Iterator[Entry]:
        """Download the file if the host has a newer one, and yield it."""
        if (name := literal_path(pattern)) is not None:
            try:
                yield Entry(name, self.fingerprint(name), is_named=True)
            except OSError as error:
                yield Entry(name, is_named=True, problem=str(error))

    def open(self, path: str) -> BinaryIO:
        """Open the downloaded file; ``OSError`` says why it could not be downloaded."""
        return self._fetched(path).open("rb")

    def fingerprint(self, path: str) -> str:
        """Return the response's size and validator, or the file's modification time."""
        file = self._fetched(path)
        transport = _read_transport(file)
        status = file.stat()
        version = transport.get("etag") or transport.get("last-modified") or str(status.st_mtime_ns)
        return f"{status.st_size}-{version}"

    def url(self, path: str) -> str:
        """Return the whole address."""
        return f"{self.root}/{path}"

    def release(self, path: str) -> None:
        """Delete the downloaded file; who has it open reads on, the next one downloads it again."""
        file = self._file(path)
        with FileLock(f"{file}.lock"):
            file.unlink(missing_ok=True)
            file.with_suffix(".json").unlink(missing_ok=True)

    def _file(self, path: str) -> Path:
        return _folder() / hashlib.blake2b(self.url(path).encode(), digest_size=16).hexdigest()

    def _fetched(self, path: str) -> Path:
        url, file = self.url(path), self._file(path)
        with FileLock(f"{file}.lock"):
            if not file.exists() or time.time() - _fetched_at(file) > FRESH:
                self._fetch(url, file)
        return file

    def _fetch(self, url: str, file: Path) -> None:
        fetch_loop = fetch_loop_for(self.policy)
        known_transport = _read_transport(file) if file.exists() else None
        new = file.with_suffix(".new")
        try:
            with new.open("wb") as sink:
                request = FetchRequest("*/*", None, SIZE, cast(BinaryIO, sink))
                response = fetch_loop.wait(fetch_loop.fetcher.fetch(url, known_transport, request))
        except FetchError as error:
            new.unlink(missing_ok=True)
            raise OSError(f"{error.reason}: {error.detail}") from error
        if response.not_modified:
            new.unlink()
        else:
            new.replace(file)
        file.with_suffix(".json").write_text(json.dumps(dict(response.transport)), encoding="utf-8")


def split_download(url: str) -> tuple[str, str]:
    """Split an address into the root and the name of its file."""
    root, _, name = url.rpartition("/")
    if not root or not name or "?" in name:
        raise SourceError(f"{url} names no file")
    return root, name


def _fetched_at(file: Path) -> float:
    sidecar = file.with_suffix(".json")
    return sidecar.stat().st_mtime if sidecar.exists() else 0.0


def _read_transport(file: Path) -> dict[str, str]:
    try:
        transport: dict[str, str] = json.loads(
            file.with_suffix(".json").read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return {}
    return transport


_swept = threading.Event()


def _folder() -> Path:
    """Create the folder, private to this user, and delete files not read for a week."""
    default = Path(tempfile.gettempdir(), f"copydesk-downloads-{os.getuid()}")
    folder = Path(os.environ.get(FOLDER) or default)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise SourceError(f"{folder} belongs to another user; name another in {FOLDER}")
    if not _swept.is_set():
        _swept.set()
        for old in folder.iterdir():
            if time.time() - old.stat().st_atime > DELETED_AFTER:
                old.unlink(missing_ok=True)
    return folder
