"""A real web server on loopback that plays a site: its pages, its moods, and what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from copydesk.flows.requests import IngestRequest
from copydesk.tasks.sources.web.fetch.client import Guard
from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops
from copydesk.tasks.sources.web.fetch.fetcher import Policy, Time
from copydesk.tasks.sources.web.fetch.throttle import RateLimit, SharedPace
from copydesk.tasks.sources.web.fetch.urls import AllowList


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """An answer. ``mood``: ``hang`` never answers, ``close`` hangs up, ``cut`` stops in the body,
    ``drip`` sends a byte now and then for ever."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    mood: str = ""
    media_type: str | None = "text/html; charset=utf-8"


Route = Page | Callable[[Request], Page]


class Site(contextlib.AbstractContextManager["Site"]):
    """``routes`` may be changed at any time; a path that is not there answers 404."""

    def __init__(
        self, routes: Mapping[str, Route | str | bytes] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.routes: dict[str, Route] = {}
        for path, route in (routes or {}).items():
            self.add(path, route)
        self.requests: list[Request] = []
        self.at_once = 0
        self.most_at_once = 0
        self.sent = 0
        self._ssl = ssl_context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def add(self, path: str, route: Route | str | bytes) -> None:
        self.routes[path] = Page(route) if isinstance(route, str | bytes) else route

    def __enter__(self) -> Self:
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._ssl)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exception: object) -> None:
        close_fetch_loops()
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http{'s' if self._ssl else ''}://127.0.0.1:{self.port}"

    def asked(self, path: str | None = None) -> int:
        return sum(path is None or request.path == path for request in self.requests)

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        request = Request(first.split(" ")[1], headers)
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            route = self.routes.get(request.path) or self.routes.get("*") or Page("", 404)
            page = route if isinstance(route, Page) else route(request)
            return await self._send(page, writer)
        finally:
            self.at_once -= 1

    async def _send(self, page: Page, writer: asyncio.StreamWriter) -> bool:
        if page.mood == "close":
            return False
        if page.mood == "hang":
            await asyncio.sleep(3600)
        body = page.body.encode() if isinstance(page.body, str) else page.body
        fields = {"content-length": str(len(body)), **page.headers}
        if page.media_type and "content-type" not in fields:
            fields["content-type"] = page.media_type
        if page.status in (204, 304):
            fields.pop("content-length")
            body = b""
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {page.status} X\r\n{lines}\r\n".encode("latin-1"))
        while page.mood == "drip":
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)
        self.sent += len(body)  # before the client can have it, and look
        writer.write(body[: len(body) // 2] if page.mood == "cut" else body)
        await writer.drain()
        return page.mood != "cut"


class FakeTime:
    """A clock that sleeping moves on, at once."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


async def loopback(host: str, port: int) -> list[str]:
    """Every name is this machine."""
    return ["127.0.0.1"]


def policy_for(
    *sites: Site,
    time: FakeTime | None = None,
    rate_limit: RateLimit | None = None,
    robots: bool = False,
    resolve: Callable = loopback,
    shared: SharedPace | None = None,
    **guard: object,
) -> Policy:
    """A policy that may ask these sites, with no pause between requests unless one is wished."""
    own_names = AllowList(tuple(f"127.0.0.1:{site.port}" for site in sites))
    values: dict = {"connect": 5.0, "read": 5.0, "total": 10.0} | guard
    return Policy(
        guard=Guard(allow=own_names, resolve=resolve, **values),
        rate_limit=rate_limit or RateLimit(delay=0, concurrency=16, adapt=False),
        robots=robots,
        time=Time(time.monotonic, time.sleep, time.now) if time else Time(),
        shared=shared,
        contact="https://reader.example/about",
    )


def request_of(site: Site, folder: Path, source: str, *addresses: str) -> IngestRequest:
    """Ask for a named source of these addresses, one after the other and with no pause."""
    file = folder / "sources.toml"
    settings = (
        f"[sources.{source}]",
        f"addresses = {json.dumps(addresses)}",
        f'allow = ["{site.url.removeprefix("http://")}"]',
        "delay = 0",
        "concurrency = 1",
    )
    file.write_text("\n".join(settings))
    return IngestRequest((), source, sources_file=str(file))
