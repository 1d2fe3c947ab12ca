"""What import-linter cannot see: calls of a clock in pure code, and who writes files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter", "time_ns"}
WRITES = {"write_text", "write_bytes", "mkdir", "unlink", "rename", "rmtree", "touch", "symlink_to"}
WRITERS = {
    "flows/commands": "what a person names on the command line: a report, a page, a sources file",
    "flows/display/sql_prompt.py": "the prompt's history",
    "flows/notify.py": "how far the receiver of notifications has been told",
    "flows/prefect_api": "the Prefect server that is kept, and marks of live flow runs",
    "flows/run_locks.py": "marks of live runs",
    "tasks/sources/web/download.py": "archives of the web while they are read",
    "tasks/sources/web/fetch/throttle.py": "when a host may be asked again, for all processes",
    "warehouse": "the lake and the published files",
}
"""Who writes, and what; docs/architecture.md says the same."""


def calls(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", "")
                if getattr(node.func, "id", "") == "open":
                    name = "open"
                if name == "open" and not any(
                    isinstance(value, ast.Constant) and set(str(value.value)) & set("wax+")
                    for value in (*node.args[1:], *(word.value for word in node.keywords))
                ):
                    continue  # opened to be read
                yield str(path.relative_to(ROOT)), name


@pytest.mark.parametrize("room", ["tasks/cleaning", "tasks/dedup"])
def test_pure_rooms_ask_no_clock_and_write_nothing(room: str) -> None:
    impure = CLOCKS | WRITES | {"open", "getenv"}
    assert [call for call in calls(ROOT / room) if call[1] in impure] == []


def test_only_those_write_that_the_docs_name() -> None:
    writing = {
        file
        for room in ("flows", "tasks", "schemas", "warehouse")
        for file, name in calls(ROOT / room)
        if name in WRITES | {"open"}
    }
    strangers = {file for file in writing if not file.startswith(tuple(WRITERS))}
    assert strangers == set()
    for writer in WRITERS:
        assert any(file.startswith(writer) for file in writing), f"{writer} writes nothing"
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [writer for writer in WRITERS if f"`{writer.removesuffix('.py')}" not in page] == []
