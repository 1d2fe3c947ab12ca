"""Reads hostile documents, each in a process of its own; prints its seconds of CPU and its memory.

The bounds are the system's: a process beyond its CPU time is killed, one beyond its memory fails.
"""

from __future__ import annotations

import gc
import json
import math
import os
import re
import resource
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tests.hostile.documents import FAMILIES, Make

SECONDS = 3.0
MEMORY = 600  # megabytes
_KILLED = 4  # seconds of CPU after which the process of a document is killed
_LARGEST = 3 << 30  # bytes beyond which its allocations fail


def _clean(media_type: str):
    from copydesk.tasks.cleaning import clean

    clean("<p>warm</p>" * 50, media_type=media_type, url="https://a.example/b")
    return lambda body: clean(body, media_type=media_type, url="https://a.example/b")


def _page():
    from copydesk.tasks.cleaning import clean
    from copydesk.tasks.sources.formats.html_wrapping import looks_like_html
    from copydesk.tasks.sources.web.javascript import needs_javascript
    from copydesk.tasks.sources.web.listings.discovery import find_feeds
    from copydesk.tasks.sources.web.listings.wordpress_api import find_api
    from copydesk.tasks.sources.web.pagination import next_page

    def read(body: bytes) -> None:
        url = "https://a.example/b"
        needs_javascript(body)
        next_page(body, url)
        find_feeds(body, url)
        find_api({}, body, url)
        looks_like_html(body.decode("utf-8", "replace"))
        clean(body, media_type="text/html", url=url)
        clean(body, url=url)

    read(b"<p>warm</p>" * 50)
    return read


def _feed():
    from copydesk.tasks.sources.web.listings.feeds import read_feed

    def read(body: bytes) -> None:
        try:
            read_feed(body, "https://a.example/")
        except ValueError:
            return

    read(b"<rss><channel><item><link>https://a.example/</link></item></channel></rss>")
    return read


def _sitemap():
    from copydesk.tasks.sources.web.listings.sitemap_parser import Sitemap

    return lambda body: deque(Sitemap(body), maxlen=0)


def _file(suffix: str):
    from copydesk.tasks.sources import open_sources

    def read(body: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"hostile{suffix}")
            path.write_bytes(body)
            (source,) = open_sources([str(path)])
            from copydesk.schemas.items import Item

            items = [item for item in source.discover() if isinstance(item, Item)]
            deque(source.acquire(items), maxlen=0)

    return read


READERS = {
    "page": _page,
    "markdown": lambda: _clean("text/markdown"),
    "text": lambda: _clean("text/plain"),
    "feed": _feed,
    "sitemap": _sitemap,
    "wxr": lambda: _file(".xml"),
    "csv": lambda: _file(".csv"),
    "warc": lambda: _file(".warc"),
    "planted": lambda: re.compile(rb"(a+)+$").match,
}
PLANTED: dict[str, Make] = {
    "linear": lambda size: b"a" * size,
    "exponential": lambda size: b"a" * size * 2 + b"b",
    "linear_again": lambda size: b"a" * size,
}


def main(reader: str, size: int, names: list[str]) -> None:
    read = READERS[reader]()
    documents = FAMILIES[reader]() if reader in FAMILIES else PLANTED
    gc.freeze()
    for name in names:
        body = documents[name](size)
        print(json.dumps({"name": name, "bytes": len(body), **_apart(read, body)}), flush=True)


def _apart(read: Callable[[bytes], object], body: bytes) -> dict[str, object]:
    """Read a document in a fork: its time, its memory, and how it failed, are its own."""
    out, into = os.pipe()
    if (pid := os.fork()) == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (_KILLED, _KILLED))
        resource.setrlimit(resource.RLIMIT_DATA, (_LARGEST, _LARGEST))
        try:
            read(body)
        except Exception as error:  # how a reader fails is tested elsewhere, that it does here
            os.write(into, f"{type(error).__name__}: {error}"[:1000].encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8", errors="replace") as message:
        failure = message.read() or None
    _, status, used = os.wait4(pid, 0)
    killed = os.WIFSIGNALED(status)
    return {
        "seconds": math.inf if killed else used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss // 1024,
        "failure": f"killed by signal {os.WTERMSIG(status)}" if killed else failure,
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
