"""Runs that are stopped or killed in the middle, and what the same command makes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.flows.running import Cli, articles, write

COUNT = 120


def interrupt(cli: Cli, folder: Path, number: signal.Signals) -> subprocess.Popen[str]:
    """Start a run in small batches, and send a signal when some of them are staged."""
    process = cli.start("ingest", folder, "--batch-size", "10", "--workers", "1")
    deadline = time.monotonic() + 120
    while len(batches(cli)) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    if number is signal.SIGINT:  # as a terminal does: to every process of the command
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    return process


def batches(cli: Cli) -> list[Path]:
    """List the batches that are staged whole."""
    return list((cli.folder / "copydesk-data").glob("lake/_staging/*/[0-9]*.json"))


def whole(cli: Cli, folder: Path, others: int = 0) -> None:
    """Every item stands in the tables once, and ``others`` beside them."""
    count = COUNT + others
    assert cli.rows("select count(*) n, count(distinct article_id) d from articles") == [
        {"n": count, "d": count}
    ]
    assert cli.rows("select fate, count(*) n from ledger group by all") == [
        {"fate": "new", "n": count}
    ]
    assert cli.ingest(folder)["fates"] == {"unchanged": COUNT}


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)]
)
def test_a_stopped_run_says_how_to_go_on_and_goes_on(cli: Cli, number: signal.Signals) -> None:
    folder = write(cli.folder / "in", articles(COUNT))
    process = interrupt(cli, folder, number)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 130
    assert message == "Interrupted. The same command resumes this run.\n"
    assert cli.run("query", "select 1").returncode == 1
    again = cli.run("ingest", folder, "--batch-size", "10")
    assert again.returncode == 0, again.stderr
    assert "Resuming run" in again.stderr
    assert cli.rows("select state, count(*) n from runs group by all") == [
        {"state": "committed", "n": 1}
    ]
    whole(cli, folder)


@pytest.mark.slow
def test_a_killed_run_is_gone_on_with_and_not_by_another_request(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(COUNT))
    for _ in range(2):
        process = interrupt(cli, folder, signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    retained = {path: path.read_bytes() for path in batches(cli)}
    other = write(cli.folder / "other", {"a.txt": articles(COUNT + 1)[f"{COUNT:05}.txt"]})
    assert cli.ingest(other, "--source", "other")["fates"] == {"new": 1}
    assert retained
    assert {path: path.read_bytes() for path in batches(cli)} == retained
    summary = cli.ingest(folder)
    assert summary["fates"] == {"new": COUNT}
    whole(cli, folder, others=1)
