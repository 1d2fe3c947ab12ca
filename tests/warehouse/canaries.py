"""Where a passage stands in a folder: raw, unpacked, or read by what wrote the file."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from copydesk.warehouse.storage.raw_files import zstd

_ZSTD = b"\x28\xb5\x2f\xfd"


def found_in(folder: Path, passages: dict[str, str]) -> dict[str, set[str]]:
    """Give, by file and way of reading, which passages (by name) stand in it, in small letters."""
    needles = {name: text.lower().encode() for name, text in passages.items()}
    collected: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        output = str(path.relative_to(folder))
        for way, data in [("name", output.encode()), *_readings(path)]:
            present = {name for name, needle in needles.items() if needle in data.lower()}
            if present:
                collected[f"{output} ({way})"] = present
    return collected


def kinds(result: dict[str, set[str]]) -> dict[str, set[str]]:
    """Join what was found by the kind of file."""
    joined: dict[str, set[str]] = {}
    for output, names in result.items():
        kind = re.sub(r"[0-9a-f]{6,}\S*|\d{3,}\S*|run-\S+|part-\S+|r\d\b", "…", output)
        joined.setdefault(kind, set()).update(names)
    return joined


def _readings(path: Path) -> Iterator[tuple[str, bytes]]:
    data = path.read_bytes()
    yield "raw", data
    if data.startswith(_ZSTD) or path.suffix == ".zst":
        yield "zstd", b"".join(_frames(data))
    if data.startswith(b"\x1f\x8b"):
        yield "gzip", gzip.decompress(data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "zip", b"".join(archive.read(name) for name in archive.namelist())
    if data.startswith(b"PAR1"):
        file = pq.ParquetFile(io.BytesIO(data))
        yield "parquet", repr(file.read().to_pylist()).encode()
        yield "parquet footer", repr(file.metadata.to_dict()).encode()
    if data.startswith(b"ARROW1"):
        yield "arrow", repr(pa.ipc.open_file(pa.BufferReader(data)).read_all().to_pylist()).encode()
    if data[8:12] == b"DUCK":
        yield "duckdb", "".join(_tables(path)).encode()


def _frames(data: bytes) -> Iterator[bytes]:
    """Unpack each frame; those to skip are taken as they are."""
    while data:
        if data[:4] == _ZSTD:
            unpacking = zstd.ZstdDecompressor()
            yield unpacking.decompress(data)
            data = unpacking.unused_data
        else:
            size = 8 + int.from_bytes(data[4:8], "little")
            yield data[:size]
            data = data[size:]


def _tables(path: Path) -> Iterator[str]:
    """Give every row of every table and view, the search index's words too."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
            " UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        for schema, name in names:
            yield repr(connection.execute(f'FROM "{schema}"."{name}"').fetchall())
