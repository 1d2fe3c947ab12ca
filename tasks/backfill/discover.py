"""What a source has of a range: its files by the dates in their paths, its articles by listing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from copydesk.tasks.backfill.slices import Found, Wish
from copydesk.tasks.sources.dates.from_names import span_of_name
from copydesk.tasks.sources.dates.path_templates import between, date_parts, is_dated, names_days
from copydesk.tasks.sources.dates.ranges import By, RangeError, Span, month_of
from copydesk.tasks.sources.file_source import FileSource
from copydesk.tasks.sources.files.glob import literal
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.source import Source, SourceError
from copydesk.tasks.sources.web.path_list import PathList


def find(source: Source, inputs: Sequence[str], wish: Wish) -> Iterator[Found | str]:
    """Offer what a source has of the range, and what it has without a day.

    A text says which part of a listing could not be read. SourceError, RangeError.
    """
    if isinstance(source, FileSource):
        yield from _files(source, inputs, wish)
        return
    from copydesk.tasks.sources.web.history import Dated, past
    from copydesk.tasks.sources.web.source import WebSource

    assert isinstance(source, WebSource)
    if wish.span is None or wish.by is By.ARCHIVE:
        raise RangeError("--by archive is for files and archives; a site goes by day or month")
    for one in past(source, wish.span, wish.zone):
        if isinstance(one, Dated):
            yield Found(one.span, item=one.item, name=one.item.locator)
        else:
            yield f"{one.url}: {one.detail}"


def _files(source: FileSource, inputs: Sequence[str], wish: Wish) -> Iterator[Found | str]:
    templates = [one for one in inputs if is_dated(one) and not _is_web(one)]
    if templates and wish.by is By.DAY and not any(map(names_days, templates)):
        raise RangeError(f"{templates[0]} names months: --by month")
    for path, problem in _paths(source, inputs, wish):
        if problem is not None:
            yield f"{path}: {problem}"
            continue
        span = None
        for template in templates:
            span = span or _told(template, path)
        if span is None:
            span = span_of_name(path, wish.zone)
        yield Found(span, pattern=literal(path), name=path)


def _told(template: str, path: str) -> Span | None:
    told = date_parts(template, path, path.count("/") + 1)
    if told is None:
        return None
    year, month, day = told
    try:
        first = date(year, month, day or 1)
    except ValueError:
        return None
    return Span(first, first) if day else month_of(first)


def _paths(
    source: FileSource, inputs: Sequence[str], wish: Wish
) -> Iterator[tuple[str, str | None]]:
    """Give the paths of a source's files, and of each why it cannot be read."""
    place = source.reading.place
    if isinstance(place, PathList):
        dated = [one for one in inputs if is_dated(one)]
        if dated and wish.span is None:
            raise RangeError(f"{dated[0]} needs a range: --from and --to")
        if dated and wish.span is not None:
            ends = (wish.span.first, wish.span.last)
            lists = tuple(one for text in dated for one in between(text, *ends))
            place = replace(place, lists=lists)
        yield from ((name, None) for name in place.names())  # no archive is fetched to plan
        return
    seen: set[str] = set()
    for pattern in source.patterns:
        for entry in source.reading.place.walk(pattern):
            wanted = entry.problem or kind_of(entry.path, asked=entry.asked) is not None
            if wanted and entry.path not in seen:
                seen.add(entry.path)
                yield entry.path, entry.problem


def _is_web(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def only(sources: Sequence[Source], wish: Wish) -> Source:
    """Take the one source that a backfill is of."""
    if len(sources) != 1:
        names = ", ".join(dict.fromkeys(one.name for one in sources)) or "none"
        raise SourceError(f"{wish.source} means several sources ({names}): backfill one at a time")
    return sources[0]
