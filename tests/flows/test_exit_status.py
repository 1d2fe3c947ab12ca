"""A run ends with status 0, every time: native libraries can abort a process at its end."""

from __future__ import annotations

import pytest

from tests.flows.running import Cli, articles, write


@pytest.mark.slow
def test_twenty_runs_end_with_status_0(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(3))
    for number in range(20):
        (folder / "00001.txt").write_text(articles(1)["00000.txt"] + f"\n\nAddition {number}.\n")
        done = cli.run("ingest", folder)
        assert done.returncode == 0, (number, done.stderr)
    assert cli.rows("select count(*) n from runs") == [{"n": 20}]
    assert cli.rows("select max(revision) n from revisions") == [{"n": 20}]
