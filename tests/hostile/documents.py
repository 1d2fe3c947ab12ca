"""Documents that are made to be slow: families of them, of any size, by the reader they are for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

Make = Callable[[int], bytes]
"""Makes a document of about so many bytes."""

_BODY = b"<p>The harbour opened again on Monday, and the ferries ran as they had before.</p>" * 9


def _filled(unit: bytes, head: bytes = b"", tail: bytes = b"") -> Make:
    return lambda size: head + unit * max(1, (size - len(head) - len(tail)) // len(unit)) + tail


def _counted(form: str, head: bytes = b"", tail: bytes = b"") -> Make:
    def make(size: int) -> bytes:
        length, parts = 0, []
        for number in itertools.count():
            parts.append(part := form.replace("#", str(number)).encode())
            length += len(part)
            if length >= size:
                return head + b"".join(parts) + tail
        raise AssertionError

    return make


_UNITS = {
    "comments": b"<!-- -->",
    "empty_comments": b"<!---->",
    "unclosed_comments": b"<!--",
    "unclosed_scripts": b"<script>",
    "unclosed_styles": b"<style>a{",
    "noscripts": b"<noscript>",
    "script_noscripts": b"<script></script><noscript>java",
    "unclosed_titles": b"<title>a | ",
    "titles": b"<title>Part | Wire</title>",
    "doctypes": b"<!DOCTYPE[",
    "doctype_html": b"<!doctype html ",
    "deep": b"<div>",
    "deep_inline": b"<b><i>",
    "deep_lists": b"<ul><li>",
    "tables": b"<table><tr><td>",
    "unclosed_tags": b"<a href=",
    "quotes": b"<p title=\"'",
    "links": b"<a rel=next href=/a>",
    "unclosed_links": b"<link rel=next ",
    "entities": b"&amp;&lt;&#x41;&unknown",
    "ampersands": b"&",
    "cdata": b"<![CDATA[",
    "processing": b"<?xml ",
    "angles": b"<",
    "spaces": b" ",
    "lines": b"\n",
    "tabs": b"\t\r\n",
    "one_token": b"a",
    "digits": b"1",
    "dashes": b"-",
    "backslashes": b"\\",
    "dates": b"12/12/2012 ",
    "mails": b"a@a.",
    "marks": b"\xcc\x81",
    "wide": "章".encode(),
    "right_to_left": "א ".encode(),
    "bylines": b"<p>By Jane Roe, by Jane Roe and ",
    "headings": b"<h1>Harbour | Wire</h1>",
    "paragraphs": b"<p>By Jane Roe</p>",
    "json": b'<script type=application/ld+json>{"a":[',
    "meta": b"<meta property=og:title content='a | b'>",
    "frames": b"<iframe src=a>",
    "svg": b"<svg><style><p>",
    "nul": b"\x00a",
}


def _page(unit: bytes) -> Iterator[tuple[str, Make]]:
    yield "alone", _filled(unit)
    yield "head", _filled(unit, b"<html><head>", b"</head><body>" + _BODY)
    yield "body", _filled(unit, b"<html><body><h1>Harbour</h1>" + _BODY, b"</body>")
    yield "title", _filled(unit, b"<title>", b"</title>" + _BODY)


def pages() -> dict[str, Make]:
    created = {f"{n}_{location}": make for n, u in _UNITS.items() for location, make in _page(u)}
    created["attributes"] = _counted("a# ", _BODY + b"<p ", b">x</p>")
    created["attributes_with_angles"] = _counted("a#< ", _BODY + b"<p ", b">x</p>")
    created["attributes_in_style"] = _counted("a# ", _BODY + b"<svg><style><p ", b">x</p>")
    created["attributes_with_values"] = _counted("a#='>' ", _BODY + b"<p ", b">x</p>")
    created["long_title"] = _counted("Part # of it | ", b"<title>", b"</title>" + _BODY)
    return created


_MARKDOWN = {
    "brackets": b"[",
    "images": b"![",
    "links": b"[a](b",
    "references": b"[a]: /b\n",
    "stars": b"*a ",
    "many_stars": b"**a *a ",
    "underscores": b"_a__b",
    "ticks": b"`a``b",
    "quotes": b"> ",
    "lists": b"- ",
    "nested_lists": b"- a\n  ",
    "numbers": b"1. a\n",
    "tables": b"|a|b\n|-|-\n",
    "rows": b"|a",
    "html": b"<a href=\n",
    "comments": b"<!--\n\n",
    "fences": b"```\n",
    "headings": b"# Harbour | Wire\n\n",
    "paragraphs": b"The harbour opened again on Monday, and the ferries ran.\n\n",
    "one_paragraph": b"The harbour *opened* again on [Monday](/a), and `ferries` ran.\n",
    "one_line": b"The harbour *opened* again on [Monday](/a), and `ferries` ran. ",
    "breaks": b"a\\\n",
    "front_matter": b"---\na: b\n",
    "entities": b"&amp;",
    "escapes": b"\\*",
    "angles": b"<",
    "spaces": b" ",
    "tildes": b"~~a",
}


def markdowns() -> dict[str, Make]:
    return {name: _filled(unit) for name, unit in _MARKDOWN.items()} | {
        f"{name}_behind_matter": _filled(unit, b"---\ntitle: Harbour\n---\n")
        for name, unit in _MARKDOWN.items()
    }


def texts() -> dict[str, Make]:
    units = {**_UNITS, **{f"md_{name}": unit for name, unit in _MARKDOWN.items()}}
    units |= {
        "short_lines": b"Share\n\n",
        "handles": b"@a,@b",
        "prose": b"The harbour opened again on Monday, and the ferries ran as before.\n\n",
        "titles": b"Harbour | Wire\n",
        "stars": b"* a *\n",
    }
    return {name: _filled(unit) for name, unit in units.items()} | {
        f"{name}_lines": _filled(unit * max(1, 100 // len(unit)) + b"\n\n", b"Harbour\n\n")
        for name, unit in units.items()
    }


def _inside(head: bytes, tail: bytes, places: dict[str, tuple[bytes, bytes]]) -> dict[str, Make]:
    created: dict[str, Make] = {}
    for name, unit in _UNITS.items():
        created[f"{name}_before"] = _filled(unit, b"", head + tail)
        created[f"{name}_head"] = _filled(unit, head, tail)
        created[f"{name}_behind"] = _filled(unit, head + tail)
        for locator, (before, after) in places.items():
            created[f"{name}_{locator}"] = _filled(unit, head + before, after + tail)
    return created


def feeds() -> dict[str, Make]:
    item = b"<item><link>https://a.example/b</link><title>"
    places = {
        "title": (item, b"</title></item>"),
        "text": (item + b"T</title><description><![CDATA[", b"]]></description></item>"),
    }
    created = _inside(b"<rss version='2.0'><channel>", b"</channel></rss>", places)
    created["items"] = _counted("<item><link>https://a.example/#</link></item>", b"<rss><channel>")
    created["authors"] = _filled(
        b"<author>a@a (</author>", b"<rss><channel><item><link>https://a.example/b</link>"
    )
    return created


def sitemaps() -> dict[str, Make]:
    loc = b"<url><loc>https://a.example/b</loc></url>"
    created = _inside(b"<urlset>" + loc, b"</urlset>", {"loc": (b"<url><loc>", b"</loc></url>")})
    created["locations"] = _counted("<url><loc>https://a.example/#</loc></url>", b"<urlset>")
    return created


def exports() -> dict[str, Make]:
    head = b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
    post = (
        b"<item><title>Harbour</title><link>https://a.example/b</link><wp:post_type>post</wp:post_type>"
        b"<wp:status>publish</wp:status><content:encoded><![CDATA["
    )
    end = b"]]></content:encoded></item>"
    created = _inside(head, b"</channel></rss>", {"post": (post, end)})
    for name, unit in {
        "blocks": b"<!-- wp:paragraph -->\n\n<!-- /wp:paragraph -->\n\n",
        "captions": b"[caption]",
        "caption_tags": b"[caption ",
        "shortcodes": b"[audio]http://[",
        "preformatted": b"<pre>",
        "scripts": b"<script></pre>",
        "paragraphs": b"a\r\n\r\n",
    }.items():
        created[name] = _filled(unit, head + post, end + b"</channel></rss>")
    return created


def tables() -> dict[str, Make]:
    head = b"url,title,text\n"
    row = b'https://a.example/b,Harbour,"'
    units = {
        "quotes": b'"',
        "open_quotes": b'a,"b\n',
        "commas": b",",
        "semicolons": b";\n",
        "lines": b"\n",
        "nul": b"\x00,",
        "one_cell": b"a",
        "escapes": b'\\"',
        "rows": b"https://a.example/b,Harbour,text\n",
    }
    return {name: _filled(unit, head) for name, unit in units.items()} | {
        f"{name}_in_cell": _filled(unit, head + row) for name, unit in units.items()
    }


def archives() -> dict[str, Make]:
    def record(fields: bytes, payload: bytes) -> bytes:
        return (
            b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/b\r\n"
            b"WARC-Date: 2026-01-05T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
            + fields
            + b"Content-Length: %d\r\n\r\n" % len(payload)
            + payload
            + b"\r\n\r\n"
        )

    ok = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

    def around(make: Make, head: bytes, tail: bytes = b"\r\n\r\n" + _BODY) -> Make:
        return lambda size: record(b"", head + make(size) + tail)

    return {
        "fields": lambda size: record(_counted("X-#: a\r\n")(size), ok + b"\r\n" + _BODY),
        "one_field": lambda size: record(b"X: " + b"a" * size + b"\r\n", ok + b"\r\n" + _BODY),
        "http_fields": around(_counted("X-#: a\r\n"), ok),
        "http_one_field": around(_filled(b"a"), ok + b"X: "),
        "http_lengths": around(_filled(b"Content-Length: \r\n"), ok),
        "http_spaces": around(_filled(b" "), ok + b"X:"),
        "chunks": around(_filled(b"1\r\na\r\n"), ok + b"Transfer-Encoding: chunked\r\n\r\n"),
        "chunk_spaces": around(_filled(b" "), ok + b"Transfer-Encoding: chunked\r\n\r\n", b""),
        "magics": _filled(b"WARC/1.0\r\n"),
        "lines": _filled(b"\r\n"),
        "records": _filled(record(b"", ok + b"\r\n" + _BODY)),
        "noscripts": around(_filled(b"<noscript>"), ok + b"\r\n", b""),
    }


FAMILIES: dict[str, Callable[[], dict[str, Make]]] = {
    "page": pages,
    "markdown": markdowns,
    "text": texts,
    "feed": feeds,
    "sitemap": sitemaps,
    "wxr": exports,
    "csv": tables,
    "warc": archives,
}
