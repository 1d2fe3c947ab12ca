"""Which flow runs have a process on this machine."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from uuid import uuid4

import pytest

from copydesk.flows.prefect_api import flow_run_locks
from copydesk.flows.prefect_api.flow_run_locks import Process, forget_dead, process_of
from copydesk.flows.run_locks import marked_alive


def test_a_flow_run_is_alive_dead_or_not_of_this_machine(tmp_path: Path) -> None:
    flow_run = uuid4()
    name = f"{flow_run_locks.PREFIX}{flow_run}@{socket.gethostname()}"
    assert process_of(tmp_path, flow_run) is Process.UNKNOWN
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        with marked_alive(tmp_path, name):
            os.write(writing, b"1")
            signal.pause()
    try:
        assert os.read(reading, 1) == b"1"
        assert process_of(tmp_path, flow_run) is Process.ALIVE
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert process_of(tmp_path, flow_run) is Process.DEAD
    assert process_of(tmp_path, flow_run) is Process.DEAD  # to look changes nothing
    with marked_alive(tmp_path, name):
        pass
    assert process_of(tmp_path, flow_run) is Process.UNKNOWN  # it ended by itself


def test_another_machine_s_marks_tell_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow_run = uuid4()
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / f"{flow_run_locks.PREFIX}{flow_run}@elsewhere.lock").touch()
    assert process_of(tmp_path, flow_run) is Process.UNKNOWN
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    assert process_of(tmp_path, flow_run) is Process.DEAD


def test_marks_of_the_dead_are_deleted_in_time_and_of_the_living_never(tmp_path: Path) -> None:
    names = [f"{flow_run_locks.PREFIX}{uuid4()}@{socket.gethostname()}" for _ in range(2)]
    dead = tmp_path / "locks" / f"{names[1]}.lock"
    with marked_alive(tmp_path, names[0]):
        dead.touch()
        forget_dead(tmp_path)
        assert dead.exists()
        forget_dead(tmp_path, keep_seconds=-1)
        assert [path.stem for path in (tmp_path / "locks").iterdir()] == [names[0]]
