"""Zstandard files that bring their dictionary, as web archives may (``.warc.zst``).

The dictionary is the first frame, one that ordinary readers skip, itself compressed or not
(iipc.github.io/warc-specifications/specifications/warc-zstd).
"""

from __future__ import annotations

from typing import BinaryIO, Final

from backports import zstd

FRAME: Final = (0x184D2A5D).to_bytes(4, "little")
COMPRESSED: Final = (0xFD2FB528).to_bytes(4, "little")
DICTIONARY: Final = (0xEC30A437).to_bytes(4, "little")  # RFC 8878, section 5
LARGEST: Final = 1 << 25
"""Bytes of a dictionary, unpacked or not: trained ones have 0.1 to 2 MB."""


def open_zstd(stream: BinaryIO) -> zstd.ZstdFile:
    """Open what a stream holds, from where it stands, with its own dictionary if it has one.

    ValueError when that cannot be used.
    """
    return zstd.ZstdFile(stream, zstd_dict=_own_dictionary(stream))


def read_dictionary(content: bytes) -> zstd.ZstdDict | None:
    """Read what the first frame holds; None if that is for other readers."""
    if content.startswith(COMPRESSED):
        unpacker = zstd.ZstdDecompressor()
        try:
            content = unpacker.decompress(content, LARGEST + 1)
        except zstd.ZstdError as error:
            raise ValueError(f"its dictionary is damaged: {error}") from error
        if len(content) > LARGEST:
            raise ValueError(f"its dictionary is larger than {LARGEST:,} bytes")
        if not unpacker.eof:
            raise ValueError("its dictionary is cut off")
    if not content.startswith(DICTIONARY):
        return None
    try:
        dictionary = zstd.ZstdDict(content)
        zstd.ZstdDecompressor(dictionary)  # which is when it is really read; once for all of them
    except (ValueError, zstd.ZstdError) as error:
        raise ValueError(f"its dictionary is damaged: {error}") from error
    return dictionary


def _own_dictionary(stream: BinaryIO) -> zstd.ZstdDict | None:
    if not stream.seekable():  # a member of a tar archive that is streamed: no web archive
        return None
    start = stream.tell()
    try:
        head = stream.read(len(FRAME) + 4)
        size = int.from_bytes(head[len(FRAME) :], "little")
        if not head.startswith(FRAME) or len(head) < len(FRAME) + 4:
            return None
        if size > LARGEST:
            raise ValueError(f"its dictionary is larger than {LARGEST:,} bytes")
        content = stream.read(size)
        if len(content) < size:
            raise EOFError("the file ends in its dictionary")
        return read_dictionary(content)
    finally:
        stream.seek(start)
