"""Web archives of made articles, each record compressed by itself."""

from __future__ import annotations

import io
from collections.abc import Iterable

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.flows.running import articles


def archive_of(numbers: Iterable[int]) -> bytes:
    """Write a web archive of the articles with these numbers."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    chosen = list(numbers)
    texts = list(articles(max(chosen) + 1).values())
    for number in chosen:
        title, _, body = texts[number].partition("\n")
        paragraphs = "".join(f"<p>{line}</p>" for line in body.splitlines() if line)
        page = f"<title>{title}</title><article><h1>{title}</h1>{paragraphs}</article>"
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            f"https://news.example/{number}", "response",
            payload=io.BytesIO(page.encode()), http_headers=headers,
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()
