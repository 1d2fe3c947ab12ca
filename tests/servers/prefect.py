"""A Prefect home for the tests alone, a server in it, and the command line beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.running import Cli


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def server(prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server kept by ``copydesk up``, so that the commands of many tests start quickly."""
    cli = Cli(tmp_path_factory.mktemp("server"), prefect_home)
    cli.ok("up", "--port", "0")
    try:
        yield prefect_home
    finally:
        cli.ok("down")


@pytest.fixture
def cli(tmp_path: Path, server: Path) -> Cli:
    return Cli(tmp_path, server)
