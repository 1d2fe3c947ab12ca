"""Find or start the Prefect API that a flow uses, so that no server must be started by hand.

Tried in this order: the address that the user has set (environment or Prefect profile), the server
that ``copydesk up`` started, a temporary server that ends with this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from copydesk.flows.prefect_api.heartbeats import do_not_wait_for_heartbeats
from copydesk.flows.prefect_api.temporary_server import (
    DEFAULT_PORT,
    STARTUP_SECONDS,
    PrefectApiError,
    TemporaryServer,
    answers,
    free_port,
    is_free,
    page_settings,
)
from copydesk.flows.process_limits import RUN_ADDRESS_SPACE, refuse_little_address_space

HEARTBEAT_SECONDS = 30  # Prefect's minimum
LEASES_ON_DISK = "prefect.server.concurrency.lease_storage.filesystem"
"""By default Prefect keeps leases in memory. After a restart it then takes away the slot of a live
run, which crashes, and never frees the slot of a dead one."""

FLOW_RUN_DAYS: Final = 30
"""How long a server keeps flow runs with their logs and artifacts (Prefect's default: for ever);
the lake keeps its own history."""

_RECORD: Final = "copydesk-server.json"
"""File next to Prefect's database with the address of the server that ``up`` started."""

DRAIN_SECONDS = 5  # the same as Prefect's own log handler at exit


class LogFormat(StrEnum):
    """The format of log records on the console."""

    TEXT = "text"
    JSON = "json"


LOG_FORMAT_VARIABLE: Final = "COPYDESK_LOG_FORMAT"
"""Set for the child processes of a command that logs on the console."""


def configure(*, verbose: bool, log_format: LogFormat | None = None) -> None:
    """Set Prefect's environment variables; call before Prefect is imported.

    Variables that the user has set are kept, except that telemetry is always off. With
    ``log_format`` the log of runs also goes to the console; ``verbose`` adds Prefect's own records.
    """
    refuse_little_address_space(RUN_ADDRESS_SPACE)
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    shows_log = verbose or log_format is not None
    defaults = {
        "PREFECT_LOGGING_LEVEL": "INFO" if verbose else "WARNING",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO" if shows_log else "CRITICAL",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(STARTUP_SECONDS),
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES_ON_DISK,
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(FLOW_RUN_DAYS * 24 * 3600),
    }
    if log_format is not None:
        os.environ[LOG_FORMAT_VARIABLE] = log_format
    if log_format is LogFormat.JSON:
        defaults |= {
            "PREFECT_LOGGING_FORMATTERS_JSON_CLASS": "copydesk.flows.prefect_api.run_log.JsonLines",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "json",
            "PREFECT_LOGGING_COLORS": "false",
        }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


@dataclass(frozen=True, slots=True)
class Api:
    """A Prefect API's address and how it was found: ``configured``, ``up`` or ``temporary``."""

    url: str
    origin: str


class ApiStarting:
    """A Prefect API that starts in the background; ``wait`` waits until it can be used."""

    def __init__(self, log: Path, *, schedules: bool = False) -> None:
        """Start in a thread; a temporary server writes its log to ``log``.

        With ``schedules`` the server also runs schedules and serves pages.
        """
        self._log = log
        self._schedules = schedules
        self._api: Api | None = None
        self._error: Exception | None = None
        self._server = _early.pop(log, None)
        self._thread = threading.Thread(target=self._start, name="prefect-api", daemon=True)
        self._thread.start()

    def wait(self) -> Api:
        """Wait until the API answers.

        Raises:
            PrefectApiError: it did not start, or the configured address does not answer.
        """
        self._thread.join()
        if self._error is not None:
            raise PrefectApiError(str(self._error)) from self._error
        assert self._api is not None
        return self._api

    def stop(self) -> None:
        """Stop the temporary server, if any; it also stops when this process ends."""
        self._thread.join()
        if self._server is not None:
            self._server.stop()

    def _start(self) -> None:
        try:
            self._api = find_api()
            if self._api is not None:
                if self._server is not None:
                    self._server.end()
                return
            if self._server is None:
                self._server = TemporaryServer(self._log, schedules=self._schedules)
            self._server.wait()
            self._api = Api(self._server.url, "temporary")
        except Exception as error:  # raised again in the waiting thread
            self._error = error


_early: dict[Path, TemporaryServer] = {}
"""Servers that no ``ApiStarting`` uses yet, by their logs."""


def start_early(log: Path) -> None:
    """Start the temporary server that an ``ApiStarting`` with this log will probably need.

    Prefect knows whether another API is configured, and takes a second to import; the server needs
    longer than anything else. One that is not needed is ended. Where it cannot be started, the
    run says so when it needs it.
    """
    if not may_be_elsewhere():
        with contextlib.suppress(OSError):
            _early[log] = TemporaryServer(log)


def may_be_elsewhere() -> bool:
    """Guess, without Prefect, whether an API is configured or was started by ``up``."""
    if os.environ.get("PREFECT_API_URL"):
        return True
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    profiles = os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml"
    for file in map(Path, (profiles, ".env", "prefect.toml", "pyproject.toml")):
        with contextlib.suppress(OSError):
            text = file.read_bytes()
            if any(name in text for name in (b"PREFECT_API_URL", b"[api]", b"[tool.prefect.api]")):
                return True
    return (home / _RECORD).exists()


def find_api() -> Api | None:
    """Return the configured API, or that of the server that ``up`` started; None if neither exists.

    Raises:
        PrefectApiError: The configured API does not answer.
    """
    from prefect.settings import get_current_settings

    if configured := get_current_settings().api.url:
        if not configured.startswith("https://api.prefect.cloud") and not answers(configured):
            raise PrefectApiError(
                f"no Prefect API answers at {configured}, the address that PREFECT_API_URL or "
                "the active Prefect profile sets; start it, or unset the address"
            )
        return Api(configured, "configured")
    if (address := recorded_server()) and answers(address):
        return Api(address, "up")
    return None


@contextlib.contextmanager
def use_existing(*, start_log: Path | None = None) -> Iterator[Api | None]:
    """Use the configured API, or the one that ``up`` started, in this block; None without one.

    With ``start_log``, a temporary server is started if this user's Prefect has a database.

    Raises:
        PrefectApiError: The configured API does not answer, or the server did not start.
    """
    with contextlib.ExitStack() as stack:
        api = find_api()
        if api is None and start_log is not None and _database().exists():
            starting = ApiStarting(start_log)
            stack.callback(starting.stop)
            api = starting.wait()
        if api is not None:
            stack.enter_context(use(api))
        yield api


def _database() -> Path:
    from prefect.settings import get_current_settings

    return Path(get_current_settings().home) / "prefect.db"


@contextlib.contextmanager
def use(api: Api) -> Iterator[None]:
    """Make Prefect use this API, in this process and its child processes."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    do_not_wait_for_heartbeats()
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
    """Send queued log records and events before the API may stop."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        with contextlib.suppress(TimeoutError):
            worker.drain_all(timeout=DRAIN_SECONDS)


def up(port: int = DEFAULT_PORT) -> tuple[str, bool]:
    """Start a persistent Prefect server; return its address and whether it was started now.

    Raises:
        PrefectApiError: It did not start.
    """
    if (address := recorded_server()) and answers(address):
        return address, False
    if port == 0 or not is_free(port):
        port = free_port()
    _drop_dead_pid_file()
    url = f"http://127.0.0.1:{port}/api"
    command = ("server", "start", "--background", "--host", "127.0.0.1", "--port", str(port))
    started = _prefect(*command, variables=page_settings(url))
    if started.returncode != 0:
        raise PrefectApiError(f"the Prefect server did not start: {_error_text(started)}")
    deadline = time.monotonic() + STARTUP_SECONDS
    while not answers(url):
        if time.monotonic() > deadline:
            raise PrefectApiError(f"the Prefect server did not answer within {STARTUP_SECONDS} s")
        time.sleep(0.2)
    _record().write_text(json.dumps({"api_url": url}), encoding="utf-8")
    return url, True


def _drop_dead_pid_file() -> None:
    """Delete the record of a server that was killed; Prefect would take it for a running one."""
    file = _record().with_name("server.pid")
    try:
        if not _is_prefect(int(file.read_text(encoding="utf-8"))):
            file.unlink(missing_ok=True)
    except FileNotFoundError:
        return
    except ValueError:  # killed before it wrote its number
        file.unlink(missing_ok=True)


def _is_prefect(pid: int) -> bool:
    """Return whether a process lives and may be a Prefect server."""
    from copydesk.warehouse.processes import is_running

    if not is_running(pid):
        return False
    try:  # another process may have the number by now
        return b"prefect" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True


def down() -> bool:
    """Stop the server that ``up`` started; return False if there was none."""
    if recorded_server() is None:
        return False
    stopped = _prefect("server", "stop")
    _record().unlink(missing_ok=True)
    if stopped.returncode != 0:
        raise PrefectApiError(f"the Prefect server did not stop: {_error_text(stopped)}")
    return True


def recorded_server() -> str | None:
    """Return the API address of the server that ``up`` started, unless ``down`` stopped it."""
    try:
        return str(json.loads(_record().read_text(encoding="utf-8"))["api_url"])
    except (OSError, ValueError, KeyError):
        return None


def _record() -> Path:
    """Return the path of the record, which is next to Prefect's database."""
    from prefect.settings import get_current_settings

    return Path(get_current_settings().home) / _RECORD


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


def _error_text(process: subprocess.CompletedProcess[str]) -> str:
    return (process.stderr.strip() or process.stdout.strip())[-500:]
