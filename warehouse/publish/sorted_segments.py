"""Rows of the lake once more, sorted by a number, to be looked up by it.

To find the hashes of new texts by halving costs what is new; to read every stored one grew with
the store. A lookup is a folder of segments beside the published versions, each of some runs: Arrow
files that are mapped, not read. It is made from the lake and says nothing of its own: where it is
lost or damaged, it is made again. One publisher at a time uses it.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from copydesk.warehouse.storage import fsync

Numbers = NDArray[np.int64]
Read = Callable[[Sequence[str]], Iterable[pa.RecordBatch]]
"""Give the rows of runs, sorted by key."""

_RUNS: Final = b"runs"
_NAME: Final = "segment-*.arrow"

_RATIO: Final = 2
"""A segment is merged with those after it unless it has more than twice their rows: 200 equal runs
lie in five segments at most, and a row is written six times, 30 ns each; with 4, four and nine."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A file, the runs whose rows it has, and its batches, mapped."""

    path: Path
    runs: frozenset[str]
    rows: int
    mapped: mmap.mmap
    reader: pa.RecordBatchFileReader

    @classmethod
    def open(cls, path: Path) -> _Segment:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        reader = pa.ipc.open_file(pa.py_buffer(mapped))
        runs = frozenset(json.loads(reader.schema.metadata[_RUNS]))
        count = reader.num_record_batches
        rows = sum(reader.get_batch(number).num_rows for number in range(count))
        return cls(path, runs, rows, mapped, reader)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows, batch by batch."""
        for number in range(self.reader.num_record_batches):
            batch = self.reader.get_batch(number)
            if batch.num_rows:
                yield batch
            # else all that was looked at counts as this process's memory
            self.mapped.madvise(mmap.MADV_DONTNEED)

    def span(self) -> tuple[int, int]:
        """Give the smallest and the largest key; there are rows."""
        keys = [_keys(batch) for batch in self.batches()]
        return int(keys[0][0]), int(keys[-1][-1])


class Lookup:
    """The rows in a folder, by the first column of ``schema``: hashes, which spread evenly.

    ``batch`` rows are held in memory at a time.
    """

    def __init__(self, folder: Path, schema: pa.Schema, batch: int) -> None:
        """Name the folder; nothing is read or made yet."""
        self._folder = folder
        self._schema = schema
        self.batch = batch

    def drop(self) -> None:
        """Delete it: the next publish makes it anew."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def bring_up(self, runs: Iterable[str], read: Read) -> None:
        """Take in the runs that it lacks; segments of other runs go, and damaged ones."""
        for left in self._folder.glob("*.part"):  # by a publisher that was killed
            left.unlink()
        wanted, covered = frozenset(runs), set[str]()
        kept: list[_Segment] = []
        for segment in self._segments():
            if segment.runs <= wanted and not segment.runs & covered:
                kept.append(segment)
                covered |= segment.runs
            else:
                segment.path.unlink()
        if lacking := wanted - covered:
            kept.append(self._write(lacking, read(sorted(lacking))))
        self._merge(sorted(kept, key=lambda one: -one.rows))

    def rows(self, keys: Numbers) -> pa.Table:
        """Give the rows that have one of these keys, which are sorted and do not repeat."""
        found = [
            batch.take(pa.array(places))
            for segment in self._segments()
            for batch in segment.batches()
            if len(places := _places(_keys(batch), keys))
        ]
        return pa.Table.from_batches(found, schema=self._schema)

    def _segments(self) -> list[_Segment]:
        """Open the segments, the largest first; one that cannot be read is deleted."""
        found = []
        for path in self._folder.glob(_NAME):
            try:
                segment = _Segment.open(path)
            except (OSError, ValueError, KeyError, TypeError):  # Arrow's errors are ValueErrors
                path.unlink(missing_ok=True)
                continue
            if segment.reader.schema.equals(self._schema):
                found.append(segment)
            else:
                path.unlink()
        return sorted(found, key=lambda one: (-one.rows, one.path.name))

    def _merge(self, segments: Sequence[_Segment]) -> None:
        """Write the smallest into one, until each has more than twice the rows of all after it."""
        first, rows = len(segments), 0
        for number in reversed(range(len(segments))):
            if number + 1 < len(segments) and segments[number].rows <= _RATIO * rows:
                first = number
            rows += segments[number].rows
        if first < len(segments):
            old = segments[first:]
            runs = frozenset[str]().union(*(one.runs for one in old))
            self._write(runs, _merged(old, self.batch))
            for one in old:
                one.path.unlink()

    def _write(self, runs: frozenset[str], batches: Iterable[pa.RecordBatch]) -> _Segment:
        fsync.make_folder(self._folder)
        name = hashlib.sha256("\n".join(sorted(runs)).encode()).hexdigest()[:16]
        path = self._folder / _NAME.replace("*", name)
        beside = path.with_suffix(".part")
        schema = self._schema.with_metadata({_RUNS: json.dumps(sorted(runs)).encode()})
        with pa.OSFile(str(beside), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in batches:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        fsync.sync(beside)
        beside.replace(path)
        return _Segment.open(path)


class _Stream:
    """A segment's rows in order, taken piece by piece."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batches = batches
        self._held = next(batches, None)

    def below(self, bound: int | None) -> Iterator[pa.RecordBatch]:
        """Take the rows whose key is below the bound, or all that are left."""
        while self._held is not None:
            batch = self._held
            cut = len(batch) if bound is None else int(np.searchsorted(_keys(batch), bound))
            yield batch.slice(0, cut)
            if cut < len(batch):
                self._held = batch.slice(cut)
                return
            self._held = next(self.batches, None)


def _merged(segments: Sequence[_Segment], size: int) -> Iterator[pa.RecordBatch]:
    """Merge range by range of keys, about ``size`` rows each."""
    filled = [one for one in segments if one.rows]
    spans = [one.span() for one in filled]
    low = min((first for first, _ in spans), default=0)
    high = max((last for _, last in spans), default=0)
    parts = 1 + sum(one.rows for one in filled) // size
    streams = [_Stream(one.batches()) for one in filled]
    for part in range(1, parts + 1):
        bound = None if part == parts else low + (high - low) * part // parts
        pieces = [piece for stream in streams for piece in stream.below(bound)]
        if pieces:
            rows = pa.concat_batches(pieces)
            yield rows.take(pa.array(np.argsort(_keys(rows), kind="stable")))


def _keys(batch: pa.RecordBatch) -> Numbers:
    keys: Numbers = batch.column(0).to_numpy()
    return keys


def _places(keys: Numbers, asked: Numbers) -> Numbers:
    """Give the places of the rows that have one of the asked keys, by halving."""
    some = asked[np.searchsorted(asked, keys[0]) : np.searchsorted(asked, keys[-1], "right")]
    first = np.searchsorted(keys, some)
    held = keys[first] == some
    first = first[held]
    counts = np.searchsorted(keys, some[held], "right") - first
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    places: Numbers = np.repeat(first, counts) + within
    return places
