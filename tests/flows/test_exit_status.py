"""A run ends with status 0, every time: native libraries can abort a process at its end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.flows.running import Cli, articles, write

RUNS = 2


@pytest.mark.parametrize(
    "homes", [pytest.param(1, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.soak)]
)
def test_runs_end_with_status_0(cli: Cli, homes: int) -> None:
    def runs(home: int) -> list[int]:
        cli_of_home = replace(cli, folder=cli.folder / str(home))
        folder = write(cli_of_home.folder / "in", articles(3))
        statuses = []
        for number in range(RUNS):
            changed = articles(1)["00000.txt"] + f"\n\nAddition {number}.\n"
            (folder / "00001.txt").write_text(changed)
            statuses.append(cli_of_home.anew("ingest", folder).returncode)
        assert cli_of_home.rows("select max(revision) n from revisions") == [{"n": RUNS}]
        return statuses

    with ThreadPoolExecutor(homes) as threads:
        statuses = [item for home in threads.map(runs, range(homes)) for item in home]
    assert statuses == [0] * RUNS * homes
