"""Where a flow finds its Prefect API, with no server for people to start by hand.

In this order: the address that the user has set (environment or Prefect profile), the server
that ``copydesk up`` keeps, or a temporary server that lives as long as this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from copydesk.schemas.errors import CopydeskError

STARTUP_SECONDS = 180  # the first start on a busy machine migrates the database: 23 s when idle
DEFAULT_PORT = 4200
HEARTBEAT_SECONDS = 30  # the least that Prefect takes
LEASES_ON_DISK = "prefect.server.concurrency.lease_storage.filesystem"
"""A server that forgets leases when it is restarted takes the slot of a run that is at work, which
then crashes, and keeps the slot of one that has died. That is Prefect's default."""

DRAIN_SECONDS = 5  # as Prefect's own log handler waits at exit


class EngineError(CopydeskError):
    """The Prefect API cannot be reached or started; the message says which and why."""


def configure(*, verbose: bool) -> None:
    """Set the engine's environment; call before Prefect is imported.

    A variable that the user has set stays as it is, but for the telemetry: none leaves.
    """
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    quiet = {
        "PREFECT_LOGGING_LEVEL": "INFO" if verbose else "WARNING",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO" if verbose else "CRITICAL",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(STARTUP_SECONDS),
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES_ON_DISK,
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)


@dataclass(frozen=True, slots=True)
class Api:
    """A Prefect API's address and how it was found: ``configured``, ``up`` or ``temporary``."""

    url: str
    origin: str


class ApiStarting:
    """A Prefect API on its way: started beside other work, waited for when it is needed."""

    def __init__(self, log: Path, *, schedules: bool = False) -> None:
        """Begin in a thread; a temporary server writes its log to ``log``.

        With ``schedules`` that is a whole server: it starts runs that are due, and has pages.
        """
        self._log = log
        self._schedules = schedules
        self._api: Api | None = None
        self._error: Exception | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._start, name="prefect-api", daemon=True)
        self._thread.start()

    def wait(self) -> Api:
        """Wait until the API answers.

        Raises:
            EngineError: it did not start, or the address that was set does not answer.
        """
        self._thread.join()
        if self._error is not None:
            raise EngineError(str(self._error)) from self._error
        assert self._api is not None
        return self._api

    def stop(self) -> None:
        """Stop the temporary server, if there is one; it also stops when this process ends."""
        self._thread.join()
        server, self._server = self._server, None
        if server is None:
            return
        assert server.stdin is not None
        server.stdin.close()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _start(self) -> None:
        try:
            self._api = find_api() or self._temporary()
        except Exception as error:  # handed to the thread that waits
            self._error = error

    def _temporary(self) -> Api:
        port = DEFAULT_PORT if self._schedules and _is_free(DEFAULT_PORT) else _free_port()
        options = ["--schedules"] if self._schedules else []
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(  # noqa: S603
                [
                    sys.executable,
                    "-m",
                    "copydesk.flows.prefect_api.ephemeral_server",
                    str(port),
                    *options,
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **pages_ask(f"http://127.0.0.1:{port}/api")},
                start_new_session=True,  # Ctrl-C is for the flow, which then reports to the API
            )
        url = f"http://127.0.0.1:{port}/api"
        deadline = time.monotonic() + STARTUP_SECONDS
        while not answers(url):
            if (status := self._server.poll()) is not None:
                raise EngineError(
                    f"the temporary Prefect server ended with status {status}; see {self._log}"
                )
            if time.monotonic() > deadline:
                raise EngineError(
                    f"the temporary Prefect server did not answer within {STARTUP_SECONDS} s; "
                    f"see {self._log}"
                )
            time.sleep(0.1)
        return Api(url, "temporary")


def find_api() -> Api | None:
    """Find the API that was set, or that ``up`` keeps; None where there is none.

    EngineError when the one that was set does not answer.
    """
    from prefect.settings import get_current_settings

    if configured := get_current_settings().api.url:
        if not configured.startswith("https://api.prefect.cloud") and not answers(configured):
            raise EngineError(
                f"no Prefect API answers at {configured}, the address that PREFECT_API_URL or "
                "the active Prefect profile sets; start it, or unset the address"
            )
        return Api(configured, "configured")
    if (kept := kept_server()) and answers(kept):
        return Api(kept, "up")
    return None


@contextlib.contextmanager
def use(api: Api) -> Iterator[None]:
    """Make Prefect talk to this API, in this process and in those that it starts."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    before = os.environ.get("PREFECT_API_URL")
    os.environ["PREFECT_API_URL"] = api.url
    try:
        with temporary_settings({PREFECT_API_URL: api.url}):
            try:
                yield
            finally:
                _drain()
    finally:
        if before is None:
            del os.environ["PREFECT_API_URL"]
        else:
            os.environ["PREFECT_API_URL"] = before


def _drain() -> None:
    """Send the log and the events that wait in this process, before their API may go."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        with contextlib.suppress(TimeoutError):
            worker.drain_all(timeout=DRAIN_SECONDS)


def up(port: int = DEFAULT_PORT) -> tuple[str, bool]:
    """Start a Prefect server that stays; give its address and whether it was started now.

    Raises:
        EngineError: it did not start.
    """
    if (kept := kept_server()) and answers(kept):
        return kept, False
    if port == 0 or not _is_free(port):
        port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    command = ("server", "start", "--background", "--host", "127.0.0.1", "--port", str(port))
    started = _prefect(*command, variables=pages_ask(url))
    if started.returncode != 0:
        raise EngineError(f"the Prefect server did not start: {_last_words(started)}")
    deadline = time.monotonic() + STARTUP_SECONDS
    while not answers(url):
        if time.monotonic() > deadline:
            raise EngineError(f"the Prefect server did not answer within {STARTUP_SECONDS} s")
        time.sleep(0.2)
    _record().write_text(json.dumps({"api_url": url}), encoding="utf-8")
    return url, True


def down() -> bool:
    """Stop the server that ``up`` started; False when there was none."""
    if kept_server() is None:
        return False
    stopped = _prefect("server", "stop")
    _record().unlink(missing_ok=True)
    if stopped.returncode != 0:
        raise EngineError(f"the Prefect server did not stop: {_last_words(stopped)}")
    return True


def kept_server() -> str | None:
    """Give the API address of the server that ``up`` started, if it was not stopped since."""
    try:
        return str(json.loads(_record().read_text(encoding="utf-8"))["api_url"])
    except (OSError, ValueError, KeyError):
        return None


def _record() -> Path:
    """Beside Prefect's own database, since that is what the server serves."""
    from prefect.settings import get_current_settings

    return Path(get_current_settings().home) / "copydesk-server.json"


def pages_ask(api_url: str) -> dict[str, str]:
    """Tell a server's pages where its API is: on another port than Prefect's own they ask that.

    And tell the server where its pages are, for the links in its messages.
    """
    return {
        "PREFECT_SERVER_UI_API_URL": api_url,
        "PREFECT_UI_URL": api_url.removesuffix("/api"),
    }


def _prefect(
    *arguments: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "prefect", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(variables or {})},
    )


def _last_words(process: subprocess.CompletedProcess[str]) -> str:
    return (process.stderr.strip() or process.stdout.strip())[-500:]


def answers(api_url: str) -> bool:
    """Tell whether a Prefect API is reached from here."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
