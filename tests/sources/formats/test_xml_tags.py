"""Tags without an end get one where there are hundreds; nothing else is changed."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.sources.formats.xml_stream import elements
from copydesk.tasks.sources.formats.xml_tags import LONGEST, OPENED, ClosedTags

CODE = b"<![CDATA[" + b"if (a < b) return; " * (OPENED - 10) + b"x" * LONGEST * 3 + b"]]>"


def through(xml: bytes, size: int = 32_768) -> bytes:
    stream = ClosedTags(io.BytesIO(xml))
    return b"".join(iter(lambda: stream.read(size), b""))


def test_prose_code_and_long_texts_are_as_they_were() -> None:
    for xml in (b"", b"<a>b</a>" * 9_000, b"<a>" + b"words " * 90_000 + b"</a>", CODE):
        assert through(xml) == xml


@given(st.binary(max_size=200), st.integers(1, 99))
def test_short_inputs_are_as_they_were(xml: bytes, size: int) -> None:
    assert through(xml, size) == xml


def test_what_stands_before_tags_without_an_end_is_read() -> None:
    xml = b"<list><url>one</url>" + b"<a href=" * 20_000 + b"<url>two</url></list>"
    assert 0 < len(through(xml)) - len(xml) <= len(xml) // LONGEST
    assert [one.text for one in elements(io.BytesIO(xml), ["url"])][:2] == ["", "one"]
