"""The request rate of a host, from its robots.txt and its responses; uses no clock itself."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

FACTOR = 2.0  # factor of the delay after a host reports too many requests
RECOVERY = 0.9  # part of the extra delay that remains after each success
SLOWEST = 60.0  # maximum seconds between two requests, however slow the host
CRAWL_DELAY = 300.0  # maximum seconds that robots.txt may demand; more would never end
PATIENCE = 120.0  # maximum seconds of Retry-After to wait; beyond, the run skips the host
FAILURES = 5  # consecutive failures after which the run skips the host


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Seconds between requests to one host (``delay``), and how many may run at once."""

    delay: float = 1.0
    concurrency: int = 2
    adapt: bool = True
    """Wait as long as the host takes to answer, so that it works for us at most half of the
    time, and longer if it reports too many requests. Delays that it demands are always kept."""


@dataclass(slots=True)
class Pace:
    """The request rate of one host; times are seconds of any monotonic clock."""

    rate_limit: RateLimit = field(default_factory=RateLimit)
    crawl_delay: float = 0.0
    free_at: float = 0.0
    latency: float = 0.0
    extra: float = 0.0
    failures: int = 0
    stopped: str | None = None

    @property
    def delay(self) -> float:
        """Return the current seconds between two requests."""
        adaptive = self.latency if self.rate_limit.adapt else 0.0
        crawl_delay = min(CRAWL_DELAY, self.crawl_delay)
        return max(
            crawl_delay,
            min(SLOWEST, max(crawl_delay, self.rate_limit.delay, adaptive) + self.extra),
        )

    def reserve(self, now: float) -> float:
        """Reserve the next turn; return the seconds to wait for it."""
        start = max(now, self.free_at)
        self.free_at = start + self.delay
        return start - now

    def answered(self, seconds: float) -> None:
        """Record a response that took ``seconds``."""
        self.latency = seconds if not self.latency else 0.7 * self.latency + 0.3 * seconds
        self.extra = self.extra * RECOVERY if self.extra > 0.01 else 0.0
        self.failures = 0

    def failed(self, now: float, reason: str, retry_after: float | None) -> None:
        """Record a failure that concerns the whole host."""
        self.failures += 1
        if self.rate_limit.adapt and reason in ("http_429", "http_503"):
            self.extra = min(SLOWEST, max(1.0, self.extra * FACTOR, self.delay))
        if retry_after is not None:
            if retry_after > PATIENCE:
                self.stopped = f"it asks to retry in {retry_after:,.0f} s"
            self.free_at = max(self.free_at, now + min(retry_after, PATIENCE))
        if self.failures >= FAILURES:
            self.stopped = f"{self.failures} failures in a row, the last: {reason}"


def retry_after_seconds(value: str | None, now_timestamp: float) -> float | None:
    """Parse Retry-After, in seconds or as a date; None if it is neither."""
    from copydesk.tasks.sources.dates.parse import parse_date

    text = (value or "").strip()
    if text.isdigit():
        return float(text[:9])
    moment = parse_date(text) if text else None
    return max(0.0, moment.timestamp() - now_timestamp) if moment else None


def backoff(attempt: int) -> float:
    """Return the seconds before the next attempt, by the number of attempts: 2, 8, 32."""
    return float(2 * 4 ** (attempt - 1))


STALE = 600.0  # seconds; a reservation farther ahead comes from a wrong clock


def default_folder() -> str:
    """Return the folder shared by this user's processes."""
    return str(Path(tempfile.gettempdir(), f"copydesk-hosts-{os.getuid()}"))


@dataclass(frozen=True, slots=True)
class SharedPace:
    """The reservations of hosts, in a folder; times are seconds since 1970."""

    folder: str

    def reserve(self, host: str, now: float, delay: float) -> float:
        """Reserve the next turn at a host for ``delay`` seconds; return the seconds to wait."""
        with self._locked(host):
            start = max(now, self._free_at(host, now))
            self._file(host).write_text(repr(start + delay), encoding="ascii")
        return start - now

    def hold(self, host: str, until: float) -> None:
        """Block a host until the given time."""
        with self._locked(host):
            free_at = max(until, self._free_at(host, until))
            self._file(host).write_text(repr(free_at), encoding="ascii")

    def _free_at(self, host: str, now: float) -> float:
        try:
            free_at = float(self._file(host).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0
        return free_at if free_at < now + STALE else 0.0

    def _locked(self, host: str) -> FileLock:
        folder = Path(self.folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(self._file(host).with_suffix(".lock"))

    def _file(self, host: str) -> Path:
        return Path(self.folder, hashlib.blake2b(host.encode(), digest_size=16).hexdigest())
