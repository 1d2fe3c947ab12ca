"""What starts before the command line is loaded."""

from __future__ import annotations

import pytest

from copydesk.flows.start import will_clean_here


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ingest seeds/", True),
        ("--quiet ingest seeds/ --workers 2", True),
        ("backfill blog --from 2026-01-01", True),
        ("ingest seeds/ --engine dask", False),
        ("ingest seeds/ --engine=local", False),
        ("ingest --help", False),
        ("query ingest", False),
        ("", False),
    ],
)
def test_only_a_run_on_this_machine_needs_its_cleaning_processes(
    line: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COPYDESK_ENGINE", raising=False)
    assert will_clean_here(line.split()) is expected


def test_an_engine_of_the_environment_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_ENGINE", "ray")
    assert not will_clean_here(["ingest", "seeds/"])
    monkeypatch.setenv("COPYDESK_ENGINE", "local")
    assert will_clean_here(["ingest", "seeds/"])
