"""What a request names is read once a run in each process, and anew for the next run."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.requests import IngestRequest, RecleanRequest, resolved
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas import sources as sources_module
from copydesk.tasks.cleaning.sites import repeated_lines
from copydesk.tasks.cleaning.sites import rules as rules_module
from copydesk.tasks.sources import SourceError
from copydesk.tasks.sources import open_named as open_module

SOURCES = """
[sources.desk]
address = "{folder}"
rules = "rules.toml"
"""
RULES = """
[[site]]
match = "desk.example"
body = "article"
"""
PAGES = 4


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is read of the sources file, of the rules and of the inputs."""
    counts: Counter[str] = Counter()

    def count(module: object, name: str) -> None:
        function: Callable[..., Any] = getattr(module, name)

        @wraps(function)
        def counting(*arguments: Any, **names: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **names)

        monkeypatch.setattr(module, name, counting)

    count(sources_module, "read_sources")
    count(rules_module, "read_rules")
    count(repeated_lines, "read_lines")
    count(open_module, "open_named")
    return counts


def newsroom(folder: Path) -> IngestRequest:
    """Write pages, rules and a sources file; gives the request for them."""
    pages = folder / "pages"
    pages.mkdir()
    for number in range(PAGES):
        text = f"Paragraph {number} of a report that is long enough to be read. " * 5
        (pages / f"{number}.txt").write_text(f"Title {number}\n\n{text}")
    (folder / "rules.toml").write_text(RULES)
    (folder / "sources.toml").write_text(SOURCES.format(folder=pages))
    return IngestRequest((), "desk", sources_file=str(folder / "sources.toml"))


def test_a_run_reads_what_its_request_names_once(tmp_path: Path, counted: Counter[str]) -> None:
    request, workspace = newsroom(tmp_path), Workspace(tmp_path / "home")
    with prepare(request, workspace, batch_size=1, now=datetime.now(UTC)) as prepared:
        assert len(list(prepared.todo)) == PAGES
        for number in prepared.todo:  # as a task is given it: another object that is equal
            argument = pickle.loads(pickle.dumps(request))
            clean_batch.fn(workspace, prepared.run_id, argument, number)
        sealed, _ = commit_run.fn(workspace, prepared.run_id, {})
    assert sealed.fates == {"new": PAGES}
    assert counted == {"read_sources": 1, "read_rules": 1, "open_named": 1}


def test_the_next_run_reads_it_anew(tmp_path: Path) -> None:
    request = newsroom(tmp_path)
    assert resolved(request, "r1").settings.rules == "rules.toml"
    (tmp_path / "sources.toml").write_text('[sources.desk]\naddress = "other"\n')
    again = pickle.loads(pickle.dumps(request))
    assert resolved(again, "r1").settings.rules == "rules.toml"
    assert resolved(again, "r2").settings.rules is None


def test_what_was_read_stays_in_its_process(tmp_path: Path) -> None:
    request = newsroom(tmp_path)
    before = pickle.dumps(request)
    assert request.site_rules is not None
    assert pickle.dumps(request) == before
    requested = RecleanRequest(sources_file=request.sources_file)
    before = pickle.dumps(requested)
    assert list(requested.site_rules) == ["desk"]
    assert pickle.dumps(requested) == before
    assert requested == RecleanRequest(sources_file=request.sources_file)


def test_a_source_that_cannot_be_opened_in_time_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPYDESK_PLANNING_SECONDS", "0.3")
    os.mkfifo(tmp_path / "addresses")  # reading it waits for a writer that never comes
    with pytest.raises(SourceError, match=r"nothing read for 0\.3 s"):
        _ = IngestRequest((f"@{tmp_path / 'addresses'}",)).sources
    with (tmp_path / "addresses").open("w"):
        pass  # lets the thread end
    assert IngestRequest((str(tmp_path),)).sources
