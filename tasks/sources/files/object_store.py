"""Files of an object store, or of any other file system that fsspec reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.files.folder import DELTA_LOG, Entry
from copydesk.tasks.sources.files.glob import Match, literal, literal_path, match_of, split_glob
from copydesk.tasks.sources.files.paths import plain_path
from copydesk.tasks.sources.source import SourceError, cause

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem  # type: ignore[import-untyped]

BLOCK = 4 << 20  # bytes of one request: few requests an archive, little memory
VERSIONS = ("ETag", "etag", "md5", "md5Hash", "checksum", "generation", "version_id",
            "LastModified", "last_modified", "mtime", "updated", "modified", "created")  # fmt: skip
"""Names that file systems give to a version of the content, the surest first."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A root such as ``s3://bucket/folder``; ``options`` are fsspec's options as JSON.

    They may hold secrets, which no log may show.
    """

    root: str
    options: str = field(default="{}", repr=False)

    def walk(self, pattern: str) -> Iterator[Entry]:
        """Offer the files that match a pattern, sorted by path."""
        try:
            files = self._files(pattern)
        except Exception as error:
            yield Entry(".", problem=cause(error))
            return
        start = match_of(pattern)
        tables = _tables(files) if literal_path(pattern) is None else {}
        yield from (Entry(log, version) for log, version in sorted(tables.items()))
        roots = tuple(log.removesuffix(DELTA_LOG) for log in tables)
        for path in sorted(files):
            match = _follow(start, path)
            if match.whole and not path.startswith(roots):
                yield Entry(path, _fingerprint(files[path]), match.is_named)

    def open(self, path: str) -> BinaryIO:
        """Open a file, to be read in blocks."""
        return cast(BinaryIO, self._system().open(f"{self.root}/{path}", "rb", block_size=BLOCK))

    def fingerprint(self, path: str) -> str | None:
        """Ask the store for the version of a file's content."""
        return _fingerprint(self._system().info(f"{self.root}/{path}"))

    def url(self, path: str) -> str:
        """Return the whole address."""
        return f"{self.root}/{plain_path(path)}"

    def _files(self, pattern: str) -> dict[str, Mapping[str, Any]]:
        system = self._system()
        if (name := literal_path(pattern)) is not None:
            return {name: system.info(f"{self.root}/{name}")}
        root = system._strip_protocol(self.root).rstrip("/")  # fsspec's own paths have none
        return {
            path.removeprefix(root).lstrip("/"): info
            for path, info in system.find(root, detail=True).items()
        }

    def _system(self) -> AbstractFileSystem:
        return file_system(self.root, self.options)


def file_system(address: str, options: str = "{}") -> AbstractFileSystem:
    """Return the file system of an address; ``SourceError`` if there is none."""
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]

    try:
        system, _ = url_to_fs(address, **json.loads(options))  # some take their host from it
    except Exception as error:  # whatever a file system raises that cannot be reached or set up
        raise SourceError(f"cannot read {address}: {cause(error)}") from error
    return system


def find_bucket(address: str, options: str) -> tuple[Bucket, str]:
    """Return the root and the pattern of an address; ``SourceError`` if nothing matches."""
    system = file_system(address, options)
    protocol, _, path = address.partition("://")
    path = path.rstrip("/")
    try:
        if system.isdir(address):
            return Bucket(f"{protocol}://{path}", options), ""
        is_file = system.exists(address)
    except Exception as error:
        raise SourceError(f"cannot read {address}: {cause(error)}") from error
    if is_file:
        parent, _, name = path.rpartition("/")
        return Bucket(f"{protocol}://{parent}", options), literal(name)
    root, pattern = split_glob(path)
    if pattern == literal(pattern):
        raise SourceError(f"there is nothing at {address}")
    bucket = Bucket(f"{protocol}://{root}", options)
    first = next(bucket.walk(pattern), None)
    if first is None or first.problem:
        raise SourceError(f"no file matches {address}" + (f": {first.problem}" if first else ""))
    return bucket, pattern


def _tables(files: Iterable[str]) -> dict[str, str]:
    """Find the logs of Delta tables, each with its latest version."""
    tables: dict[str, str] = {}
    for path in files:
        folder, log, name = path.partition(f"{DELTA_LOG}/")
        if log and (not folder or folder.endswith("/")):
            tables[f"{folder}{DELTA_LOG}"] = max(tables.get(f"{folder}{DELTA_LOG}", ""), name)
    return tables


def _follow(match: Match, path: str) -> Match:
    for name in path.split("/"):
        match = match.step(name)
        if not match:
            break
    return match


def _fingerprint(info: Mapping[str, Any]) -> str | None:
    version = next((info[name] for name in VERSIONS if info.get(name)), None)
    if version is None:
        return None
    if isinstance(version, (float, datetime)) and (moment := parse_date(version)):
        version = round(moment.timestamp(), 3)  # listings and single answers differ in form
    version = str(version).strip('"')
    return f"{info.get('size')}-{version}"
