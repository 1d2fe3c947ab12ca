"""robots.txt (RFC 9309): what a host lets crawlers read, and how fast."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from protego import Protego

from copydesk.schemas.reservations import CONTENT_SIGNAL, ROBOTS_TXT, known_crawler
from copydesk.tasks.sources.web.fetch.client import Client
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.urls import Address, join, read_address

SIZE = 512 * 1024  # RFC 9309 2.5: at least 500 KiB must be read; the rest may be ignored
REDIRECTS = 5  # 2.3.1.2: at least five are followed
CACHE_SECONDS = 24 * 3600.0  # seconds; 2.4: not longer than a day
FAILURE_SECONDS = 600.0  # seconds before a failed host is requested again
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
PRODUCT = "copydesk"  # our product name in robots.txt
_WITH_MORE = re.compile(
    r"^([^\S\n]*+user-?agent[^\S\n]*:[^\S\n]*[a-z_-]+)[/ \t][^\r\n#]*", re.IGNORECASE | re.MULTILINE
)
"""A product followed by a version or words, which RFC 9309 does not define: they are ignored."""
_LINE = re.compile(
    r"^[^\S\n]*+([a-z][a-z-]{2,30})[^\S\n]*+:[^\S\n]*+([^\r\n#]{0,300})",
    re.IGNORECASE | re.MULTILINE,
)
_EVERYONE = "*"
_MOST_SIGNALS = 5


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of a robots.txt: nothing is allowed if ``denied``, everything without ``parsed``.

    ``url`` is the file's address, to which its addresses are relative. ``crawlers`` are the AI
    crawlers that it names, ``signals`` its content signals for everyone.
    """

    parsed: Protego | None = None
    denied: str | None = None
    url: str | None = None
    crawlers: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Return whether an address may be read."""
        return self.denied is None and (self.parsed is None or self.parsed.can_fetch(url, PRODUCT))

    def reservations(self, url: str) -> dict[str, str]:
        """Return what it reserves of an address, by the names that a transport has for it."""
        parsed = self.parsed
        if parsed is None:
            return {}
        denied = [name for name in self.crawlers if not parsed.can_fetch(url, name)]
        reserved = {ROBOTS_TXT: ", ".join(denied)} if denied else {}
        return reserved | ({CONTENT_SIGNAL: "; ".join(self.signals)} if self.signals else {})

    @property
    def crawl_delay(self) -> float:
        """Return the seconds that the host demands between two requests; 0 if it demands none."""
        delay = self.parsed.crawl_delay(PRODUCT) if self.parsed else None
        return float(delay or 0.0)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """Return the addresses of the host's sitemaps."""
        addresses = tuple(self.parsed.sitemaps) if self.parsed else ()
        return tuple(join(self.url, address) for address in addresses) if self.url else addresses


@dataclass(slots=True)
class _CachedRules:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: RobotsRules = field(default_factory=RobotsRules)
    failure: FetchError | None = None
    until: float = float("-inf")


class Robots:
    """The robots.txt rules of hosts, each fetched once and cached."""

    def __init__(self, client: Client, agent: str, now: Callable[[], float]) -> None:
        """Use ``client`` for requests; ``now`` returns the seconds of a monotonic clock."""
        self._client = client
        self._headers = {"user-agent": agent, "accept": "text/plain,*/*;q=0.1"}
        self._now = now
        self._cache: dict[str, _CachedRules] = {}

    async def rules(self, address: Address) -> RobotsRules:
        """Return the rules of an address's host; ``FetchError`` if the host cannot be reached."""
        cached = self._cache.setdefault(address.origin, _CachedRules())
        async with cached.lock:
            if self._now() >= cached.until:
                try:
                    cached.rules, cached.failure = await self._fetch(address), None
                except FetchError as error:
                    cached.failure = error
                failed = cached.failure is not None or cached.rules.denied is not None
                cached.until = self._now() + (FAILURE_SECONDS if failed else CACHE_SECONDS)
        if cached.failure is not None:
            raise cached.failure
        return cached.rules

    async def _fetch(self, address: Address) -> RobotsRules:
        url = f"{address.origin}/robots.txt"
        for hop in range(REDIRECTS + 1):
            try:
                answer = await self._client.get(
                    read_address(url), self._headers, cap=SIZE, cut=True
                )
            except FetchError as error:
                if hop and error.reason in ("blocked", "bad_address"):
                    return RobotsRules(
                        denied=f"robots.txt leads to what is not requested: {error.detail}"
                    )
                raise
            location = answer.headers.get("location")
            if answer.status not in REDIRECT_STATUSES or not location:
                rules = await asyncio.to_thread(read_rules, answer.status, answer.body)
                return dataclasses.replace(rules, url=url)
            url = join(url, location)
        return RobotsRules()  # too many redirects count as a missing file (2.3.1.2)


def read_rules(status: int, body: bytes) -> RobotsRules:
    """Return the rules that a response to a request for robots.txt means."""
    if status == 429 or status >= 500:
        return RobotsRules(denied=f"robots.txt answers {status}, which denies everything for now")
    if status not in (200, 203):
        return RobotsRules()
    if len(body) >= SIZE:
        body = body[: body.rfind(b"\n") + 1]
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    try:
        parsed = Protego.parse(_WITH_MORE.sub(r"\1", text))
    except Exception:  # a file that cannot be parsed has no rules
        return RobotsRules()
    crawlers, signals = _addressed(text)
    return RobotsRules(parsed, crawlers=crawlers, signals=signals)


def _addressed(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the crawlers for AI that a robots.txt names, and its content signals for everyone."""
    crawlers: dict[str, None] = {}
    signals: dict[str, None] = {}
    group: set[str] = set()
    in_names = False
    for line in _LINE.finditer(text):
        field_name, value = line[1].lower(), line[2].strip()
        if field_name in ("user-agent", "useragent"):
            agent = value.partition("/")[0].strip()
            group = {*group, agent} if in_names else {agent}
            in_names = True
            if crawler := known_crawler(agent):
                crawlers[crawler] = None
        else:
            in_names = False
            if field_name == CONTENT_SIGNAL and _EVERYONE in group:
                signals[value] = None
    return tuple(crawlers), tuple(signals)[:_MOST_SIGNALS]
