"""Read the author names that a page declares: in JSON-LD, meta elements and its feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from copydesk.tasks.cleaning.metadata.jsonld import Node, texts, types_of
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import Evidence, MetaNames
from copydesk.tasks.cleaning.metadata.person_names import Author, read_byline, read_names
from copydesk.tasks.cleaning.vocabulary.bylines import key, says_by

# In order of trust. Share that is right on WCXB pages with a known author, where present: meta
# author .89, JSON-LD .88, "Written by" with twitter:data .83, rel=author .79, visible bylines .59.
_METAS: Final = MetaNames(
    "author", "parsely-author", "sailthru.author", "citation_author", "dc.creator",
    "dcterms.creator", "dc.contributor", "article:author", "og:article:author", "byl", "creator",
    "cxenseparse:author", "og:author", "article.author", "authors", "article_author",
    "dcsext.author",
)  # fmt: skip
# Fields that libraries and journals use, with the surname first.
_LISTED: Final = frozenset({"citation_author", "dc.creator", "dcterms.creator", "dc.contributor"})


class NameSource(NamedTuple):
    """The author names that one part of the page gives.

    ``listed`` where each name stands on its own, ``whole`` where all of them are named.
    """

    origin: str
    authors: tuple[Author, ...]
    visible: bool
    listed: bool
    whole: bool


class NameReader(NamedTuple):
    """The settings for reading names on this page."""

    houses: tuple[str, ...]
    language: str | None
    roles_too: bool = False

    def fields(self, fields: Iterable[str], *, listed: bool = False) -> tuple[Author, ...]:
        """Return the distinct names in metadata fields; ``listed`` is passed to ``read_names``."""
        return united(
            read_names(
                field,
                houses=self.houses,
                language=self.language,
                roles_too=self.roles_too,
                listed=listed,
            )
            for field in fields
        )

    def element(self, text: str) -> tuple[Author, ...]:
        """Return the names in a visible element."""
        return read_byline(
            text, houses=self.houses, language=self.language, roles_too=self.roles_too
        )


def declared_authors(
    evidence: Evidence, subject: Subject, reader: NameReader, hint: Sequence[str]
) -> Iterator[NameSource]:
    """Yield the authors of JSON-LD, meta elements and the feed (``hint``), in order of trust."""
    for node in subject.articles:
        yield from name_source(
            "json-ld author", node_authors(node, reader), listed=True, whole=True
        )
    for name in _METAS.among(evidence.meta):
        fields = (content for content in evidence.meta[name] if "://" not in content)
        names = reader.fields(fields, listed=name in _LISTED)
        yield from name_source(f"meta {name}", names, whole=True)
    for number in ("1", "2"):
        labels = evidence.meta.get(f"twitter:label{number}", ())
        values = evidence.meta.get(f"twitter:data{number}", ())
        for label, value in zip(labels, values, strict=False):
            if says_by(label, reader.language):
                yield from name_source(f"meta twitter:data{number}", reader.fields([value]))
    yield from name_source("feed", _fed(hint, reader))


def _fed(names: Sequence[str], reader: NameReader) -> tuple[Author, ...]:
    """Return the names that a feed or file gives; one in lower case counts as a person's, too."""
    return united(_small(name, reader) or reader.fields([name]) for name in names)


def _small(name: str, reader: NameReader) -> tuple[Author, ...]:
    """Return a person's name that is written in lower case; empty for anything else."""
    if not name.islower() or " " not in name.strip():
        return ()
    authors = reader.fields([name.title()])
    is_whole = len(authors) == 1 and authors[0].person and authors[0].name == name.title()
    return (authors[0]._replace(name=name),) if is_whole else ()


def node_authors(node: Node, reader: NameReader) -> tuple[Author, ...]:
    """Return the names of a JSON-LD object's authors or creators."""
    for field in ("author", "creator", "authors"):
        value = node.get(field)
        names = united(
            _node_names(each, reader) for each in (value if isinstance(value, list) else [value])
        )
        if names:
            return names
    return ()


def _node_names(value: Any, reader: NameReader) -> tuple[Author, ...]:
    if not isinstance(value, dict):
        return reader.fields(texts(value))
    if "name" not in value:
        given_name, family_name = value.get("givenName"), value.get("familyName")
        has_both = isinstance(given_name, str) and isinstance(family_name, str)
        return reader.fields([f"{given_name} {family_name}"]) if has_both else ()
    if any(t.endswith("organization") for t in types_of(value)):
        # "Roe & Sons" is one house.
        house_keys = {key(house) for house in reader.houses}
        return tuple(
            Author(name, person=False) for name in texts(value) if key(name) not in house_keys
        )
    return reader.fields(texts(value))


def name_source(
    origin: str,
    authors: Iterable[Author],
    *,
    visible: bool = False,
    listed: bool = False,
    whole: bool = False,
) -> Iterator[NameSource]:
    """Yield one part's names, or nothing if there are none; the options are ``NameSource``'s."""
    if authors := tuple(authors):
        yield NameSource(origin, authors, visible, listed, whole)


def united(lists: Iterable[tuple[Author, ...]]) -> tuple[Author, ...]:
    """Return the distinct names of some lists, in order, whatever their case."""
    by_name: dict[str, Author] = {}
    for authors in lists:
        for author in authors:
            by_name.setdefault(author.name.casefold(), author)
    return tuple(by_name.values())
