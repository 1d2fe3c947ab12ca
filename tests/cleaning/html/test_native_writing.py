"""Text and Markdown are the same from the compiled writer and from Python."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.html import render
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.native import native_writing
from copydesk.tasks.cleaning.html.render import written

pytestmark = pytest.mark.skipif(native_writing is None, reason="installed without a compiler")

OPEN = (
    *("<p>", "<h1>", "<h3>", "<h6>", "<ul>", "<ol>", "<menu>", "<li>", "<blockquote>", "<pre>"),
    *("<table>", "<tr>", "<td>", "<th>", "<caption>", "<figure><figcaption>", "<div>", "<br>"),
)
CLOSE = ("</p>", "</ul>", "</ol>", "</li>", "</blockquote>", "</pre>", "</table>", "</div>", "</a>")
LINKS = (
    *("<a href=/x>", "<a href=/>", "<a href=//b.example/c>", "<a href='/a.b'>", "<a href='/?q/?'>"),
    *("<a href=https://b.example/c;d>", "<a href=http://>", "<a href='https://b.example/(c)'>"),
    *(
        "<a href='#part'>",
        "<a href='javascript:x'>",
        "<a href=c/d>",
        "<a href=/中>",
        "<a href='/?'>",
    ),
    *(f"<a href=/{'y' * 2_000}>", "<a href='http:/b/c'>", "<a href='https://b.example/ é'>"),
)
WORDS = (
    *("ab", " c中", "\n", "😀 ", "# x", "1. x", "٣) x", "- x", "[y]", "a_b*", "end! ", "| ", "```"),
    *("“said", " ", "=", "7", "\\", "<&lt;b&gt;"),
)
PARTS = st.lists(st.sampled_from((*OPEN, *CLOSE, *LINKS, *WORDS)), max_size=40)
BASES = st.sampled_from([None, "https://paper.example/2024/ferry", "paper.example/x", "http://[x"])


@given(PARTS, BASES, st.integers(1, 3))
@example(
    ["<table><tr><td>a", "<p>b", "<td>", "<a href=/x>", "c", "<tr><td>", "|", "<td>d"], None, 1
)
@example(["<ul><li>a<p>b<ol><li>c<li>d<ul><li>e</ul></ol><li>f</ul><ol><li>g"], None, 1)
@example(["<ul><li>a<ul><li><ul><li>b</ul></ul>", "<li>c<ol><li>", "<br>", "d"], None, 1)
@example(
    ["<p>ab", "<a href=/x>", " c中", "</a>", "ab!", "<a href=c/d>", "ab"], "https://b.example", 1
)
@example(["<blockquote><p>a<br>b<p># c</blockquote><pre>x\n```\ny"], None, 1)
@example(["<div>" * 40 + "<li>a<li>b<h2>c"], None, 1)
def test_blocks_are_written_alike(parts: list[str], base: str | None, step: int) -> None:
    page = read(LexborHTMLParser("<body>" + "".join(parts)))
    indexes = range(0, len(page), step)
    compiled = written(page, indexes, base=base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "native_writing", None)
        assert written(page, indexes, base=base) == compiled
