"""No document costs a reader more than 3 s of CPU and 600 MB, however it is made."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.documents import FAMILIES
from tests.hostile.reading import MEMORY, SECONDS

ROOT = Path(__file__).parents[2]


def measured(reader: str, size: int, names: list[str]) -> list[dict[str, object]]:
    """Read the documents in a child process; one that is killed took infinite seconds."""
    command = [sys.executable, "-m", "tests.hostile.reading", reader, str(size), *names]
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    return [json.loads(line) for line in completed.stdout.splitlines()]


def check(
    reader: str,
    size: int,
    request: pytest.FixtureRequest,
    includes: Callable[[int], bool] = lambda _: True,
) -> None:
    names = [name for number, name in enumerate(FAMILIES[reader]()) if includes(number)]
    rows = measured(reader, size, names)
    assert [row["name"] for row in rows] == names
    rows.sort(key=lambda row: -float(str(row["seconds"])))
    if request.config.getoption("verbose") > 1:  # -vv -s prints the table
        for row in rows[:20]:
            print(f"{reader} {size:,} {row['name']} {row['seconds']:.2f} s {row['peak']} MB")
    dear = [
        f"{row['name']}: {row['seconds']} s, {row['peak']} MB {row['failure'] or ''}"
        for row in rows
        if float(str(row["seconds"])) > SECONDS
        or int(str(row["peak"])) > MEMORY
        or "MemoryError" in str(row["failure"])
    ]
    assert not dear, "\n".join(dear)


@pytest.mark.parametrize("reader", FAMILIES)
def test_hostile_documents(reader: str, request: pytest.FixtureRequest) -> None:
    check(reader, 15_000, request, lambda number: number % 3 == 0)


@pytest.mark.slow
@pytest.mark.parametrize("reader", FAMILIES)
def test_the_other_hostile_documents(reader: str, request: pytest.FixtureRequest) -> None:
    check(reader, 15_000, request, lambda number: number % 3 != 0)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("reader", FAMILIES)
def test_large_hostile_documents(reader: str, request: pytest.FixtureRequest) -> None:
    check(reader, 1_000_000, request)


def test_a_document_that_does_not_end_is_named() -> None:
    rows = measured("planted", 30, ["linear", "exponential", "linear_again"])
    assert [row["name"] for row in rows] == ["linear", "exponential", "linear_again"]
    assert float(str(rows[1]["seconds"])) > SECONDS > float(str(rows[2]["seconds"]))
