"""A member of a zip archive as a stream that can be sought in."""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO, cast

from tasks.sources.packing import Above
from tasks.sources.window import window

LOCAL_HEADER = 30  # APPNOTE.TXT 4.3.7: fixed part of a local file header
NAME_AND_EXTRA = struct.Struct("<HH")  # their lengths, at byte 26


def open_member(stream: BinaryIO, name: str) -> BinaryIO:
    """Open a member; one that is stored as it is can be read at any place without the rest.

    Closing it closes the stream.
    """
    archive = zipfile.ZipFile(stream)
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED:
        return cast(BinaryIO, archive.open(member))
    stream.seek(member.header_offset + LOCAL_HEADER - NAME_AND_EXTRA.size)
    lengths = NAME_AND_EXTRA.unpack(stream.read(NAME_AND_EXTRA.size))
    start = member.header_offset + LOCAL_HEADER + sum(lengths)
    return cast(BinaryIO, Above(window(stream, start, member.file_size), stream))
