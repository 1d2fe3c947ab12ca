"""A Prefect API server that a command starts for itself, in a process that ends with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from copydesk.schemas.errors import CopydeskError

STARTUP_SECONDS: Final = 180
"""The first start on a busy machine migrates the database: 23 s when idle."""

DEFAULT_PORT: Final = 4200
_POLL_SECONDS: Final = 0.05
_END_SECONDS: Final = 10


class PrefectApiError(CopydeskError):
    """The Prefect API cannot be reached or started; the message says why."""


class TemporaryServer:
    """A server's process, and where its API will answer."""

    def __init__(self, log: Path, *, schedules: bool = False) -> None:
        """Start it, with ``log`` for its output; it answers seconds later (``wait``).

        With ``schedules`` it also runs schedules and serves pages.
        """
        port = DEFAULT_PORT if schedules and is_free(DEFAULT_PORT) else free_port()
        self.url = f"http://127.0.0.1:{port}/api"
        self._log = log
        options = ["--schedules"] if schedules else []
        log.parent.mkdir(parents=True, exist_ok=True)
        module = "copydesk.flows.prefect_api.ephemeral_server"
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, str(port), *options],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **page_settings(self.url)},
                start_new_session=True,  # Ctrl-C is for the flow, which then reports to the API
            )

    def wait(self) -> None:
        """Wait until it answers; PrefectApiError when it does not start."""
        deadline = time.monotonic() + STARTUP_SECONDS
        while not answers(self.url):
            if (status := self._process.poll()) is not None:
                raise PrefectApiError(
                    f"the temporary Prefect server ended with status {status}; see {self._log}"
                )
            if time.monotonic() > deadline:
                raise PrefectApiError(
                    f"the temporary Prefect server did not answer within {STARTUP_SECONDS} s; "
                    f"see {self._log}"
                )
            time.sleep(_POLL_SECONDS)

    def end(self) -> None:
        """Tell it to end, without waiting; it also ends when this process does."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def stop(self) -> None:
        """Tell it to end, and wait until it has."""
        self.end()
        try:
            self._process.wait(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def page_settings(api_url: str) -> dict[str, str]:
    """Return the settings by which a server's pages and API know each other's address."""
    return {
        "PREFECT_SERVER_UI_API_URL": api_url,
        "PREFECT_UI_URL": api_url.removesuffix("/api"),
    }


def answers(api_url: str) -> bool:
    """Return whether a Prefect API answers at this address."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """Return a port of loopback on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_free(port: int) -> bool:
    """Return whether nothing listens on a port of loopback."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
