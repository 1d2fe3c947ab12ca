"""Fetch web pages within the rules and the request rate of their hosts."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import BinaryIO

from copydesk.schemas.reservations import reservation_headers
from copydesk.tasks.sources.secrets import NoSecretError, reveal
from copydesk.tasks.sources.source import Clock, utc_now
from copydesk.tasks.sources.web.fetch.client import Client, Guard, HttpResponse, can_be_sent
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.robots import PRODUCT, REDIRECT_STATUSES, Robots, RobotsRules
from copydesk.tasks.sources.web.fetch.tdmrep import PATH, SIZE, TdmRule, read_tdmrep, reservations
from copydesk.tasks.sources.web.fetch.throttle import (
    PATIENCE,
    Pace,
    RateLimit,
    SharedPace,
    backoff,
    default_folder,
    retry_after_seconds,
)
from copydesk.tasks.sources.web.fetch.urls import Address, join, read_address

TRIES = 3  # attempts per page, if the failure may be temporary
REDIRECTS = 5
PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
ACCEPT_PAGE = "text/html,application/xhtml+xml,text/plain;q=0.8,text/markdown;q=0.8,*/*;q=0.1"
VALIDATORS = {"etag": "if-none-match", "last-modified": "if-modified-since"}
OK = 200
PARTIAL = 206
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Time:
    """The clock and sleep function for the request rate; tests replace them."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Clock = utc_now


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings for fetching; hashable and picklable, since processes keep a fetcher per policy.

    ``contact`` is an address where a site's owner reaches the person who runs this; it stands in
    the User-Agent. ``secrets`` are headers for one origin each: (origin, name, value), the value
    with references to secrets (``sources.secrets``), which are looked up at each request.
    """

    guard: Guard = field(default_factory=Guard)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    contact: str | None = None
    robots: bool = True
    time: Time = field(default_factory=Time)
    secrets: tuple[tuple[str, str, str], ...] = ()
    shared: SharedPace | None = field(default_factory=lambda: SharedPace(default_folder()))

    @property
    def agent(self) -> str:
        """Return the User-Agent, which truthfully names the crawler."""
        contact = f"; +{self.contact}" if self.contact else ""
        return f"{PRODUCT}/{_version()} (reader of articles{contact})"


@functools.cache
def _version() -> str:
    return version(PRODUCT)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to fetch.

    ``types`` are prefixes of accepted media types, None for all. The body is written undecoded to
    ``sink``, if given; ``cap`` limits its bytes. ``byte_range`` is the offset and length of the
    requested part; a complete response is then an error.
    """

    accept: str = ACCEPT_PAGE
    types: tuple[str, ...] | None = PAGE_TYPES
    cap: int = 20_000_000
    sink: BinaryIO | None = None
    byte_range: tuple[int, int] | None = None

    def range_headers(self) -> dict[str, str]:
        """Return the headers that request the byte range, unencoded (RFC 9110, 14.2)."""
        if self.byte_range is None:
            return {}
        offset, length = self.byte_range
        return {"range": f"bytes={offset}-{offset + length - 1}", "accept-encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Response:
    """A fetched or unmodified page; ``url`` is its address after redirects."""

    url: str
    status: int
    body: bytes
    media_type: str | None
    transport: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def not_modified(self) -> bool:
        """Return whether the host reports that the page has not changed."""
        return self.status == NOT_MODIFIED


@dataclass(slots=True)
class _Host:
    pace: Pace
    turns: asyncio.Semaphore


@dataclass(slots=True)
class _TdmFile:
    """A site's reservations, asked for once, when the first of its pages was read."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: tuple[TdmRule, ...] | None = None


class Fetcher(contextlib.AbstractAsyncContextManager["Fetcher"]):
    """Fetches pages at each host's rate; belongs to one event loop."""

    def __init__(self, policy: Policy) -> None:
        """Start without state of any host."""
        self._policy = policy
        self._client = Client(policy.guard)
        self._robots = Robots(self._client, policy.agent, policy.time.monotonic)
        self._hosts: dict[str, _Host] = {}
        self._tdm_files: dict[str, _TdmFile] = {}

    async def __aexit__(self, *exception: object) -> None:
        """Close the connections."""
        await self._client.__aexit__(*exception)

    async def fetch(
        self,
        url: str,
        known_transport: Mapping[str, str] | None = None,
        request: FetchRequest | None = None,
    ) -> Response:
        """Fetch a page, with retries after temporary failures.

        ``known_transport`` is ``Response.transport`` of the last response, so that the host can
        report that nothing changed.

        Raises:
            FetchError: The page could not be fetched.
        """
        request = request or FetchRequest()
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._fetch_through_redirects(url, known_transport or {}, request)
            except FetchError as error:
                if not error.consequence.passes or attempt >= TRIES:
                    raise
                if self._host(read_address(url)).pace.stopped:
                    raise
            await self._policy.time.sleep(backoff(attempt))

    async def rules(self, url: str) -> RobotsRules:
        """Return the rules in robots.txt of an address's host."""
        return await self._robots.rules(read_address(url))

    async def reservations(self, url: str) -> dict[str, str]:
        """Return what the site's robots.txt and tdmrep.json reserve of an address.

        By the names that a transport has for it. A site whose robots.txt is not asked is not
        asked for the other file either; one that does not answer reserves nothing.
        """
        if not self._policy.robots:
            return {}
        try:
            address = read_address(url)
            reserved = (await self._robots.rules(address)).reservations(address.href)
        except FetchError:
            return {}
        return reserved | reservations(await self._tdm_rules(address), address.href)

    async def _tdm_rules(self, address: Address) -> tuple[TdmRule, ...]:
        tdm_file = self._tdm_files.setdefault(address.origin, _TdmFile())
        async with tdm_file.lock:
            if tdm_file.rules is None:
                request = FetchRequest("application/json,*/*;q=0.1", None, SIZE)
                try:
                    response = await self._fetch_through_redirects(
                        f"{address.origin}{PATH}", {}, request
                    )
                    tdm_file.rules = await asyncio.to_thread(read_tdmrep, response.body)
                except FetchError:
                    tdm_file.rules = ()
        return tdm_file.rules

    async def _fetch_through_redirects(
        self, url: str, known_transport: Mapping[str, str], request: FetchRequest
    ) -> Response:
        address = read_address(url)
        hops: list[str] = []
        while True:
            headers = {"user-agent": self._policy.agent, "accept": request.accept}
            headers |= request.range_headers()
            headers |= await self._secrets(address)
            if not hops or known_transport.get("url") == address.href:
                headers |= {
                    VALIDATORS[name]: value
                    for name, value in known_transport.items()
                    if name in VALIDATORS and can_be_sent(value)
                }
            answer = await self._ask(address, headers, request)
            if answer.status == NOT_MODIFIED and not headers.keys() & set(VALIDATORS.values()):
                raise FetchError("http_304", f"{address.href} answers 304, and was never read")
            location = answer.headers.get("location")
            if answer.status not in REDIRECT_STATUSES or not location:
                return _response_of(answer, request.types, hops, known_transport)
            hops.append(f"{answer.status} {address.href}")
            if len(hops) > REDIRECTS:
                raise FetchError("redirects", f"more than {REDIRECTS}: {' → '.join(hops)}")
            address = read_address(join(address.href, location))
            if any(hop.endswith(f" {address.href}") for hop in hops):
                raise FetchError("redirects", f"a redirect loop: {' → '.join(hops)}")

    async def _ask(
        self, address: Address, headers: Mapping[str, str], request: FetchRequest
    ) -> HttpResponse:
        host = self._host(address)
        if self._policy.robots:
            rules = await self._robots.rules(address)
            if not rules.allows(address.href):
                denied = f"robots.txt denies {address.href}; for a site of yours: robots = false"
                raise FetchError("robots", rules.denied or denied)
            host.pace.crawl_delay = rules.crawl_delay
        clock = self._policy.time
        async with host.turns:
            if (wait := self._wait(address.host, host.pace)) > 0:
                await clock.sleep(wait)
            if host.pace.stopped:
                raise FetchError("host_failing", f"{address.host}: {host.pace.stopped}")
            started = clock.monotonic()
            try:
                if request.sink is not None:
                    request.sink.seek(0)
                    request.sink.truncate()
                answer = await self._client.get(
                    address, headers, cap=request.cap, sink=request.sink
                )
                _check_status(answer, clock.now(), is_part=request.byte_range is not None)
            except FetchError as error:
                if error.consequence.host:
                    host.pace.failed(clock.monotonic(), error.reason, error.retry_after)
                    self._tell_others(address.host, error)
                else:
                    host.pace.answered(clock.monotonic() - started)
                raise
            host.pace.answered(clock.monotonic() - started)
        return answer

    def _wait(self, name: str, pace: Pace) -> float:
        """Reserve the next turn at a host; return the seconds to wait for it."""
        wait = pace.reserve(self._policy.time.monotonic())
        shared = self._policy.shared
        if shared is None or pace.delay == 0:
            return wait
        return max(wait, shared.reserve(name, self._policy.time.now().timestamp(), pace.delay))

    def _tell_others(self, name: str, error: FetchError) -> None:
        """Make other processes wait, too, if a host asked for it."""
        shared = self._policy.shared
        if shared is not None and error.retry_after:
            now = self._policy.time.now().timestamp()
            shared.hold(name, now + min(error.retry_after, PATIENCE))

    def _host(self, address: Address) -> _Host:
        host = self._hosts.get(address.host)
        if host is None:
            rate_limit = self._policy.rate_limit
            host = _Host(Pace(rate_limit), asyncio.Semaphore(rate_limit.concurrency))
            self._hosts[address.host] = host
        return host

    async def _secrets(self, address: Address) -> dict[str, str]:
        secrets = [secret for secret in self._policy.secrets if secret[0] == address.origin]
        try:  # in a thread, because Prefect may have to be contacted
            return {
                name.lower(): await asyncio.to_thread(reveal, value) for _, name, value in secrets
            }
        except NoSecretError as error:
            raise FetchError("no_secret", str(error)) from error


def _check_status(answer: HttpResponse, now: datetime, *, is_part: bool) -> None:
    status = answer.status
    if is_part and status == OK:
        raise FetchError("no_range", f"{answer.url} answers with the whole file, not a part")
    if (
        status in ((PARTIAL,) if is_part else (OK, 203, NOT_MODIFIED))
        or status in REDIRECT_STATUSES
    ):
        return
    wait = retry_after_seconds(answer.headers.get("retry-after"), now.astimezone(UTC).timestamp())
    raise FetchError(f"http_{status}", f"{answer.url} answers {status}", retry_after=wait)


def _response_of(
    answer: HttpResponse,
    types: tuple[str, ...] | None,
    hops: list[str],
    known_transport: Mapping[str, str],
) -> Response:
    media_type = answer.headers.get("content-type")
    plain = (media_type or "").partition(";")[0].strip().lower()
    if answer.status in REDIRECT_STATUSES:
        raise FetchError(
            "redirects", f"{answer.url} answers {answer.status} and no address to go to"
        )
    if answer.status != NOT_MODIFIED and types and plain and not plain.startswith(types):
        raise FetchError("wrong_type", f"{answer.url} is {plain}")
    transport = {"status": str(answer.status), "url": answer.url}
    if answer.status == NOT_MODIFIED:  # many hosts omit unchanged headers here
        transport |= {name: known_transport[name] for name in VALIDATORS if name in known_transport}
    transport |= {name: answer.headers[name] for name in VALIDATORS if name in answer.headers}
    transport |= reservation_headers(answer.headers)
    if hops:
        transport["redirects"] = " → ".join(hops)
    if encoding := answer.headers.get("content-encoding"):
        transport["encoding"] = encoding
    return Response(answer.url, answer.status, answer.body, media_type, transport, answer.headers)
