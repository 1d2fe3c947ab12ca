"""Choose one value per metadata field, and record where it was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress, zip_longest
from typing import Final

from copydesk.schemas.article import Hints
from copydesk.tasks.cleaning.access import decide, declared
from copydesk.tasks.cleaning.language import SAMPLE, decide_language
from copydesk.tasks.cleaning.metadata import other_fields
from copydesk.tasks.cleaning.metadata.authors import Head, choose_authors
from copydesk.tasks.cleaning.metadata.date_evidence import SourcedDate
from copydesk.tasks.cleaning.metadata.date_lines import Line, may_have_date, with_years
from copydesk.tasks.cleaning.metadata.dates import choose_dates
from copydesk.tasks.cleaning.metadata.jsonld import texts
from copydesk.tasks.cleaning.metadata.main_entity import Subject, find_subject
from copydesk.tasks.cleaning.metadata.model import Evidence, Metadata, TextBlocks, places_of
from copydesk.tasks.cleaning.metadata.placing import Placing
from copydesk.tasks.cleaning.metadata.relative_dates import MAX_CHARS
from copydesk.tasks.cleaning.metadata.titles import MAX_HEADLINE_CHARS, choose_title
from copydesk.tasks.cleaning.title import repeats_title

# Blocks around the headline that are searched for a byline and a date: before it (a kicker, a date
# line) and after it (standfirst, byline, share buttons, date).
_BEFORE: Final = 6
_AFTER: Final = 16
# Blocks after the headline that are searched for a byline at the article's end.
_FAR: Final = 600
# A longer block (characters) is no byline, and its surroundings do not matter.
_BYLINE: Final = 160
# First and last blocks of the body, where Chinese and Japanese reports name their reporters.
_EDGES: Final = (4, 3)
_NO_HINTS: Final = Hints()
_REPORTED: Final = frozenset({"zh", "ja"})


def reconcile(
    evidence: Evidence,
    *,
    blocks: TextBlocks,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None = None,
) -> Metadata:
    """Choose each field from the page's evidence, its visible blocks and the source's hints."""
    hints = hints or _NO_HINTS
    url = url or evidence.url
    subject = find_subject(evidence)
    origins: dict[str, str] = {}
    houses = other_fields.houses(evidence, subject)
    names = [house.text for house in houses]
    host = other_fields.host_of(url) or other_fields.host_of(evidence.canonical)
    headlines = [h for node in subject.articles for h in texts(node.get("headline"))]
    title = choose_title(
        evidence,
        headlines=headlines,
        sites=[*names, host or ""],
        hint=hints.title,
        start_page_links=lambda: blocks.start_page_links(host),
        visible_lines=lambda: _above_text(blocks),
    )
    language, language_origin = decide_language(
        _sample(blocks), _declared(evidence, subject, hints)
    )
    at = _headline(blocks, title.text if title else None)
    lines = blocks.texts
    near, far = _around(at, len(lines))
    placing = Placing(blocks, at)
    authors = choose_authors(
        evidence,
        subject,
        head=Head(
            [lines[i] for i in near],
            lambda at: len(lines[near[at]]) <= _BYLINE and placing.is_aside(near[at]),
        ),
        tail=lines[far.start : far.stop],
        edges=placing.edges(*_EDGES) if language in _REPORTED else (),
        owner=placing,
        houses=names,
        language=language,
        hint=hints.authors,
    )
    dates = choose_dates(
        evidence,
        subject,
        head=[_line(placing, i) for i in with_years(lines, near) if not placing.is_undated(i)],
        tail=(
            _line(placing, i) for i in far if may_have_date(lines[i]) and not placing.is_undated(i)
        ),
        brief=(
            _line(placing, i)
            for i in near
            if len(lines[i]) <= MAX_CHARS
            and i < placing.first_paragraph
            and not placing.is_undated(i)
        ),
        owner=placing,
        url=url,
        observed_at=observed_at,
        language=language,
        region=other_fields.region(evidence, host),
        hint=hints.published_at,
        hint_modified=hints.modified_at,
    )
    base = url or evidence.canonical or ""
    fields = {
        "site": other_fields.site(evidence, houses, title.text if title else "", host),
        **other_fields.declared(evidence, subject, hints, base),
    }
    tags, tagged = other_fields.tags(evidence, subject, hints)
    if title:
        origins["title"] = title.origin
    if authors:
        origins["authors"] = authors.origin
    for field, date in (("published_at", dates.published), ("modified_at", dates.modified)):
        if date:
            origins[field] = _date_origin(date)
    if language:
        origins["language"] = language_origin
    origins.update({field: value.origin for field, value in fields.items() if value})
    if tags:
        origins["tags"] = tagged
    nodes = (*subject.articles, *subject.pages)
    labels = ((mark.label, mark.value or mark.text) for mark in evidence.marks)
    stated = tuple(declared(evidence.meta, nodes, labels))
    access = decide(stated, ())
    if access.access:
        origins["access"] = access.evidence
    return Metadata(
        title=title.text if title else None,
        authors=authors.names if authors else (),
        published_at=dates.published.stamp.when if dates.published else None,
        modified_at=dates.modified.stamp.when if dates.modified else None,
        language=language,
        tags=tags,
        access=access.access,
        stated_access=stated,
        kinds=other_fields.kinds(evidence),
        evidence=origins,
        **{field: value.text for field, value in fields.items() if value},
    )


def _date_origin(date: SourcedDate) -> str:
    if not date.stamp.dayed:
        return f"{date.origin}; the month alone"
    if not date.stamp.timed:
        return f"{date.origin}; the day alone"
    return date.origin if date.stamp.zoned else f"{date.origin}; no zone, UTC assumed"


def _sample(blocks: TextBlocks) -> str:
    """Return text of the body, or of the whole page if there is no body."""
    body = compress(blocks.texts, blocks.in_article)
    return _beginning(body) or _beginning(blocks.texts)


def _beginning(texts: Iterable[str]) -> str:
    size, parts = 0, []
    for text in texts:
        parts.append(text)
        size += len(text)
        if size >= SAMPLE:
            break
    return "\n".join(parts)


def _declared(evidence: Evidence, subject: Subject, hints: Hints) -> Iterator[str | None]:
    yield next((x for node in subject.articles for x in texts(node.get("inLanguage"))), None)
    yield evidence.language
    names = ("content-language", "og:locale", "language", "dc.language")
    yield other_fields.first_text(other_fields.from_meta(evidence, *names))
    yield hints.language


def _above_text(blocks: TextBlocks) -> Sequence[str]:
    """Return the short lines above the body's first paragraph."""
    texts = blocks.texts
    first = next(
        (i for i in places_of(True, blocks.in_article) if len(texts[i]) > MAX_HEADLINE_CHARS),
        len(texts),
    )
    return [text for text in texts[:first] if 4 <= len(text) <= MAX_HEADLINE_CHARS]


def _headline(blocks: TextBlocks, title: str | None) -> int:
    """Return the headline's index; -1 if it cannot be found."""
    texts = blocks.texts
    if title:
        for index in places_of("h1", blocks.tags):
            if repeats_title(texts[index], title):
                return index
        start = title[:4].casefold()
        for index, text in enumerate(texts):
            if text[:4].casefold() == start and repeats_title(text, title):
                return index
    return next(places_of(True, blocks.in_article), 0) - 1


def _around(at: int, count: int) -> tuple[list[int], range]:
    """Return the indexes of the blocks around the headline, nearest first, and of those below."""
    after = range(at + 1, min(at + 1 + _AFTER, count))
    before = range(max(0, at) - 1, max(0, at - _BEFORE) - 1, -1)
    near = [i for pair in zip_longest(after, before) for i in pair if i is not None]
    return near, range(at + 1 + _AFTER, min(at + 1 + _FAR, count))


def _line(placing: Placing, at: int) -> Line:
    """Return a block with the text above it; separators such as "|" are skipped."""
    texts = placing.blocks.texts
    above = next((texts[i] for i in (at - 1, at - 2) if i >= 0 and _says(texts[i])), "")
    return Line(texts[at], above, early=at < placing.first_paragraph)


def _says(text: str) -> bool:
    return len(text) > 2 or text.isalnum()
