"""What a file is, by its name."""

from __future__ import annotations

from pathlib import PurePosixPath

DOCUMENT_TYPES = {
    ".htm": "text/html",
    ".html": "text/html",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".text": "text/plain",
    ".txt": "text/plain",
    ".xhtml": "application/xhtml+xml",
}

COMPRESSIONS = {
    ".bz2": "bz2",
    ".gz": "gzip",
    ".gzip": "gzip",
    ".zst": "zstd",
    ".zstd": "zstd",
}


def media_type_of(name: str) -> str | None:
    """Tell a document's media type from its file name, under ``.gz`` and the like too."""
    return DOCUMENT_TYPES.get(PurePosixPath(without_compression(name)).suffix.lower())


def compression_of(name: str) -> str | None:
    """Tell how the file is compressed as a whole: ``gzip``, ``zstd``, ``bz2`` or not at all."""
    return COMPRESSIONS.get(PurePosixPath(name).suffix.lower())


def without_compression(name: str) -> str:
    """Take the suffix of the compression off: ``a.txt.gz`` gives ``a.txt``."""
    return name if compression_of(name) is None else name.rpartition(".")[0]
