"""A source that can never be planned fails by name; the others of its run are committed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.running import FENCE, Cli, articles, write

PLANTED = """
import re
from copydesk.tasks.sources.formats.document import offer as offer_file, read

def offer(reading, entry):
    yield from offer_file(reading, entry)
    re.match(r"(a+)+$", "a" * 64 + "b")  # holds the interpreter's lock, and never ends
"""
REGISTERED = """
import importlib.util
from copydesk.tasks.sources.formats import registry

registry.SUFFIXES[".endless"] = "endless"
registry.READERS["endless"] = "planted_format"
spec = importlib.util.spec_from_file_location("fence", {fence!r})
spec.loader.exec_module(importlib.util.module_from_spec(spec))
"""


@pytest.fixture
def planted(cli: Cli, tmp_path: Path) -> Cli:
    """Give a command line whose every process knows a format that is never read to its end."""
    modules = write(
        tmp_path / "modules",
        {
            "planted_format.py": PLANTED,
            "sitecustomize.py": REGISTERED.format(fence=str(FENCE / "sitecustomize.py")),
        },
    )
    variables = {"PYTHONPATH": str(modules), "COPYDESK_PLANNING_SECONDS": "4"}
    return replace(cli, variables={**cli.variables, **variables})


@pytest.mark.soak
def test_a_source_that_hangs_while_it_is_planned(planted: Cli) -> None:
    created = articles(4)
    good = write(planted.folder / "good", {name: created[name] for name in list(created)[:2]})
    bad = write(
        planted.folder / "bad",
        {"00002.txt": created["00002.txt"], "00003.txt.endless": created["00003.txt"]},
    )
    completed = planted.anew("ingest", "--json", bad, good)
    assert completed.returncode == 1, completed.stderr
    message = r"bad-\w+ cannot be planned: nothing offered and nothing read for 4 s"
    assert re.search(message, completed.stderr), completed.stderr
    summary = json.loads(completed.stdout)
    assert summary["fates"]["new"] == 4  # what came before it hung is not lost
    assert summary["fates"]["failed"] == 1
    rows = planted.rows("select source[:3] source, reason from ledger where fate = 'failed'")
    assert rows == [{"source": "bad", "reason": "planning_stalled"}]
    assert planted.rows("select count(*) n from articles") == [{"n": 4}]

    again = planted.anew("ingest", "--json", bad, good)  # the next run tries again
    assert again.returncode == 1
    assert json.loads(again.stdout)["fates"] == {"unchanged": 4, "failed": 1}

    (bad / "00003.txt.endless").unlink()
    healed = planted.anew("ingest", "--json", bad, good)
    assert healed.returncode == 0, healed.stderr
    latest = "select fate from ledger where locator = '(plan)' order by observed_at desc limit 1"
    assert planted.rows(latest) == [{"fate": "skipped"}]
