"""Collect a page's metadata before anything is removed from it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata.elements import Element, TellingElements, find
from copydesk.tasks.cleaning.metadata.jsonld import plain, read_scripts
from copydesk.tasks.cleaning.metadata.model import Evidence, Mark
from copydesk.tasks.cleaning.metadata.native import native_elements
from copydesk.tasks.cleaning.metadata.timestamps import has_year
from copydesk.tasks.cleaning.metadata.vocabulary import (
    COMMENTS,
    MAX_MARK_CHARS,
    MAX_MARKS,
    MICRODATA,
    PROFILE,
    REGIONS,
    ROOM,
)

# Entities that remain in visible text were escaped twice; "&lt;" may be a headline's own.
_ENTITY: Final = re.compile(
    r"&(?:#x?[0-9a-f]{1,6}|amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip);", re.I
)
_PICTURES: Final = frozenset({"svg", "symbol", "g"})
# Attributes in which scripts that display "3 weeks ago" keep the date.
_DATE_ATTRIBUTES: Final = (
    "data-datetime", "data-date", "data-time", "data-timestamp", "data-published", "title",
    "aria-label",
)  # fmt: skip


@dataclass(slots=True)
class _HeadFields:
    """The fields of a page's head but its metas, and its headings and scripts."""

    title: str | None = None
    canonical: str | None = None
    headings: list[str] = field(default_factory=list)
    heading_runs: list[tuple[str, ...]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    def read(self, element: Element) -> None:
        """Add an element's fields."""
        tag = element.tag
        if tag == "script":
            if "ld+json" in (element.attributes.get("type") or "").lower():
                self.scripts.append(element.text())
        elif tag == "h1":
            runs = [" ".join(run.split()) for run in element.runs(ROOM * 600)]
            if heading := _joined(runs, 600):
                self.headings.append(heading)
                self.heading_runs.append(tuple(run for run in runs if run))
        elif tag == "title":
            if self.title is None and element.parent_tag not in _PICTURES:
                self.title = plain(element.text())
        elif self.canonical is None:
            attributes = element.attributes
            if (attributes.get("rel") or "").lower() == "canonical":
                self.canonical = attributes.get("href") or None


def gather(tree: LexborHTMLParser, url: str | None) -> Evidence:
    """Collect the metadata of a tree from which no scripts, forms or hidden parts were removed."""
    elements = find(tree)
    head = _HeadFields()
    for element in elements.heads:
        head.read(element)
    root = tree.root
    about = root.attributes if root else {}
    itemtypes = (about.get("itemtype") or "").lower().split()
    return Evidence(
        url=url,
        title=head.title or None,
        headings=tuple(head.headings),
        heading_runs=tuple(head.heading_runs),
        meta={name: tuple(contents) for name, contents in elements.metas.items()},
        nodes=read_scripts(head.scripts),
        itemtypes=tuple(
            name.rstrip("/").rpartition("/")[2] for name in chain(itemtypes, elements.itemtypes)
        ),
        marks=_marks_of(elements),
        language=about.get("lang"),
        canonical=head.canonical,
        breadcrumbs=_crumbs(elements.trail),
    )


def _crumbs(trail: Element | None) -> tuple[str, ...]:
    """Return the steps of a breadcrumb trail: its list items, or its links."""
    if trail is None:
        return ()
    steps = trail.inner("li") or trail.inner("a")
    return tuple(dict.fromkeys(t for step in islice(steps, 20) if (t := _text(step, 80))))


def _marks_of(elements: TellingElements) -> tuple[Mark, ...]:
    if native_elements is None:
        return tuple(marks(chain(elements.telling, elements.classed)))
    return tuple(native_elements.marks(elements, _attribute_date))


def marks(elements: Iterable[Element]) -> Iterator[Mark]:
    """Yield elements that may contain a date or a name, once each, without readers' comments."""
    visited: set[Element] = set()
    for element in elements:
        tag = element.tag
        if tag in REGIONS or element in visited:
            continue
        visited.add(element)
        attributes = element.attributes
        if tag in MICRODATA and "itemprop" not in attributes:
            continue
        value = (attributes.get("datetime") or attributes.get("content") or "").strip()
        if not value and (tag == "time" or "date" in (attributes.get("class") or "").lower()):
            value = _attribute_date(attributes)
        text = _lines(element)
        if not text and not value:
            continue
        label = element.label()
        if tag == "a" and PROFILE.search(attributes.get("href") or ""):
            label += " author-page"
        within = element.within()
        around = f"{label} {within}"
        if ("comment" in around or "disqus" in around) and COMMENTS.search(around):
            continue
        yield Mark(text=text, value=value[:MAX_MARK_CHARS], tag=tag, label=label, within=within)
        if len(visited) >= MAX_MARKS:
            return


def _attribute_date(attributes: Mapping[str, str | None]) -> str:
    """Return the date in an element's attributes: ``<time title="May 3, 2025">3 weeks ago``."""
    values = (attributes.get(name) or "" for name in _DATE_ATTRIBUTES)
    return next((value.strip() for value in values if has_year(value)), "")


def _text(element: Element, longest: int) -> str:
    """Return the element's text on one line; empty if longer than ``longest`` characters."""
    return _joined(element.runs(ROOM * longest), longest)


def _joined(runs: Iterable[str], longest: int) -> str:
    text = " ".join(" ".join(runs).split())
    if "&" in text and _ENTITY.search(text):  # escaped twice
        text = html.unescape(text)
    return text if len(text) <= longest else ""


def _lines(element: Element) -> str:
    """Return an element's text, one line per run; empty if longer than ``MAX_MARK_CHARS``."""
    runs = element.runs(ROOM * MAX_MARK_CHARS)
    joined = "\n".join([line for run in runs if (line := " ".join(run.split()))])
    return joined if len(joined) <= MAX_MARK_CHARS else ""
