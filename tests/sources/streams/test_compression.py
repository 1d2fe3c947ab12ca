from __future__ import annotations

import gzip
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.streams.compression import DAMAGED, unpacked

BODY = random.Random(1).randbytes(300_000).hex().encode()
PACKED = gzip.compress(BODY, mtime=0)


def opened(data: bytes):
    return unpacked(io.BytesIO(data), "gzip")


@pytest.mark.parametrize("filling", [b"", b"\n", b"\r\n" * 9, b" \t", bytes(400_000), b"\x1a"])
@pytest.mark.parametrize("members", [1, 3])
def test_filling_behind_the_last_member_is_no_matter(filling, members):
    assert opened(PACKED * members + filling).read() == BODY * members


@pytest.mark.parametrize("behind", [b"\nx", bytes(300_000) + b"x", b"more"])
def test_other_data_behind_it_is_damage_after_what_was_read(behind):
    with opened(PACKED + behind) as stream:
        assert stream.read(1000) == BODY[:1000]
        with pytest.raises(DAMAGED):
            stream.read()


@pytest.mark.parametrize(
    "data",
    [b"\n" + PACKED, b"no gzip", PACKED[:-1], PACKED[:100], b"\x1f"],
    ids=["line break in front", "no gzip", "last byte missing", "beginning", "one byte"],
)
def test_what_is_no_whole_gzip_is_damaged(data):
    with pytest.raises(DAMAGED):
        opened(data).read()


def test_nothing_is_nothing():
    assert opened(b"").read() == b""


@given(st.lists(st.tuples(st.integers(0, len(BODY)), st.integers(0, 5000)), max_size=6))
def test_a_position_is_found_from_wherever_one_stands(places):
    stream = opened(PACKED[:])
    for offset, size in places:
        stream.seek(offset)
        assert stream.tell() == offset
        assert stream.read(size) == BODY[offset : offset + size]
    assert stream.seek(0, io.SEEK_END) == len(BODY)
