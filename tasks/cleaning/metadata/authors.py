"""An article's authors: the first place that names people, checked against what readers see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from tasks.cleaning.metadata.jsonld import Node, texts, types_of
from tasks.cleaning.metadata.model import Evidence, Mark, TextBlock, stands_elsewhere
from tasks.cleaning.metadata.names import Author, read_names, says_by
from tasks.cleaning.metadata.subject import Subject

# In order of trust. On WCXB's pages with a known author: meta author .89 right where it is
# given, JSON-LD .88, "Written by" beside twitter:data .83, rel=author .79, visible bylines .59.
_METAS: Final = (
    "author", "parsely-author", "sailthru.author", "citation_author", "dc.creator",
    "dcterms.creator", "dc.contributor", "article:author", "og:article:author", "byl", "creator",
    "cxenseparse:author", "og:author", "article.author", "authors", "article_author", "dcsext.author",
)  # fmt: skip
_SHORT: Final = 120  # characters of a visible byline's block
_MAX_MARKS: Final = 12
# Parts of a page whose bylines are of other texts, or of what readers wrote.
_ELSEWHERE: Final = (
    "related", "recommend", "sidebar", "<aside", "<nav", "popular", "trending",
    "more-from", "read-next", "widget", "respond", "teaser", "carousel", "testimonial",
)  # fmt: skip


class Choice(NamedTuple):
    """Names in order, and where they were found."""

    names: tuple[str, ...]
    where: str


class _Place(NamedTuple):
    where: str
    authors: tuple[Author, ...]
    visible: bool


def choose_authors(
    evidence: Evidence,
    subject: Subject,
    *,
    head: Sequence[TextBlock],
    houses: Sequence[str],
    language: str | None,
    hint: Sequence[str] = (),
) -> Choice | None:
    """Choose the authors; ``head`` are the blocks around the headline, ``houses`` the site's names.

    An organisation counts only where no place names a person.
    """
    places = list(_places(evidence, subject, head, houses, language, hint))
    people = [place for place in places if any(a.person for a in place.authors)]
    if people:
        best = _completed(people[0], people)
        kept = [a.name for a in best.authors if a.person or " " not in a.name]
        return Choice(tuple(kept), best.where)
    if places:
        seen = next((place for place in places if place.visible), places[0])
        return Choice(tuple(a.name for a in seen.authors), seen.where)
    return None


def _completed(best: _Place, places: Sequence[_Place]) -> _Place:
    """Prefer a visible byline that names all of these and more: metadata often has one alone."""
    names = {a.name.casefold() for a in best.authors if a.person}
    for place in places:
        more = {a.name.casefold() for a in place.authors if a.person}
        if place.visible and names < more:
            return place
    return best


def _places(
    evidence: Evidence,
    subject: Subject,
    head: Sequence[TextBlock],
    houses: Sequence[str],
    language: str | None,
    hint: Sequence[str],
) -> Iterator[_Place]:
    def read(fields: Sequence[str], own: Sequence[str] = houses) -> tuple[Author, ...]:
        found: dict[str, Author] = {}
        for field in fields:
            for author in read_names(field, houses=own, language=language):
                found.setdefault(author.name.casefold(), author)
        return tuple(found.values())

    for node in subject.articles:
        if authors := read(_node_authors(node)):
            yield _Place("json-ld author", authors, visible=False)
    for name in _METAS:
        if authors := read([c for c in evidence.meta.get(name, ()) if "://" not in c]):
            yield _Place(f"meta {name}", authors, visible=False)
    for label, value in (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")):
        for said, content in zip(
            evidence.meta.get(label, ()), evidence.meta.get(value, ()), strict=False
        ):
            if says_by(said, language) and (authors := read([content])):
                yield _Place(f"meta {value}", authors, visible=False)
    if authors := read(hint):
        yield _Place("feed", authors, visible=False)
    yield from _visible(evidence, head, houses, language)
    for node in subject.pages:
        if authors := read(_node_authors(node)):
            yield _Place("json-ld page author", authors, visible=False)


def _visible(
    evidence: Evidence, head: Sequence[TextBlock], houses: Sequence[str], language: str | None
) -> Iterator[_Place]:
    marks = [mark for mark in evidence.marks if _is_byline(mark)][:_MAX_MARKS]
    for strict in (True, False):
        for mark in marks:
            if _is_strict(mark) is strict:
                authors = read_names(
                    mark.text or mark.value,
                    houses=() if strict else houses,
                    language=language,
                    roles_too=strict,
                )
                if authors:
                    yield _Place("rel author" if strict else "byline", authors, visible=True)
    for block in head:
        if len(block.text) <= _SHORT and says_by(block.text, language):
            if authors := read_names(block.text, language=language):
                yield _Place("visible byline", authors, visible=True)


def _is_byline(mark: Mark) -> bool:
    if not any(word in mark.label for word in ("author", "byline", "writer", "autor", "reporter")):
        return False
    return not stands_elsewhere(mark, _ELSEWHERE)


def _is_strict(mark: Mark) -> bool:
    return "author" in mark.label.split()


def _node_authors(node: Node) -> list[str]:
    """The names of a thing's authors or creators."""
    for field in ("author", "creator", "authors"):
        if names := list(_author_names(node.get(field))):
            return names
    return []


def _author_names(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and "name" not in each:
            given, family = each.get("givenName"), each.get("familyName")
            if isinstance(given, str) and isinstance(family, str):
                yield f"{given} {family}"
        elif isinstance(each, dict) and set(types_of(each)) & {"imageobject", "videoobject"}:
            continue
        else:
            yield from texts(each)
