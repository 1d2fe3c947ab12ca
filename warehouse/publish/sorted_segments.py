"""A copy of rows of the lake sorted by an integer key, for binary search.

Binary search for the hashes of new texts costs what is new; reading every stored hash grew with the
store. The rows are in segments beside the published versions, each of some runs: Arrow files that
are memory-mapped. They are derived from the lake and rebuilt where lost or damaged. Only one
publisher at a time uses them.
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

from copydesk.warehouse.failpoints import checkpoint
from copydesk.warehouse.storage import fsync

Numbers = NDArray[np.int64]
Read = Callable[[Sequence[str]], Iterable[pa.RecordBatch]]
"""Function that returns the rows of runs, sorted by key."""

_RUNS: Final = b"runs"
_NAME: Final = "segment-*.arrow"

_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError)
"""What opening a damaged segment raises; Arrow's errors are ValueErrors."""

_RATIO: Final = 2
"""A segment is merged with the smaller ones unless it has more than twice their rows: 200 equal
runs make at most five segments, and each row is written six times, 30 ns each; a ratio of 4
gives four segments and nine writes."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment's file, the runs whose rows it has, and its memory-mapped batches."""

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
        """Return the rows, batch by batch."""
        for number in range(self.reader.num_record_batches):
            batch = self.reader.get_batch(number)
            if batch.num_rows:
                yield batch
            # otherwise all pages read count as this process's memory
            self.mapped.madvise(mmap.MADV_DONTNEED)

    def span(self) -> tuple[int, int]:
        """Return the smallest and the largest key; the segment must not be empty."""
        keys = [_keys(batch) for batch in self.batches()]
        return int(keys[0][0]), int(keys[-1][-1])


class SortedSegments:
    """The segments in a folder, sorted by the first column of ``schema``: evenly spread hashes.

    ``batch`` rows are in memory at a time.
    """

    def __init__(self, folder: Path, schema: pa.Schema, batch: int) -> None:
        """Store which folder it is; nothing is read or created yet."""
        self._folder = folder
        self.schema = schema
        self.batch = batch

    def drop(self) -> None:
        """Delete all segments; the next publish rebuilds them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def update(self, runs: Iterable[str], read: Read) -> None:
        """Add the runs that the segments lack; delete segments of other runs and damaged ones."""
        for partial_file in self._folder.glob("*.part"):  # of a publisher that was killed
            partial_file.unlink()
        requested, covered = frozenset(runs), set[str]()
        segments: list[_Segment] = []
        for segment in self._segments():
            if segment.runs <= requested and not segment.runs & covered:
                segments.append(segment)
                covered |= segment.runs
            else:
                segment.path.unlink()
        if lacking := requested - covered:
            segments.append(self._write(lacking, read(sorted(lacking))))
        self._merge(sorted(segments, key=lambda item: -item.rows))

    def contents(
        self,
    ) -> Iterator[tuple[Path, frozenset[str], Iterator[pa.RecordBatch] | None]]:
        """Give each segment's path, runs and rows, to check them; None for an unreadable one."""
        for path in sorted(self._folder.glob(_NAME)):
            try:
                segment = _Segment.open(path)
            except FileNotFoundError:
                continue  # a publisher has merged it meanwhile
            except _UNREADABLE:
                yield path, frozenset(), None
                continue
            columns = (batch.columns for batch in segment.batches())
            rows = (pa.RecordBatch.from_arrays(each, schema=self.schema) for each in columns)
            yield path, segment.runs, rows

    def rows(self, keys: Numbers) -> pa.Table:
        """Return the rows with one of these keys; the keys must be sorted and distinct."""
        batches = [
            batch.take(pa.array(places))
            for segment in self._segments()
            for batch in segment.batches()
            if len(places := _places(_keys(batch), keys))
        ]
        return pa.Table.from_batches(batches, schema=self.schema)

    def _segments(self) -> list[_Segment]:
        """Open the segments, largest first; unreadable ones are deleted."""
        segments = []
        for path in self._folder.glob(_NAME):
            try:
                segment = _Segment.open(path)
            except _UNREADABLE:
                path.unlink(missing_ok=True)
                continue
            if segment.reader.schema.equals(self.schema):
                segments.append(segment)
            else:
                path.unlink()
        return sorted(segments, key=lambda item: (-item.rows, item.path.name))

    def _merge(self, segments: Sequence[_Segment]) -> None:
        """Merge the smallest until each has more than twice the rows of all smaller ones."""
        first, rows = len(segments), 0
        for number in reversed(range(len(segments))):
            if number + 1 < len(segments) and segments[number].rows <= _RATIO * rows:
                first = number
            rows += segments[number].rows
        if first < len(segments):
            old = segments[first:]
            runs = frozenset[str]().union(*(segment.runs for segment in old))
            self._write(runs, _merged(old, self.batch))
            checkpoint("publish:merge")
            for segment in old:
                segment.path.unlink()

    def _write(self, runs: frozenset[str], batches: Iterable[pa.RecordBatch]) -> _Segment:
        fsync.make_folder(self._folder)
        name = hashlib.sha256("\n".join(sorted(runs)).encode()).hexdigest()[:16]
        path = self._folder / _NAME.replace("*", name)
        beside = path.with_suffix(".part")
        schema = self.schema.with_metadata({_RUNS: json.dumps(sorted(runs)).encode()})
        with pa.OSFile(str(beside), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in batches:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        fsync.sync(beside)
        beside.replace(path)
        checkpoint("publish:segment")
        return _Segment.open(path)


class _Stream:
    """A segment's rows in key order, taken in pieces."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batches = batches
        self._held = next(batches, None)

    def below(self, bound: int | None) -> Iterator[pa.RecordBatch]:
        """Take the rows whose key is below the bound, or all remaining rows."""
        while self._held is not None:
            batch = self._held
            cut = len(batch) if bound is None else int(np.searchsorted(_keys(batch), bound))
            yield batch.slice(0, cut)
            if cut < len(batch):
                self._held = batch.slice(cut)
                return
            self._held = next(self.batches, None)


def _merged(segments: Sequence[_Segment], size: int) -> Iterator[pa.RecordBatch]:
    """Merge segments in key ranges of about ``size`` rows each."""
    filled = [segment for segment in segments if segment.rows]
    spans = [segment.span() for segment in filled]
    low = min((first for first, _ in spans), default=0)
    high = max((last for _, last in spans), default=0)
    parts = 1 + sum(segment.rows for segment in filled) // size
    streams = [_Stream(segment.batches()) for segment in filled]
    for part in range(1, parts + 1):
        bound = None if part == parts else low + (high - low) * part // parts
        pieces = [piece for stream in streams for piece in stream.below(bound)]
        if pieces:
            rows = pa.concat_batches(pieces)
            yield rows.take(pa.array(np.argsort(_keys(rows), kind="stable")))


def _keys(batch: pa.RecordBatch) -> Numbers:
    keys: Numbers = batch.column(0).to_numpy()
    return keys


def _places(keys: Numbers, requested: Numbers) -> Numbers:
    """Return the indices of rows with one of the requested keys, by binary search."""
    in_range = requested[
        np.searchsorted(requested, keys[0]) : np.searchsorted(requested, keys[-1], "right")
    ]
    first = np.searchsorted(keys, in_range)
    matches = keys[first] == in_range
    first = first[matches]
    counts = np.searchsorted(keys, in_range[matches], "right") - first
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    places: Numbers = np.repeat(first, counts) + within
    return places
