"""Runs that broke off: gone on with, or given up."""

from __future__ import annotations

import json
import os
import signal
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from copydesk.flows.prefect_api.crash_recovery import end_of, give_up_dead_runs
from copydesk.flows.prefect_api.flow_run_locks import PREFIX
from copydesk.flows.prefect_api.slots import DEAD_AFTER
from copydesk.flows.run_locks import is_alive, marked_alive
from copydesk.warehouse.lake import Lake
from tests.flows.prefect_api.test_serve import runs, until
from tests.flows.running import Cli, articles, write
from tests.warehouse.sample import Look, frames, plan

NOW = datetime.now(UTC)
WEEK = timedelta(days=7)


def opened(home: Path, run_id: str, *, host: str, sealed: bool = False) -> Lake:
    lake = Lake.open(home / "lake")
    lake.begin(replace(plan(run_id), host=host, started_at=NOW - timedelta(days=30)))
    lake.run(run_id).stage(0, frames(run_id, 0, [Look("a", 0, "A")]))
    if sealed:
        lake.run(run_id).seal()
    return lake


def given_up(home: Path, lake: Lake, after: timedelta) -> list[str]:
    return [run.name for run in give_up_dead_runs(home, lake, now=NOW + after)]


def test_a_run_that_nobody_goes_on_with_is_given_up_after_a_week(tmp_path: Path) -> None:
    lake = opened(tmp_path, "run-1", host=socket.gethostname())
    assert given_up(tmp_path, lake, WEEK - timedelta(hours=1)) == []
    assert given_up(tmp_path, lake, WEEK + timedelta(hours=1)) == ["run-1"]
    assert lake.run("run-1").state == "abandoned"
    assert lake.unfinished() == []


def test_a_run_that_is_alive_or_sealed_is_never_given_up(tmp_path: Path) -> None:
    lake = opened(tmp_path, "alive", host=socket.gethostname())
    opened(tmp_path, "sealed", host=socket.gethostname(), sealed=True)
    opened(tmp_path, "elsewhere", host="another-machine")
    with marked_alive(tmp_path, "alive") as mark:
        assert mark
        assert given_up(tmp_path, lake, WEEK * 2) == ["elsewhere"]
    assert [run.plan.run_id for run in lake.unfinished()] == ["alive", "sealed"]


def test_a_run_is_alive_while_its_process_holds_the_lock(tmp_path: Path) -> None:
    assert not is_alive(tmp_path, "r")
    with marked_alive(tmp_path, "r"):
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:  # a lock is a process's own
            with marked_alive(tmp_path, "r") as mark:
                os.write(writing, b"1" if mark or not is_alive(tmp_path, "r") else b"0")
            os._exit(0)
        assert os.read(reading, 1) == b"0"
        os.waitpid(child, 0)
    assert not is_alive(tmp_path, "r")
    assert list((tmp_path / "locks").iterdir()) == []


@dataclass
class FlowRun:
    """What is looked at of a flow run of Prefect's."""

    pending_since: datetime | None = None
    home: str = ""
    tags: tuple[str, ...] = ("copydesk",)
    name: str = "jade-mammoth"
    work_queue_id: UUID | None = None
    deployment_id: UUID | None = field(default_factory=uuid4)
    id: UUID = field(default_factory=uuid4)

    @property
    def parameters(self) -> dict[str, str]:
        return {"home": self.home}

    @property
    def state(self) -> Any:
        moment = self.pending_since
        return SimpleNamespace(timestamp=moment, is_pending=lambda: moment is not None)


def ended(home: Path, run: FlowRun, *, starting: bool = False) -> str | None:
    state = end_of(home, None, run, set(), now=NOW, starting=starting)  # type: ignore[arg-type]
    return None if state is None else str(state.name)


def test_a_flow_run_whose_process_is_gone_has_crashed_before_it_began_a_run(tmp_path: Path) -> None:
    run = FlowRun()
    assert ended(tmp_path, run) is None  # nothing tells where it runs
    mark = f"{PREFIX}{run.id}@{socket.gethostname()}"
    with marked_alive(tmp_path, mark):
        assert ended(tmp_path, run) is None
    (tmp_path / "locks" / f"{mark}.lock").touch()  # as SIGKILL leaves it
    assert ended(tmp_path, run) == "Crashed"


def test_a_flow_run_that_no_process_begins_has_crashed_after_a_while(tmp_path: Path) -> None:
    late, soon = NOW - DEAD_AFTER * 2, NOW - DEAD_AFTER / 2
    home = str(tmp_path)
    assert ended(tmp_path, FlowRun(late, home)) == "Crashed"
    assert ended(tmp_path, FlowRun(soon, home)) is None
    assert ended(tmp_path, FlowRun(late, "/srv/another")) is None
    assert ended(tmp_path, FlowRun(late, home, tags=())) is None
    assert ended(tmp_path, FlowRun(soon, home), starting=True) == "Crashed"
    of_a_worker = FlowRun(soon, home, work_queue_id=uuid4())
    assert ended(tmp_path, of_a_worker, starting=True) is None


@pytest.mark.slow
def test_what_prefect_calls_running_and_is_dead_has_crashed(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(200))
    process = cli.start("ingest", folder, "--batch-size", "10", "--workers", "1")
    staging = cli.folder / "copydesk-data" / "lake" / "_staging"
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]

    def named_after_its_run() -> bool:  # the first batches are cleaned before that
        assert process.poll() is None, process.communicate()
        staged = {path.parent.name for path in staging.glob("*/[0-9]*.json")}
        return not staged.isdisjoint(run["name"] for run in runs(api, "RUNNING"))

    until(named_after_its_run)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (closed,) = json.loads(cli.ok("recover", "--json"))
    assert closed["what"] == "flow run closed"
    assert json.loads(cli.ok("recover", "--json")) == []
    assert cli.ingest(folder)["fates"] == {"new": 200}
    (row,) = cli.rows("select run_id from runs")
    assert row["run_id"] == closed["name"]
