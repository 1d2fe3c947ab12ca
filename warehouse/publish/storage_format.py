"""DuckDB's storage format of the published file: which clients can open it.

A file has the format with which it was created, and newer clients read all older formats. Copies
that are brought up to date keep it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

_MAGIC: Final = b"DUCK"
_MAGIC_OFFSET: Final = 8
_NUMBER: Final = slice(12, 20)
"""Bytes of a database file with the number of its format, after a checksum and the magic bytes."""


class StorageVersion(StrEnum):
    """Oldest DuckDB client that opens the file; its value is the name in ``STORAGE_VERSION``."""

    V1_0 = "v1.0.0"
    V1_2 = "v1.2.0"
    V1_4 = "v1.4.0"
    V2_0 = "v2.0.0"


DEFAULT: Final = StorageVersion.V1_4
"""As small as the newest format, and open to every client of the last year and DuckDB-Wasm."""

_NUMBERS: Final = {
    64: StorageVersion.V1_0,
    65: StorageVersion.V1_2,
    67: StorageVersion.V1_4,
    999: StorageVersion.V2_0,
}


def storage_version(path: Path) -> StorageVersion | None:
    """Read a database file's format from its header; None for a missing file or other formats."""
    try:
        with path.open("rb") as file:
            head = file.read(_NUMBER.stop)
    except OSError:
        return None
    if head[_MAGIC_OFFSET : _NUMBER.start] != _MAGIC:
        return None
    return _NUMBERS.get(int.from_bytes(head[_NUMBER], "little"))
