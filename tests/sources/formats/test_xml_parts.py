"""Items of XML: read as they were written, wherever a text is cut into pieces."""

from __future__ import annotations

import io
import time
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from copydesk.tasks.sources.formats.xml_parts import Parts, parse_parts
from copydesk.tasks.sources.formats.xml_text import xml_text

LETTERS = st.sampled_from(
    ["a", "ä", "中", " ", "\n", "<", ">", "&", "]", "]]", "]]>", "<![CDATA[", "<!--", "-->",
     "<item>", "</item>", "</title>", "<title", "&amp;", "&#8;", "&nbsp;", '"', "/", "?", "😀"]
)  # fmt: skip
TEXTS = st.lists(LETTERS, max_size=12).map("".join)


def in_cdata(text: str) -> str:
    """Write CDATA as WordPress does."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def pieces_of(text: str, sizes: list[int]):
    at = 0
    for size in sizes:
        yield text[at : at + size]
        at += size
    yield text[at:]


def read(pieces, cap: int = 100_000) -> tuple[list[str | None], Parts]:
    parts = Parts(pieces, ("item",), ("rss",), cap=cap)
    return [element and element.first("title") for _, element in parse_parts(parts)], parts


@settings(max_examples=300)
@given(st.lists(TEXTS, max_size=4), st.lists(st.integers(1, 30), max_size=40), st.data())
def test_what_is_written_is_read_back(texts, sizes, data):
    # what looks like two items with a damaged end between them is taken for that
    assume(
        not any("<![CDATA[" in item and ("<item" in item or "</title" in item) for item in texts)
    )
    write = [data.draw(st.sampled_from([escape, in_cdata])) for _ in texts]
    items = "".join(
        f"<item><title>{item(text)}</title><x/></item>"
        for item, text in zip(write, texts, strict=True)
    )
    result, parts = read(pieces_of(f"<?xml version='1.0'?><rss>{items}</rss>", sizes))
    assert result == [text.strip() or None for text in texts]
    assert parts.is_closed
    assert not parts.strays


@settings(max_examples=300)
@given(st.text(alphabet="<>/![]-CDATAitemrs&;# \n\"'=?\x00", max_size=200), st.binary(max_size=80))
def test_nothing_raises(text, data):
    read([text])
    read(["<rss><item>", *text, "</item></rss>"], cap=50)
    list(xml_text(io.BytesIO(data + text.encode())))


@given(TEXTS, st.lists(st.integers(1, 9), max_size=60))
def test_pieces_make_no_difference(text, sizes):
    whole = f"<rss><item><title>{text}</title></item><item><title>b</title></item></rss>"
    assert read([whole])[0] == read(pieces_of(whole, sizes))[0]


@pytest.mark.parametrize(
    "repeated",
    ["<![CDATA[", "]]>", "<!-- ", "<item>", "<", "<a><![CDATA[x</a>", "</item   ",
     "<item><a><![CDATA[<item>]]>]]>", "<item a ", "&", "<b>", "</b>"],
)  # fmt: skip
def test_time_grows_with_the_text_alone(repeated):
    def seconds(size: int) -> float:
        text = "<rss><item><title>" + repeated * (size // len(repeated))
        start = time.process_time()
        read([text], cap=10_000_000)
        return time.process_time() - start

    small, large = (min(seconds(size) for _ in range(3)) for size in (20_000, 160_000))
    assert large < 30 * max(small, 0.005)  # eight times the text; of its square it would be 64
