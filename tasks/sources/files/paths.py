"""Names of sources, and paths as text that every table can hold."""

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
    """Name a folder: its last part to be read by people, the hash of its whole path to differ."""
    label = re.sub(r"[^\w.-]+", "-", Path(root).name).strip("-.") or "root"
    digest = hashlib.blake2b(os.fsencode(root), digest_size=16).hexdigest()
    return f"{plain_path(label)}-{digest[:HASH_CHARACTERS]}"


def plain_path(path: str) -> str:
    """Write a path so that it is valid Unicode without control characters.

    Nearly every path is given back as it is. In one with bytes that are no UTF-8, or with
    control characters, these and the percent signs are percent-encoded.
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
    """Write a path so that ``unpack_path`` gives it back: a leading ``%`` marks the encoding."""
    return path if path[:1] != "%" and not _UNSAFE.search(path) else "%" + _quoted(path)


def unpack_path(packed: str) -> str:
    """Give the path back that ``pack_path`` wrote."""
    return os.fsdecode(unquote_to_bytes(packed[1:])) if packed[:1] == "%" else packed


def _quoted(path: str) -> str:
    return quote_from_bytes(_octets(path), safe="/")


def _octets(path: str) -> bytes:
    """Give a path's bytes; half of a pair that no path has, for it stands in data, is replaced."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return sound(path).encode()
