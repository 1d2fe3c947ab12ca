"""Collect a page's metadata before anything is removed from it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata.elements import Element, find
from copydesk.tasks.cleaning.metadata.jsonld import plain, read_scripts
from copydesk.tasks.cleaning.metadata.model import Evidence, Mark
from copydesk.tasks.cleaning.metadata.timestamps import has_year
from copydesk.tasks.cleaning.metadata.vocabulary import MAX_MARKS

# Bylines and dates are short; a longer element is a box about the author or the page itself.
MAX_MARK_CHARS: Final = 240
# Allowance for white space between tags.
_ROOM: Final = 8

# Elements that contain a page or a region, whatever their class.
_REGIONS: Final = frozenset(
    {"html", "body", "main", "article", "section", "form", "input", "nav", "style", "script"}
    | {"img", "svg", "button", "select", "textarea", "iframe", "picture", "template", "noscript"}
)
# Addresses of author pages. /profile/ and /people/ alone may be about anyone.
_PROFILE: Final = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|people|staff|profile|contributors?)/[^/]", re.I
)
# Class names of readers' comments; "comments-open" and the like belong to the article.
_COMMENTS: Final = re.compile(
    r"(?<![\w-])(?:wp-block-)?(?:(?:latest|post|user|reader)-)?comments?(?:__\w+)?(?![\w-])"
    r"|(?<![\w-])(?:\w+-)*comments?[-_](?:list|area|body|meta|form|author|content|item|thread|"
    r"wrap|wrapper|container|section|respond|metadata|text|header)|disqus|usercomment"
)
# Entities that remain in visible text were escaped twice; "&lt;" may be a headline's own.
_ENTITY: Final = re.compile(
    r"&(?:#x?[0-9a-f]{1,6}|amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip);", re.I
)
_NAMES: Final = ("property", "name", "itemprop", "http-equiv")
_MICRODATA: Final = frozenset({"meta", "link"})
_PICTURES: Final = frozenset({"svg", "symbol", "g"})
# Attributes in which scripts that display "3 weeks ago" keep the date.
_DATE_ATTRIBUTES: Final = (
    "data-datetime", "data-date", "data-time", "data-timestamp", "data-published", "title",
    "aria-label",
)  # fmt: skip


@dataclass(slots=True)
class _HeadFields:
    """The fields of a page's head, and its headings and scripts."""

    title: str | None = None
    canonical: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)
    heading_runs: list[tuple[str, ...]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    def read(self, element: Element) -> None:
        """Add an element's fields."""
        tag = element.tag
        if tag == "meta":
            _read_meta(element.attributes, self.meta)
        elif tag == "script":
            if "ld+json" in (element.attributes.get("type") or "").lower():
                self.scripts.append(element.text())
        elif tag == "h1":
            runs = [" ".join(run.split()) for run in element.runs(_ROOM * 600)]
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
        meta={name: tuple(contents) for name, contents in head.meta.items()},
        nodes=read_scripts(head.scripts),
        itemtypes=tuple(
            name.rstrip("/").rpartition("/")[2] for name in chain(itemtypes, elements.itemtypes)
        ),
        marks=tuple(_marks(chain(elements.telling, elements.classed))),
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


def _read_meta(attributes: Mapping[str, str | None], meta: dict[str, list[str]]) -> None:
    content = attributes.get("content")
    if not content or not (content := plain(content)):
        return
    for kind in _NAMES:
        if names := attributes.get(kind):
            for name in names.lower().split():
                if (contents := meta.get(name)) is None:
                    meta[name] = [content]
                elif len(contents) < 30 and content not in contents:
                    contents.append(content)


def _marks(elements: Iterable[Element]) -> Iterator[Mark]:
    """Yield elements that may contain a date or a name, once each, without readers' comments."""
    visited: set[Element] = set()
    for element in elements:
        tag = element.tag
        if tag in _REGIONS or element in visited:
            continue
        visited.add(element)
        attributes = element.attributes
        if tag in _MICRODATA and "itemprop" not in attributes:
            continue
        value = (attributes.get("datetime") or attributes.get("content") or "").strip()
        if not value and (tag == "time" or "date" in (attributes.get("class") or "").lower()):
            value = _attribute_date(attributes)
        text = _lines(element)
        if not text and not value:
            continue
        label = element.label()
        if tag == "a" and _PROFILE.search(attributes.get("href") or ""):
            label += " author-page"
        within = element.within()
        around = f"{label} {within}"
        if ("comment" in around or "disqus" in around) and _COMMENTS.search(around):
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
    return _joined(element.runs(_ROOM * longest), longest)


def _joined(runs: Iterable[str], longest: int) -> str:
    text = " ".join(" ".join(runs).split())
    if "&" in text and _ENTITY.search(text):  # escaped twice
        text = html.unescape(text)
    return text if len(text) <= longest else ""


def _lines(element: Element) -> str:
    """Return an element's text, one line per run; empty if longer than ``MAX_MARK_CHARS``."""
    runs = element.runs(_ROOM * MAX_MARK_CHARS)
    joined = "\n".join([line for run in runs if (line := " ".join(run.split()))])
    return joined if len(joined) <= MAX_MARK_CHARS else ""
