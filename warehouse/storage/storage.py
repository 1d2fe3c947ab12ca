"""The files below a lake's root, in a folder or an object store, through one interface."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import LocalStore, from_url

from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage import fsync

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from obstore.store import ObjectStore

_CLIENT_OPTIONS: Final = frozenset(
    {"allow_http", "allow_invalid_certificates", "connect_timeout", "proxy_url", "timeout"}
)
"""HTTP client options, which deltalake takes together with the store's and obstore separately."""

_SENT: Final[dict[str, Any]] = {"compression": "zstd", "compression_level": 1}
"""Compression of short-lived files in a bucket: level 3 takes twice as long to save a tenth."""

_ON_DISK: Final[dict[str, Any]] = {"compression": "none"}
"""And in a folder: writing and reading a page's rows takes .1 ms less than with zstd, and they take
32 KB instead of 13 until the run is committed, beside 50 KB of the page itself."""


_HALF_WRITTEN: Final = re.compile(r".+#\d+")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file below the root."""

    path: str
    size: int
    modified: datetime


class Store:
    """Files by their path below ``root`` (``a/b.json``, no leading slash)."""

    def __init__(self, root: str | Path, options: Mapping[str, str] | None = None) -> None:
        """Store a folder or an address; nothing is read or created yet."""
        text = str(root)
        self.options: dict[str, str] = {
            key.lower(): value for key, value in (options or {}).items()
        }
        self.local: Path | None = None
        if "://" not in text or text.startswith("file://"):
            self.local = Path(text.removeprefix("file://")).expanduser().absolute()
            text = str(self.local)
        self.root = text.rstrip("/") or "/"

    def __reduce__(self) -> tuple[type[Store], tuple[str, dict[str, str]]]:
        """Pickle without open handles."""
        return type(self), (self.root, self.options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Store) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def uri(self, path: str) -> str:
        """Return the address by which DuckDB and deltalake open a file."""
        return f"{self.root}/{path}"

    def put_new(self, path: str, data: bytes) -> bool:
        """Create a file; False, and no change, when it exists with other contents.

        In a folder it is on disk when this returns. An object store's answer may be lost after it
        has created the file; the client then asks again, and is told that the file exists.
        """
        with self._store_errors("write", path):
            if self.local is not None:
                return fsync.write_new(self.local / path, data)
            try:
                obstore.put(self._files, path, data, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return self.get(path) == data
        return True

    def put(self, path: str, data: bytes) -> None:
        """Write a file in place of any existing one."""
        with self._store_errors("write", path):
            if self.local is not None:
                fsync.write(self.local / path, data)
            else:
                obstore.put(self._files, path, data)

    def put_unnamed(self, path: str, data: bytes) -> None:
        """Write a file under a name that nobody else uses.

        ``sync`` it before anything refers to it: it need not be on disk when this returns.
        """
        with self._store_errors("write", path):
            if self.local is not None:
                fsync.write_unsynced(self.local / path, data)
            else:
                obstore.put(self._files, path, data)

    def overwrite(self, path: str, parts: Sequence[tuple[int, bytes]]) -> None:
        """Overwrite parts of a file, each (offset, bytes); a missing file is no error.

        It is on disk when this returns. Other processes may overwrite other parts meanwhile.
        """
        with self._store_errors("write", path):
            if self.local is not None:
                fsync.overwrite(self.local / path, parts)
                return
            while True:
                try:
                    response = obstore.get(self._files, path)
                except FileNotFoundError:
                    return
                data = bytearray(response.bytes())
                for offset, part in parts:
                    data[offset : offset + len(part)] = part[: max(len(data) - offset, 0)]
                metadata = {"e_tag": response.meta["e_tag"], "version": response.meta["version"]}
                version = {name: value for name, value in metadata.items() if value is not None}
                try:
                    obstore.put(self._files, path, bytes(data), mode=version)  # type: ignore[arg-type]
                except PreconditionError:
                    continue  # another process has overwritten other parts
                return

    def sync(self, paths: Iterable[str]) -> None:
        """Wait until files and their names are on disk; does nothing for an object store."""
        if self.local is not None:
            with self._store_errors("write", "its files"):
                fsync.sync_all((self.local / path for path in paths), self.local)

    def put_table(self, path: str, table: pa.Table, *, row_group: int) -> None:
        """Write an Arrow table as Parquet, like ``put_unnamed``."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        options = _SENT if self.local is None else _ON_DISK
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, row_group_size=row_group, **options)
        self.put_unnamed(path, sink.getvalue().to_pybytes())

    def get(self, path: str) -> bytes | None:
        """Read a file; None when there is none."""
        if self.local is not None and not self.local.is_dir():
            return None  # obstore would create the folder
        with self._store_errors("read", path):
            try:
                return bytes(obstore.get(self._files, path).bytes())
            except FileNotFoundError:
                return None

    def get_range(self, path: str, offset: int, length: int) -> bytes:
        """Read part of a file; FileNotFoundError when it is missing."""
        return bytes(obstore.get_range(self._files, path, start=offset, length=length))

    def get_ranges(self, path: str, ranges: Sequence[tuple[int, int]]) -> Sequence[bytes | None]:
        """Read parts of a file, each (offset, length); None for each when the file is missing."""
        starts = [offset for offset, _ in ranges]
        lengths = [length for _, length in ranges]
        with self._store_errors("read", path):
            try:
                buffers = obstore.get_ranges(self._files, path, starts=starts, lengths=lengths)
            except FileNotFoundError:
                return [None] * len(ranges)
        return [bytes(part) for part in buffers]

    def list(self, prefix: str) -> list[Stored]:
        """List the files below a folder, by path."""
        if self.local is not None and not self.local.is_dir():
            return []
        with self._store_errors("list", prefix):
            files = [
                Stored(meta["path"], meta["size"], meta["last_modified"])
                for page in obstore.list(self._files, prefix)
                for meta in page
            ]
        return sorted(files, key=lambda file: file.path)

    def delete(self, paths: Iterable[str]) -> None:
        """Delete files; missing ones are no error."""
        if self.local is None:  # a thousand in one request
            batch = list(paths)
            with self._store_errors("delete", batch[0] if batch else ""):
                obstore.delete(self._files, batch)
            return
        for path in paths:
            with self._store_errors("delete", path), contextlib.suppress(FileNotFoundError):
                obstore.delete(self._files, path)

    def drop_temporary(self, before: datetime) -> int:
        """Delete partial files of processes that died, older than ``before``; returns their number.

        Their names (``a.parquet#17``) are in no listing. Object stores never have partial files.
        """
        if self.local is None:
            return 0
        dropped = 0
        for path in self.local.rglob("*#*"):
            with contextlib.suppress(FileNotFoundError):
                if _HALF_WRITTEN.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    dropped += 1
        return dropped

    def make_folder(self, path: str) -> None:
        """Create a folder for a program that writes by address; object stores need none."""
        if self.local is not None:
            fsync.make_folder(self.local / path)

    def drop_folder(self, path: str) -> None:
        """Delete a folder with its contents."""
        self.delete(file.path for file in self.list(path))
        if self.local is not None:
            shutil.rmtree(self.local / path, ignore_errors=True)

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Register the store with a DuckDB connection; a folder needs no registration."""
        if self.local is None:
            from copydesk.warehouse.storage.duckdb_filesystem import LakeFiles

            config, client = self._split()
            protocol = self.root.partition("://")[0]
            connection.register_filesystem(
                LakeFiles(protocol, config=config, client_options=client)
            )

    @cached_property
    def _files(self) -> ObjectStore:
        try:
            if self.local is not None:
                return LocalStore(self.local, mkdir=True)
            config, client = self._split()
            return from_url(self.root, config=config, client_options=client)  # type: ignore[call-overload,no-any-return]
        except (BaseError, OSError) as error:
            raise LakeError(f"cannot open {self.root}: {reason(error)}") from error

    @contextlib.contextmanager
    def _store_errors(self, what: str, path: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise LakeError(f"cannot {what} {self.root}/{path}: {reason(error)}") from error

    def _key(self) -> tuple[str, frozenset[tuple[str, str]]]:
        return self.root, frozenset(self.options.items())

    def _split(self) -> tuple[dict[str, str], dict[str, Any]]:
        config, client = {}, {}
        for key, value in self.options.items():
            name = key.removeprefix("aws_")
            if name in _CLIENT_OPTIONS:
                client[name] = value.lower() == "true" if name.startswith("allow") else value
            else:
                config[key] = value
        return config, client


def reason(error: Exception) -> str:
    """Return the first line of an error of a store or database.

    The rest is for their developers.
    """
    return str(error).strip().partition("\n")[0] or type(error).__name__
