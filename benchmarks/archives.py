"""Reading web archives: records a second beside the libraries, and what damage costs.

    python -m benchmarks.archives [--records 2000] [--rounds 3]

An archive of 2,000 records is written by warcio: pages of about 60 KB, plain, chunked, gzip, br,
zstd and deflate, with pictures and revisits between them. It is read whole, with twenty members
damaged, and cut in the middle. fastwarc and warcio read the same pages' bytes beside it, without
undoing codings or making items.
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import statistics
import tempfile
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import brotli
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from copydesk.schemas.items import Item, RawDocument
from copydesk.tasks.sources import open_sources
from copydesk.warehouse.storage.raw_files import zstd

SIZE = 60_000
CODINGS: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.compress,
    "br": lambda body: brotli.compress(body, quality=4),
    "zstd": zstd.compress,
    "deflate": zlib.compress,
}
WORDS = [f"word{n}" for n in range(4000)]


def page(number: int) -> bytes:
    """Make a page whose text does not compress to nothing."""
    chance = random.Random(number)
    text = " ".join(chance.choices(WORDS, k=SIZE // 9))
    return f"<!doctype html><title>Page {number}</title><article><p>{text}</article>".encode()


def chunked(body: bytes) -> bytes:
    """Send a body in chunks."""
    pieces = (body[i : i + 8000] for i in range(0, len(body), 8000))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def write(count: int) -> tuple[bytes, list[int], list[int]]:
    """Write the archive; its bytes, the numbers of its pages, and where each record begins."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    pages: list[int] = []
    places: list[int] = []
    for number in range(count):
        places.append(buffer.tell())
        url = f"https://news.example/{number}"
        fields = [("Content-Type", "text/html; charset=utf-8")]
        body = page(number)
        if number % 10 == 9:
            fields, body = [("Content-Type", "image/png")], body[:9000]
        else:
            pages.append(number)
            coding = list(CODINGS)[number % len(CODINGS)]
            body = CODINGS[coding](body)
            if coding:
                fields.append(("Content-Encoding", coding))
            if number % 3 == 0:
                fields.append(("Transfer-Encoding", "chunked"))
                body = chunked(body)
        http = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=http)
        )
    return buffer.getvalue(), pages, places


def ours(path: Path) -> tuple[dict[int, bytes], Counter[str]]:
    """Read the pages; by number, and what could not be read."""
    (source,) = open_sources([str(path)])
    missing: Counter[str] = Counter()
    items = []
    for offer in source.discover():
        if isinstance(offer, Item):
            items.append(offer)
        else:
            missing[offer.reason] += 1
    bodies: dict[int, bytes] = {}
    for result in source.acquire(items):
        if isinstance(result, RawDocument):
            bodies[int(result.url.rpartition("/")[2])] = result.body
        else:
            missing[result.reason] += 1
    return bodies, missing


def fastwarc(path: Path) -> int:
    """Read the pages' bytes with fastwarc."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            count += len(record.reader.read()) > 0
    return count


def warcio(path: Path) -> int:
    """Read the pages' bytes with warcio."""
    count = 0
    with path.open("rb") as stream:
        for record in WarcioIterator(stream):
            count += record.rec_type == "response" and len(record.raw_stream.read()) > 0
    return count


def check(name: str, path: Path, expected: list[int]) -> None:
    """Compare what was read with what could be read."""
    bodies, missing = ours(path)
    wrong = [number for number, body in bodies.items() if body != page(number)]
    unread = [number for number in expected if number not in bodies]
    print(
        f"{name:22}{len(bodies):6} pages of {len(expected)} that can be read; wrong {len(wrong)}, "
        f"lost {len(unread)}; rows for the rest: {dict(missing)}"
    )


def main() -> None:
    """Print the tables."""
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    data, pages, places = write(options.records)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "whole.warc.gz")
        path.write_bytes(data)
        print(f"{options.records} records, {len(data) / 1e6:.0f} MB")
        check("whole", path, pages)

        chance = random.Random(1)
        hurt = chance.sample(range(options.records - 1), 20)
        damaged = bytearray(data)
        for number in hurt:
            damaged[chance.randrange(places[number] + 20, places[number + 1])] ^= 0x55
        path.with_name("damaged.warc.gz").write_bytes(damaged)
        readable = [number for number in pages if number not in hurt]
        check("20 members damaged", path.with_name("damaged.warc.gz"), readable)

        cut = len(data) // 2
        path.with_name("cut.warc.gz").write_bytes(data[:cut])
        ends = [*places[1:], len(data)]
        readable = [number for number in pages if ends[number] <= cut]
        check("cut in the middle", path.with_name("cut.warc.gz"), readable)

        tracemalloc.start()
        ours_count = sum(1 for _ in stream(path))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"memory of a pass       {peak / 1e6:.1f} MB for {ours_count} documents")

        works = {
            "copydesk": lambda: ours(path),
            "fastwarc": lambda: fastwarc(path),
            "warcio": lambda: warcio(path),
        }
        seconds: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(options.rounds):
            for name, work in works.items():
                start = time.process_time()
                work()
                seconds[name].append(time.process_time() - start)
    print(f"\nrecords a second of CPU time, medians of {options.rounds} rounds")
    for name, figures in seconds.items():
        print(f"{name:10}{options.records / statistics.median(figures):8.0f}")


def stream(path: Path):  # type: ignore[no-untyped-def]
    """Read the pages one after the other, keeping none."""
    (source,) = open_sources([str(path)])
    yield from source.acquire([item for item in source.discover() if isinstance(item, Item)])


if __name__ == "__main__":
    main()
