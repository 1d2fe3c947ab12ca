"""A Prefect home for the tests alone, a server in it, and the command line beside it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def server(prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server kept by ``copydesk up``, so that the commands of many tests start quickly."""
    cli = Cli(tmp_path_factory.mktemp("server"), prefect_home, WITHOUT_SERVICES)
    cli.ok("up", "--port", "0")
    with (
        contextlib.closing(sqlite3.connect(prefect_home / "prefect.db")) as used,
        contextlib.closing(sqlite3.connect(prefect_home / MIGRATED)) as copy,
    ):
        used.backup(copy)
    try:
        yield prefect_home
    finally:
        cli.ok("down")


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
