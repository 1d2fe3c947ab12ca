from __future__ import annotations

import gzip
import random
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.streams.compression import TooLargeError
from copydesk.tasks.sources.streams.content_encoding import Decoded, decode_body
from copydesk.warehouse.storage.raw_files import zstd


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


def chunk(body: bytes, size: int = 7) -> bytes:
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return (
        b"".join(b"%x;ext=1\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\nTrailer: x\r\n\r\n"
    )


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
BODY = "<p>Größe und Text</p>\n".encode() * 400


@pytest.mark.parametrize("name", PACKERS)
def test_each_coding_alone_chunked_and_not_there(name):
    packed = PACKERS[name](BODY)
    assert decode_body(packed, None, name, 100_000) == Decoded(BODY)
    assert decode_body(chunk(packed), "chunked", name, 100_000) == Decoded(BODY)
    assert decode_body(BODY, "chunked", name, 100_000) == Decoded(BODY)
    assert decode_body(b"", "chunked", name, 100_000) == Decoded(b"")


@pytest.mark.parametrize("name", PACKERS)
def test_the_cap_holds_while_unpacking(name):
    packed = PACKERS[name](bytes(12_000_000))
    assert len(packed) < 100_000
    with pytest.raises(TooLargeError):
        decode_body(packed, None, name, 1_000_000)


@pytest.mark.parametrize("name", ["gzip", "deflate", "Deflate", "zstd"])
def test_a_cut_body_gives_its_beginning(name):
    packed = PACKERS[name](bytes(range(256)) * 2000)
    decoded = decode_body(packed[: len(packed) * 4 // 5], None, name, 1_000_000)
    assert decoded.problem
    assert (bytes(range(256)) * 2000).startswith(decoded.body)


def test_a_cut_chunked_body_gives_its_beginning():
    decoded = decode_body(chunk(BODY)[:5000], "chunked", None, 100_000)
    assert decoded.problem == "a chunk is missing"
    assert BODY.startswith(decoded.body)
    assert len(decoded.body) >= 1900


def test_several_streams_and_what_stands_behind_them():
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    assert decode_body(packed, None, "gzip", 100) == Decoded(b"one two")
    assert decode_body(packed + b"\0\0", None, "gzip", 100) == Decoded(b"one two")


def test_double_and_absurd_codings():
    twice = gzip.compress(gzip.compress(b"x"))
    assert decode_body(twice, None, "gzip, gzip", 100) == Decoded(b"x")
    assert decode_body(b"x", None, "gzip," * 9, 100).problem == "9 codings"
    assert decode_body(b"\1\2", None, "rot13", 100).problem == "unknown coding rot13"


@given(
    st.binary(max_size=300),
    st.lists(st.sampled_from([*PACKERS, "chunked", "identity", ""]), max_size=3),
)
def test_no_bytes_raise(body, names):
    assert len(decode_body(body, None, ",".join(names), 10_000_000).body) <= 10_000_000


@given(st.binary(max_size=2000), st.sampled_from(sorted(PACKERS)), st.integers(1, 64))
def test_there_and_back(body, name, size):
    packed = chunk(PACKERS[name](body), size)
    assert decode_body(packed, "chunked", name, 10_000) == Decoded(body)


@pytest.mark.parametrize("name", ["utf-8", "none", "text/html; charset=x", "8bit", "binary, utf8"])
def test_a_coding_that_is_none_is_no_matter_where_the_body_is_text(name):
    assert decode_body("Łódź\n".encode(), None, name, 100) == Decoded("Łódź\n".encode())
    assert decode_body(BODY.decode().encode("utf-16"), None, name, 100_000).problem is None


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_page_with_its_last_tag_is_whole_whatever_its_coding_lacks(name):
    page = (
        b"<html><body><p>"
        + random.Random(1).randbytes(4000).hex().encode()
        + b"</p></body></html>\n"
    )
    packed = PACKERS[name](page)
    assert decode_body(packed + b"\r\n", None, name, 100_000) == Decoded(page)
    for size in range(len(packed) - 9, len(packed)):
        cut = decode_body(packed[:size], None, name, 100_000)
        assert cut.problem is None if cut.body.rstrip().endswith(b"</html>") else cut.problem
    if name == "gzip":  # eight bytes of checksum and size, which browsers do not ask for
        for without in (packed[:-8], packed[:-1], packed[:-8] + bytes(8)):
            assert decode_body(without, None, name, 100_000) == Decoded(page)


def test_chunks_without_the_last_one_are_whole():
    framed = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (b"one ", b"two"))
    for body in (framed, framed[:-2], framed + b"\r\n", framed + b"0\r\n", framed + b"0\r\n\r\n"):
        assert decode_body(body, "chunked", None, 100) == Decoded(b"one two")
    signed = b"4;chunk-signature=ab\r\nfour\r\n0;chunk-signature=cd\r\n\r\n"
    assert decode_body(signed, None, "aws-chunked", 100) == Decoded(b"four")
    assert decode_body(b"<p>as it is", None, "aws-chunked", 100) == Decoded(b"<p>as it is")
    assert decode_body(framed[:-4], "chunked", None, 100).problem == "a chunk is missing"
