"""A lookup gives what its runs have, however they came and were merged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.warehouse.publish.sorted_segments import SortedSegments

SCHEMA = pa.schema(
    [pa.field("key", pa.int64(), nullable=False), pa.field("text", pa.string(), nullable=False)]
)
EDGES = [-(1 << 63), -(1 << 63) + 1, -1, 0, 1, (1 << 63) - 2, (1 << 63) - 1]
keys = st.sampled_from(EDGES) | st.integers(-20, 20)
runs = st.lists(st.lists(keys, max_size=12), min_size=1, max_size=8)

Rows = list[tuple[int, str]]


class Stored:
    """Rows by run; says which runs were read."""

    def __init__(self, runs: dict[str, Rows]) -> None:
        self.runs = runs
        self.asked: list[str] = []

    def read(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        self.asked += names
        rows = sorted(row for name in names for row in self.runs[name])
        for start in range(0, len(rows), 3):
            columns = zip(*rows[start : start + 3], strict=True)
            yield pa.RecordBatch.from_arrays(
                [pa.array(column) for column in columns], schema=SCHEMA
            )


def found(lookup: SortedSegments, requested: Sequence[int]) -> Rows:
    table = lookup.rows(np.array(sorted(set(requested)), dtype=np.int64))
    assert table.schema == SCHEMA
    return sorted((row["key"], row["text"]) for row in table.to_pylist())


@settings(deadline=None, max_examples=40)
@given(runs, st.lists(keys, max_size=10), st.integers(0, 8))
def test_rows_of_runs_that_come_and_go(
    lists: list[list[int]], requested: list[int], gone: int
) -> None:
    stored = Stored(
        {f"r{n}": [(key, f"{n} {key}") for key in some] for n, some in enumerate(lists)}
    )
    names = list(stored.runs)
    with tempfile.TemporaryDirectory() as folder:
        for last in range(1, len(names) + 1):
            lookup = SortedSegments(Path(folder) / "rows", SCHEMA, 4)
            lookup.update(names[:last], stored.read)
            expected = [row for name in names[:last] for row in stored.runs[name]]
            assert found(lookup, requested) == sorted(
                row for row in expected if row[0] in requested
            )
        assert stored.asked == names  # each was read once
        remaining = [name for name in names if name != f"r{gone}"]
        lookup.update(remaining, stored.read)
        expected = [row for name in remaining for row in stored.runs[name]]
        assert found(lookup, requested) == sorted(row for row in expected if row[0] in requested)


def test_many_small_runs_lie_in_few_segments(tmp_path: Path) -> None:
    # every other run brings nothing new
    stored = Stored({f"r{n:03}": [(n * 7 % 100, str(n))] * (n % 2) for n in range(100)})
    lookup = SortedSegments(tmp_path, SCHEMA, 10)
    for last in range(1, 101):
        lookup.update(list(stored.runs)[:last], stored.read)
        assert len(list(tmp_path.iterdir())) <= 5
    assert len(found(lookup, range(100))) == 50
    assert len(stored.asked) == 100


def test_killed_between_merging_and_deleting(tmp_path: Path) -> None:
    stored = Stored({"r1": [(1, "a"), (2, "b")], "r2": [(1, "c"), (3, "d")]})
    lookup = SortedSegments(tmp_path, SCHEMA, 10)
    lookup.update(["r1"], stored.read)
    (old,) = tmp_path.iterdir()
    data = old.read_bytes()
    lookup.update(["r1", "r2"], stored.read)
    (merged,) = tmp_path.iterdir()
    old.write_bytes(data)
    merged.with_suffix(".part").write_bytes(data[:40])
    lookup.update(["r1", "r2"], stored.read)
    assert list(tmp_path.iterdir()) == [merged]
    assert found(lookup, [1, 3]) == [(1, "a"), (1, "c"), (3, "d")]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    lookup = SortedSegments(tmp_path / "none", SCHEMA, 10)
    assert found(lookup, [1]) == []
    lookup.update([], Stored({}).read)
    assert not (tmp_path / "none").exists()
