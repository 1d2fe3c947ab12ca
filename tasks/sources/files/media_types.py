"""Media type and compression of a file, by its name."""

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
    ".xz": "xz",
    ".zst": "zstd",
    ".zstd": "zstd",
}

SHORT_FORMS = {".tbz2": ".tar.bz2", ".tgz": ".tar.gz", ".txz": ".tar.xz"}
"""Suffixes that stand for a format and a compression together."""


def media_type_of(name: str) -> str | None:
    """Return a document's media type from its file name, with or without ``.gz`` and the like."""
    return DOCUMENT_TYPES.get(PurePosixPath(without_compression(name)).suffix.lower())


def compression_of(name: str) -> str | None:
    """Return the compression of a whole file: ``gzip``, ``zstd``, ``bz2``, ``xz`` or None."""
    return COMPRESSIONS.get(PurePosixPath(_long_form(name)).suffix.lower())


def without_compression(name: str) -> str:
    """Remove the suffix of the compression: ``a.txt.gz`` gives ``a.txt``."""
    return name if compression_of(name) is None else _long_form(name).rpartition(".")[0]


def is_hidden(name: str) -> bool:
    """Return whether a member of an archive is hidden, or metadata that macOS adds."""
    parts = PurePosixPath(name).parts
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)


def _long_form(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) + SHORT_FORMS.get(suffix.lower(), suffix)
