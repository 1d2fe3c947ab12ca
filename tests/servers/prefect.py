"""A Prefect home for the tests alone, a server in it, and the command line beside it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from copydesk.flows.prefect_api.temporary_server import answers, page_settings
from tests.flows.running import Cli

MIGRATED = "migrated.db"
"""In the server's home: its database before anything ran."""

WITHOUT_SERVICES = {
    f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false"
    for name in (
        *("CANCELLATION_CLEANUP", "CLEANUP_RECONCILER", "FOREMAN", "LATE_RUNS"),
        *("PAUSE_EXPIRATIONS", "REPOSSESSOR", "SCHEDULER"),
    )
}
"""What a server does every few seconds, whether anything runs or not."""


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


SERVER = """
import sys
from copydesk.flows.prefect_api.connection import configure
configure(verbose=False)
from copydesk.flows.prefect_api.ephemeral_server import serve
serve(int(sys.argv[1]), schedules=True)
"""
"""The server that ``copydesk up`` starts, without the two command lines that start it, which with
those that end it take 10 s of CPU."""


@contextlib.contextmanager
def kept_here(cli: Cli) -> Iterator[None]:
    """Keep a server that ends with this process, where commands look for that of ``up``."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    with (
        (cli.folder / "server.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", SERVER, str(port)],
            cwd=cli.folder,
            env=cli.environment | page_settings(url),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        deadline = time.monotonic() + 240
        while not answers(url):
            assert process.poll() is None, (cli.folder / "server.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        record = json.dumps({"api_url": url})
        (cli.prefect_home / "copydesk-server.json").write_text(record, encoding="utf-8")
        yield


@pytest.fixture(scope="session")
def server(prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server that runs on, so that the commands of many tests start quickly."""
    cli = Cli(tmp_path_factory.mktemp("server"), prefect_home, WITHOUT_SERVICES)
    with kept_here(cli):
        with (
            contextlib.closing(sqlite3.connect(prefect_home / "prefect.db")) as used,
            contextlib.closing(sqlite3.connect(prefect_home / MIGRATED)) as copy,
        ):
            used.backup(copy)
        yield prefect_home


@pytest.fixture
def migrated(tmp_path: Path, server: Path) -> Path:
    """A home of the test's own whose database needs no migration, which takes 4 s of CPU."""
    home = tmp_path / "prefect"
    home.mkdir()
    shutil.copy(server / MIGRATED, home / "prefect.db")
    return home


@pytest.fixture
def cli(tmp_path: Path, server: Path) -> Cli:
    return Cli(tmp_path, server)
