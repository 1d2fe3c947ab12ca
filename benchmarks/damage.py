"""Damaged inputs: every beginning in them is a row, or a row says where reading ended.

    python -m benchmarks.damage [--files 40] [--seed 1]

Exports of WordPress, feeds, sitemaps, CSV and web archives are made, and each is damaged anew:
bytes flipped, cut off, pieces left out, doubled, or overwritten. A counter that knows nothing of
the formats (``<item``, ``<loc>``, ``WARC/1.``, lines) says how many beginnings there are. Each must
be an item or a row that is left out; or a row says that reading ended early. No file may take
longer than ``LONGEST`` seconds of CPU.
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from copydesk.schemas.items import Missing, RawDocument
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.web.listings.feeds import read_feed
from copydesk.tasks.sources.web.listings.sitemap_parser import Sitemap

LONGEST: Final = 10.0
ENDED: Final = frozenset({"damaged", "truncated", "unreadable", "no_columns", "invalid"})
"""Reasons of a row that says where reading ended, or that the whole could not be read."""
TEXT: Final = (
    "The ferry left the pier at noon, and the dog that missed it waited until the evening. "
)

_WXR: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
    'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Site</title>{items}</channel></rss>'
)
_POST: Final = (
    "<item><title><![CDATA[Post {n}]]></title><link>https://x.example/{n}/</link>"
    '<guid isPermaLink="false">https://x.example/?p={n}</guid>'
    "<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>"
    "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>\n"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of input: how it is made, what begins an item of it, and how its rows are counted."""

    make: Callable[[int], bytes]
    begins: bytes
    count: Callable[[Path, bytes], tuple[int, bool]]


def _export(size: int) -> bytes:
    posts = "".join(_POST.format(n=n, text=TEXT * 5) for n in range(size))
    return _WXR.format(items=posts).encode()


def _feed(size: int) -> bytes:
    items = "".join(
        f"<item><title>Post {n}</title><link>https://x.example/{n}/?a=1&amp;b=2</link>"
        f"<description><![CDATA[<p>{TEXT}</p>]]></description></item>\n"
        for n in range(size)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()


def _sitemap(size: int) -> bytes:
    urls = "".join(f"<url><loc>https://x.example/{n}/</loc></url>\n" for n in range(size))
    return f'<?xml version="1.0"?><urlset xmlns="http://x">{urls}</urlset>'.encode()


def _csv(size: int) -> bytes:
    rows = "".join(f"{n},Post {n},{TEXT.replace(',', '')}\n" for n in range(size))
    return f"id,title,text\n{rows}".encode()


def _warc(size: int) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False)
    for n in range(size):
        body = f"<html><title>Post {n}</title><p>{TEXT * 5}</p></html>".encode()
        fields = [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
        headers = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
        record = writer.create_warc_record(
            f"https://x.example/{n}/", "response", payload=io.BytesIO(body), http_headers=headers
        )
        writer.write_record(record)
    return buffer.getvalue()


def _of_file(path: Path, body: bytes) -> tuple[int, bool]:
    path.write_bytes(body)
    (source,) = open_sources([str(path)])
    offers = list(source.discover())
    items = [outcome for outcome in offers if not isinstance(outcome, Missing)]
    rows = [
        *(outcome for outcome in offers if isinstance(outcome, Missing)),
        *source.acquire(items),
    ]
    reasons = {outcome.reason for outcome in rows if isinstance(outcome, Missing)}
    assert sum(isinstance(outcome, (RawDocument, Missing)) for outcome in rows) == len(offers)
    return len(offers), not ENDED.isdisjoint(reasons)


def _of_feed(_path: Path, body: bytes) -> tuple[int, bool]:
    try:
        feed = read_feed(body, "https://x.example/feed/")
    except ValueError:
        return 0, True  # said to be no feed, and failed
    return len(feed.entries) + len(feed.skipped), feed.problem is not None


def _of_sitemap(_path: Path, body: bytes) -> tuple[int, bool]:
    sitemap = Sitemap(body)
    count = len(list(sitemap))
    return count, not sitemap.is_known or sitemap.problem is not None


KINDS: Final[Mapping[str, Kind]] = {
    "export.xml": Kind(_export, b"<item", _of_file),
    "feed": Kind(_feed, b"<item", _of_feed),
    "sitemap": Kind(_sitemap, b"<loc>", _of_sitemap),
    "table.csv": Kind(_csv, b"\n", _of_file),
    "crawl.warc": Kind(_warc, b"WARC/1.", _of_file),
}


def damaged(body: bytes, chance: random.Random) -> bytes:
    """Damage bytes in one or more ways."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        length = chance.choice((1, 1, 2, 8, 200))
        way = chance.choice(("flip", "flip", "flip", "cut", "leave out", "double", "overwrite"))
        if way == "flip":
            data[at] ^= 1 << chance.randrange(8)
        elif way == "cut" and at > len(data) // 3:
            del data[at:]
        elif way == "leave out":
            del data[at : at + length]
        elif way == "double":
            data[at:at] = data[at : at + length]
        else:
            data[at : at + length] = chance.randbytes(min(length, len(data) - at))
    return bytes(data)


def try_kind(name: str, files: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """Damage and read so many files of a kind; gives counts, and the files that lost something."""
    kind = KINDS[name]
    chance = random.Random(f"{seed}{name}")
    counts: Counter[str] = Counter()
    losses: list[str] = []
    whole = kind.make(30)
    for number in range(files):
        body = damaged(whole, chance)
        start = time.process_time()
        rows, ended = kind.count(folder / f"{number}-{name}", body)
        seconds = time.process_time() - start
        begins = body.count(kind.begins) - (name == "table.csv")
        counts += Counter(files=1, beginnings=begins, rows=rows, ended_early=int(ended))
        if seconds > LONGEST:
            losses.append(f"{name} {number}: {seconds:.1f} s")
        elif rows < begins and not ended:
            losses.append(
                f"{name} {number}: {begins} beginnings, {rows} rows, and nothing says why"
            )
    return counts, losses


def main() -> None:
    """Print, by kind, the beginnings and the rows, and what was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=40, help="damaged files of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in KINDS:
            counts, losses = try_kind(name, options.files, options.seed, Path(folder))
            print(name, *(f"{key} {count:,}" for key, count in counts.items()), sep="  ")
            for line in losses:
                print("   lost:", line)


if __name__ == "__main__":
    main()
