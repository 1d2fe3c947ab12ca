"""What a run writes to its log: to Prefect, and to the console as text or JSON."""

from __future__ import annotations

import json
import logging
import urllib.request
from pathlib import Path

import pytest

from copydesk.flows.display.progress import progress
from copydesk.flows.prefect_api import (
    redacted_flow,  # noqa: F401  loads Prefect, whose setup of logging drops caplog's handler
    run_log,
)
from copydesk.flows.prefect_api.run_log import (
    PLAIN_LOGGER,
    WARNINGS_LOGGED,
    JsonLines,
    log_event,
    log_warnings,
    logged_run,
)
from tests.flows.running import Cli, articles, write


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_logs_its_steps_in_prefect_and_as_json(cli: Cli) -> None:
    files: dict[str, str | bytes] = {**articles(3), "empty.txt": "", "blank.html": "<p>no</p>"}
    folder = write(cli.folder / "in", files)
    done = cli.anew("ingest", folder, "--source", "reports", "--log-format", "json")
    assert done.returncode == 0, done.stderr
    lines = lines_of(done.stderr)
    events = [line["event"] for line in lines]
    assert events[:3] == ["started", "planned", "phase"]
    assert events[-2:] == ["completed", "message"]
    (cleaning,) = [line for line in lines if line.get("phase") == "Cleaning"]
    assert cleaning["items"] == 5
    (committed,) = [line for line in lines if line["event"] == "committed"]
    assert committed["fates"] == {"new": 3, "rejected": 2}
    assert committed["source"] == "reports"
    problems = [line for line in lines if line["event"] == "problem"]
    assert {line["locator"] for line in problems} == {"empty.txt", "blank.html"}
    api = json.loads((cli.prefect_home / "copydesk-server.json").read_text())["api_url"]
    flow_run = committed["flow_run_id"]
    request = urllib.request.Request(
        f"{api}/logs/filter",
        data=json.dumps({"logs": {"flow_run_id": {"any_": [flow_run]}}}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        records = json.load(answer)
    in_prefect = [record["message"] for record in sorted(records, key=lambda row: row["timestamp"])]
    assert in_prefect == [line["message"] for line in lines if "flow_run_id" in line]
    assert {record["level"] for record in records} == {logging.INFO}


def test_the_number_of_records_does_not_grow_with_articles(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000_000))
    monkeypatch.setattr(run_log.time, "monotonic", lambda: float(next(clock)))
    caplog.set_level(logging.INFO, PLAIN_LOGGER)
    with logged_run("ingest", "reports"):
        progress().phase("Cleaning", total=100_000)
        for _ in range(100_000):  # a second each: more than a day
            progress().advance()
        log_warnings([f"warning {number}" for number in range(1_000)])
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "Started ingest reports"
    assert messages[-1].startswith("Cleaning: 100,000 items in ")
    assert f"… and {1_000 - WARNINGS_LOGGED} more warnings" in messages
    assert len(messages) < 2 + WARNINGS_LOGGED + 1 + 15


def test_an_error_that_ends_a_run_is_logged_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(OSError, match="disk"), logged_run("publish", "home"):
        raise OSError("the disk is full")
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "OSError: the disk is full" in record.getMessage()


def test_a_record_is_one_line_of_json(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, PLAIN_LOGGER)
    log_event("warning", "two\nlines", path=Path("/a b"), error=ValueError("bad"))
    text = JsonLines().format(caplog.records[0])
    assert "\n" not in text
    assert json.loads(text) == {
        "time": json.loads(text)["time"],
        "level": "INFO",
        "message": "two\nlines",
        "event": "warning",
        "path": "/a b",
        "error": "ValueError: bad",
    }
