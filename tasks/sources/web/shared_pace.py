"""One pace for a host among all processes of this machine, so that two runs are not twice as fast.

A small file for each host holds the moment from which it may be asked again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

STALE = 600.0  # seconds; a moment farther ahead than any wait comes from a clock that was wrong


def default_folder() -> str:
    """Name the folder that the processes of this user share."""
    return str(Path(tempfile.gettempdir(), f"copydesk-hosts-{os.getuid()}"))


@dataclass(frozen=True, slots=True)
class SharedPace:
    """The turns of hosts, kept in a folder. Times are seconds since 1970."""

    folder: str

    def reserve(self, host: str, now: float, delay: float) -> float:
        """Take the next turn at a host, and keep it free for ``delay`` seconds; the wait."""
        with self._locked(host):
            start = max(now, self._free_at(host, now))
            self._file(host).write_text(repr(start + delay), encoding="ascii")
        return start - now

    def hold(self, host: str, until: float) -> None:
        """Leave a host alone until it may be asked again."""
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
