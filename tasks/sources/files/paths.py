"""Names of sources, and paths as text that any table can store."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from copydesk.schemas.values import sound

HASH_CHARACTERS = 10  # 40 bits: no two of a million folders are likely to agree

_UNSAFE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def source_name(root: str) -> str:
    """Name a source after its folder: the last part of the path, and a hash of the whole."""
    label = re.sub(r"[^\w.-]+", "-", Path(root).name).strip("-.") or "root"
    digest = hashlib.blake2b(os.fsencode(root), digest_size=16).hexdigest()
    return f"{plain_path(label)}-{digest[:HASH_CHARACTERS]}"


def plain_path(path: str) -> str:
    """Return a path as valid Unicode without control characters.

    Nearly every path is returned unchanged. Bytes that are not UTF-8 and control characters are
    percent-encoded, and then percent signs too.
    """
    if not _UNSAFE.search(path):
        return path
    return "".join(
        quote_from_bytes(_octets(character), safe="")
        if character == "%" or _UNSAFE.match(character)
        else character
        for character in path
    )


def pack_path(path: str) -> str:
    """Encode a path for ``unpack_path``; a leading ``%`` marks percent-encoding."""
    return path if path[:1] != "%" and not _UNSAFE.search(path) else "%" + _quoted(path)


def unpack_path(packed: str) -> str:
    """Decode a path that ``pack_path`` encoded."""
    return os.fsdecode(unquote_to_bytes(packed[1:])) if packed[:1] == "%" else packed


def _quoted(path: str) -> str:
    return quote_from_bytes(_octets(path), safe="/")


def _octets(path: str) -> bytes:
    """Return a path's bytes; surrogates that no real path contains are replaced."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return sound(path).encode()
