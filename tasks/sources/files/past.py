"""The files of a date range, by the dates in their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from copydesk.tasks.sources.dates.from_names import span_of_name
from copydesk.tasks.sources.dates.path_templates import between, date_parts, is_dated, names_days
from copydesk.tasks.sources.dates.ranges import By, RangeError, Span, month_of
from copydesk.tasks.sources.files.folder import Storage
from copydesk.tasks.sources.files.glob import literal
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.source import PastEntry, Period
from copydesk.tasks.sources.web.path_list import PathList


def past_files(
    storage: Storage, patterns: Sequence[str], period: Period
) -> Iterator[PastEntry | str]:
    """Offer matching files with their date ranges; a string names one that cannot be read."""
    templates = [text for text in period.inputs if is_dated(text) and not _is_web(text)]
    if templates and period.by is By.DAY and not any(map(names_days, templates)):
        raise RangeError(f"{templates[0]} has only months: use --by month")
    for path, problem in _paths(storage, patterns, period):
        if problem is not None:
            yield f"{path}: {problem}"
            continue
        span = None
        for template in templates:
            span = span or _span_of_path(template, path)
        if span is None:
            span = span_of_name(path, period.zone)
        yield PastEntry(span, pattern=literal(path), name=path)


def _span_of_path(template: str, path: str) -> Span | None:
    parts = date_parts(template, path, path.count("/") + 1)
    if parts is None:
        return None
    year, month, day = parts
    try:
        first = date(year, month, day or 1)
    except ValueError:
        return None
    return Span(first, first) if day else month_of(first)


def _paths(
    storage: Storage, patterns: Sequence[str], period: Period
) -> Iterator[tuple[str, str | None]]:
    """Yield the files' paths, each with why it cannot be read, or None."""
    if isinstance(storage, PathList):
        dated = [template for template in period.inputs if is_dated(template)]
        if dated and period.span is None:
            raise RangeError(f"{dated[0]} needs a range: --from and --to")
        if dated and period.span is not None:
            ends = (period.span.first, period.span.last)
            lists = tuple(template for text in dated for template in between(text, *ends))
            storage = replace(storage, lists=lists)
        yield from ((name, None) for name in storage.names())  # no archive is fetched to plan
        return
    offered: set[str] = set()
    for pattern in patterns:
        for entry in storage.walk(pattern):
            is_offered = entry.problem or kind_of(entry.path, is_named=entry.is_named) is not None
            if is_offered and entry.path not in offered:
                offered.add(entry.path)
                yield entry.path, entry.problem


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))
