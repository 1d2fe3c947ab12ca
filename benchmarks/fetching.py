"""Fetching from a local site: what is counted, what a second run costs, how fast, how much memory.

    python -m benchmarks.fetching [--pages 2000] [--rounds 3]

The site has a sitemap of 50,000 addresses. 2,000 of them are read: pages of 60 KB, with
redirects, pages that are gone, denied, broken for ever, or only at the first try. Pace is off.
Beside it, httpx2 and aiohttp fetch the same pages with nothing around them: no robots.txt, no
checks, no order, no retries.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import re
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.web.fetch.client import Guard
from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops
from copydesk.tasks.sources.web.fetch.fetcher import Policy, Time
from copydesk.tasks.sources.web.fetch.throttle import RateLimit
from copydesk.tasks.sources.web.fetch.urls import AllowList
from copydesk.tasks.sources.web.web_options import Web

ADDRESSES = 50_000
SIZE = 60_000
AT_ONCE = 32
ODD = {  # number modulo 100 → what becomes of the page
    3: "redirect",
    7: "gone",
    11: "robots",
    13: "once",
    17: "broken",
}
EXPECTED = {"gone": "http_404", "robots": "robots", "broken": "truncated"}


def serve(pipe: Connection) -> None:
    """Play the site until the pipe closes; each message is answered with the bytes sent so far."""
    from tests.servers.site import Page, Request, Site

    body = ("<p>" + "Words of an article. " * 50 + "</p>\n").encode()
    body = b"<!doctype html><title>Page</title><article>" + body * (SIZE // len(body) + 1)
    tried: Counter[str] = Counter()

    def answer(request: Request) -> Page:
        number = int(re.sub(r"\D", "", request.path) or 0)
        mood = "" if request.path.startswith("/to/") else ODD.get(number % 100, "")
        if mood == "redirect":
            return Page(status=301, headers={"location": f"/to/{number}"})
        if mood == "gone":
            return Page(status=404)
        tried[request.path] += 1
        if mood == "broken":
            return Page(body[:SIZE], mood="cut")
        if mood == "once" and tried[request.path] == 1:
            return Page(status=503)
        return conditional(request, f'"{number}"', body[:SIZE])

    def conditional(request: Request, etag: str, content: bytes) -> Page:
        if request.headers.get("if-none-match") == etag:
            return Page(status=304, headers={"etag": etag})
        return Page(content, headers={"etag": etag})

    with Site({"*": answer}) as site:
        denied = "".join(f"Disallow: /{n}.html$\n" for n in range(11, ADDRESSES, 100))
        site.add("/robots.txt", Page(f"User-agent: *\n{denied}"))
        urls = "".join(f"<url><loc>{site.url}/{n}.html</loc></url>\n" for n in range(ADDRESSES))
        listing = f"<urlset>{urls}</urlset>".encode()
        site.add("/sitemap.xml", lambda request: conditional(request, '"map"', listing))
        pipe.send(site.port)
        while pipe.recv():
            pipe.send((site.sent, site.asked()))


def web(port: int) -> Web:
    """Allow the site, and no pause."""
    return Web(
        policy=Policy(
            guard=Guard(allow=AllowList((f"127.0.0.1:{port}",))),
            rate_limit=RateLimit(delay=0, concurrency=AT_ONCE, adapt=False),
            time=Time(sleep=no_pause),
        )
    )


def copydesk(port: int, pages: int) -> int:
    """Fetch the pages as articles named one by one."""
    urls = [f"http://127.0.0.1:{port}/{number}.html" for number in range(pages)]
    (source,) = open_sources(urls, web=web(port))
    got = sum(isinstance(result, RawDocument) for result in source.acquire(list(source.discover())))
    close_fetch_loops()
    return got


async def no_pause(_seconds: float) -> None:
    """Go on at once, where a good guest would wait before a second try."""
    await asyncio.sleep(0)


def ours(
    port: int, pages: int, known_metadata: dict[str, dict[str, str]]
) -> tuple[Counter[str], dict]:
    """Read the sitemap and the pages; what became of the items, and what to know next time."""
    (source,) = open_sources([f"http://127.0.0.1:{port}/sitemap.xml"], web=web(port))
    counts: Counter[str] = Counter()
    metadata = dict(known_metadata)
    items = []
    for offer in source.discover(known_metadata):
        if isinstance(offer, Item):
            items.append(offer)
        else:
            metadata[offer.item.locator] = dict(offer.how)
            counts[f"listing {offer.fate}"] += 1
    counts["offered"] = len(items)
    if not items:  # nothing new is listed: ask for the pages of the last run all the same
        items = [Item("x", url, url, f'["{url}", null, null, null]') for url in known_metadata if
                 url.endswith(".html")]  # fmt: skip
    for result in source.acquire(items[:pages], known_metadata):
        if isinstance(result, RawDocument):
            counts["read"] += 1
            counts["bytes"] += len(result.body)
        else:
            assert isinstance(result, Missing)
            counts[result.reason] += 1
        metadata[result.item.locator] = dict(result.how)
    close_fetch_loops()
    return counts, metadata


def httpx2(port: int, pages: int) -> int:
    """Fetch the pages with httpx2."""
    import httpx2 as library

    async def run() -> int:
        turns = asyncio.Semaphore(AT_ONCE)
        async with library.AsyncClient(follow_redirects=True, trust_env=False) as client:

            async def get(number: int) -> int:
                async with turns:
                    try:
                        answer = await client.get(f"http://127.0.0.1:{port}/{number}.html")
                    except library.HTTPError:
                        return 0
                    return answer.status_code == 200

            return sum(await asyncio.gather(*map(get, range(pages))))

    return asyncio.run(run())


def aiohttp(port: int, pages: int) -> int:
    """Fetch the pages with aiohttp."""
    import aiohttp as library

    async def run() -> int:
        turns = asyncio.Semaphore(AT_ONCE)
        async with library.ClientSession() as session:

            async def get(number: int) -> int:
                async with turns:
                    try:
                        async with session.get(f"http://127.0.0.1:{port}/{number}.html") as answer:
                            await answer.read()
                            return answer.status == 200
                    except library.ClientError:
                        return 0

            return sum(await asyncio.gather(*map(get, range(pages))))

    return asyncio.run(run())


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Do it; seconds of the clock, seconds of this process's CPU, and the result."""
    clock, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - clock, time.process_time() - cpu, result


def check(counts: Counter[str], pages: int) -> list[str]:
    """Compare what became of the pages with what the site did."""
    moods = Counter(ODD.get(n % 100, "") for n in range(pages))
    wrong = [
        f"{reason}: {counts[reason]}, not {moods[mood]}"
        for mood, reason in EXPECTED.items()
        if counts[reason] != moods[mood]
    ]
    read = pages - sum(moods[mood] for mood in EXPECTED)
    if counts["read"] != read or counts["bytes"] != read * SIZE:
        wrong.append(f"read: {counts['read']} ({counts['bytes']} bytes), not {read}")
    if counts["offered"] != ADDRESSES:
        wrong.append(f"offered: {counts['offered']}")
    return wrong


def main() -> None:
    """Print the tables."""
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    pipe, other = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=serve, args=(other,), daemon=True)
    server.start()
    port = pipe.recv()

    def sent() -> tuple[int, int]:
        pipe.send(True)
        return pipe.recv()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, _, (counts, metadata) = timed(lambda: ours(port, options.pages, {}))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"first run   {dict(counts)}")
    wrong = check(counts, options.pages)
    print("counts      " + ("exact" if not wrong else "; ".join(wrong)))
    print(
        f"memory      peak {peak / 1024:.0f} MB, {(peak - before) / 1024:.0f} MB more than before"
    )
    bytes_before, asked_before = sent()
    _, _, (again, _) = timed(lambda: ours(port, options.pages, metadata))
    bytes_after, asked_after = sent()
    denied = "".join(f"Disallow: /{n}.html$\n" for n in range(11, ADDRESSES, 100))
    robots = len(f"User-agent: *\n{denied}")
    print(f"second run  {dict(again)}")
    moods = Counter(ODD.get(n % 100, "") for n in range(options.pages))
    broken = moods["broken"] * 3 * SIZE
    print(
        f"            {asked_after - asked_before} requests; bytes of bodies beside robots.txt and "
        f"the broken pages: {bytes_after - bytes_before - robots - broken}"
    )
    rows: dict[str, list[tuple[float, float]]] = {"copydesk": [], "httpx2": [], "aiohttp": []}
    works = {
        "copydesk": lambda: copydesk(port, options.pages),
        "httpx2": lambda: httpx2(port, options.pages),
        "aiohttp": lambda: aiohttp(port, options.pages),
    }
    for _ in range(options.rounds):
        for name, work in works.items():
            clock, cpu, _ = timed(work)
            rows[name].append((clock, cpu))
    print(f"\n{options.pages} pages, {AT_ONCE} at once, medians of {options.rounds} rounds")
    print(f"{'':10}{'pages/s':>9}{'CPU ms a page':>15}")
    for name, figures in rows.items():
        clock = statistics.median(times[0] for times in figures)
        cpu = statistics.median(times[1] for times in figures)
        print(f"{name:10}{options.pages / clock:9.0f}{1000 * cpu / options.pages:15.2f}")
    pipe.send(False)
    server.join()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
