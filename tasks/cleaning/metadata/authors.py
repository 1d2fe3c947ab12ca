"""Choose an article's authors from its metadata and its visible bylines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple, Protocol

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.metadata.cjk_names import CJK, reporters
from copydesk.tasks.cleaning.metadata.declared_authors import (
    NameReader,
    NameSource,
    declared_authors,
    name_source,
    node_authors,
    united,
)
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import (
    ELEMENTOR,
    Evidence,
    Mark,
    Regions,
    stands_elsewhere,
)
from copydesk.tasks.cleaning.metadata.name_parts import has_capital
from copydesk.tasks.cleaning.metadata.person_names import Author
from copydesk.tasks.cleaning.metadata.timestamps import find_date, has_year
from copydesk.tasks.cleaning.title import folded, normal_title
from copydesk.tasks.cleaning.vocabulary.bylines import (
    CASELESS,
    byline_beginnings,
    credit_words,
    introduced_later,
    match_not_by,
    may_say_by,
    says_by,
    starting_plainly_with_by,
)
from copydesk.tasks.cleaning.vocabulary.name_words import is_label

_SHORT: Final = 160  # maximum characters of a visible byline's block
_SHORT_BYLINE: Final = 60  # maximum characters of a byline that names no person or lacks "By"
_NAME_WORDS: Final = 4  # maximum words of a name without "By"
_NEAR: Final = 6  # blocks below the headline in which a name needs no "By"
_MAX_MARKS: Final = 16
_MOST: Final = 12  # maximum names; a longer list names the authors of other articles
# Class names of elements that contain only a name.
_STRICT: Final = frozenset(
    {"author", "author-name", "author_name", "authorname", "author__name", "byline__author"}
    | {"byline-author", "entry-author-name", "article-author__name", "post-author-name", "fn"}
)
_BYLINES: Final = ("author", "byline", "writer", "autor", "auteur", "reporter", "contributor")
_PAGE: Final = "author-page"
_PARTED: Final = re.compile(r"[·•|⋅●\n–—-]")
_PIECES: Final = re.compile(r"(?:(?<!\s)\s+)?[·•|⋅●]\s*|(?<!\s)\s+[-–—]\s+|\n")
# Parts of a page whose bylines belong to other texts.
_ELSEWHERE: Final = Regions((
    "related", "recommend", "sidebar", "<aside", "<nav", "popular", "trending", "more-from",
    "read-next", "widget", "respond", "teaser", "carousel", "testimonial", "latest-posts",
    "recent-posts", "quote", "<figcaption", "wp-caption", "image-caption", "caption-text",
), but_for=ELEMENTOR)  # fmt: skip
# Class names of credits for pictures and quotations, and the words that begin them.
_CREDITED: Final = (
    "img", "image", "photo", "foto", "picture", "bild", "media", "video", "caption", "figure",
    "illustration", "cover", "quote", "cite", "comment",
)  # fmt: skip
_CREDITS: Final = re.compile(
    rf"(?:{'|'.join(_CREDITED)})[-_]{{0,2}}(?:author|autor|auteur|credit|byline)"
    r"|photographer|fotograf|photo-?credit"
)


class AuthorChoice(NamedTuple):
    """Author names in order, and where on the page they were found."""

    names: tuple[str, ...]
    origin: str


@dataclass(frozen=True)
class Head:
    """The texts around the headline, the nearest first.

    ``is_aside`` tells, by a text's index, which are not the article's own; it is asked as late as
    possible, because most texts have no names to add.
    """

    texts: Sequence[str]
    is_aside: Callable[[int], bool] = lambda _index: False
    _introducing: dict[str | None, Sequence[int]] = field(default_factory=dict, init=False)

    def own(self, count: int) -> Iterator[str]:
        """Yield the first of the article's own texts."""
        own = (text for at, text in enumerate(self.texts) if not self.is_aside(at))
        return islice(own, count)

    def introducing(self, language: str | None) -> Sequence[int]:
        """Return the indexes of the short texts that may introduce names (cached)."""
        if language not in self._introducing:
            self._introducing[language] = _introducing(self.texts, language)
        return self._introducing[language]


def _introducing(texts: Sequence[str], language: str | None) -> Sequence[int]:
    """Return the indexes of the short texts for which ``_bylines`` may yield something.

    A cheap first check: these words begin a text, or stand behind a separator or a date.
    """
    if native_lines is not None:
        beginnings = byline_beginnings(language)
        indexes: list[int] = native_lines.introducing(texts, beginnings, *credit_words(), _SHORT)
        return indexes
    return [
        at
        for at, text in enumerate(texts)
        if len(text) <= _SHORT
        and (
            _PARTED.search(text)
            or has_year(text)
            or match_not_by(text)
            or may_say_by(text, language)
        )
    ]


class Owner(Protocol):
    """Recognises elements that belong to other texts; ``placing.Placing`` implements it."""

    def is_mark_of_others(self, mark: Mark) -> bool:
        """Return whether an element belongs to another text or to readers' comments."""

    def is_mark_beyond(self, mark: Mark) -> bool:
        """Return whether an element follows the article, where other texts begin."""

    def is_teaser(self, mark: Mark) -> bool:
        """Return whether an element is the byline of another text, in a list or below a heading."""

    def is_text_of_others(self, text: str) -> bool:
        """Return whether a block belongs to another text."""


def choose_authors(
    evidence: Evidence,
    subject: Subject,
    *,
    head: Head,
    tail: Sequence[str] = (),
    edges: Sequence[str] = (),
    owner: Owner,
    houses: Sequence[str],
    language: str | None,
    hint: Sequence[str] = (),
) -> AuthorChoice | None:
    """Choose the authors: people, or an organisation if no part of the page names a person.

    ``tail`` are the texts further down than ``head``, ``edges`` the body's first and last;
    ``owner`` tells what stands among other texts; ``houses`` are the names of the site and its
    publisher.
    """
    reader = NameReader(tuple(houses), language)
    marks = [
        mark for mark in evidence.marks if _is_byline(mark) and not owner.is_mark_of_others(mark)
    ]
    beyond = [mark for mark in marks if owner.is_mark_beyond(mark)]
    marks = [mark for mark in marks if mark not in beyond] if beyond else marks
    places = [*_reported(head, edges, reader), *declared_authors(evidence, subject, reader, hint)]
    known = _known(places)
    places += _visible(marks, head, reader, known)
    if not any(map(_has_person, places)):
        places += _farther(marks, head, tail, reader, owner)
    for node in () if known.people else subject.pages:
        places += name_source("json-ld page author", node_authors(node, reader))
    people = [source for source in places if _has_person(source)]
    if people:
        best = _completed(people[0], people)
        names = [
            author.name
            for author in best.authors
            if author.person or best.listed or " " not in author.name
        ]
        return AuthorChoice(tuple(names), best.origin)
    if not places:
        places += _beyond([mark for mark in beyond if not owner.is_teaser(mark)], reader)
    if not places:
        # Only the publisher itself or one of its desks is named.
        reader = NameReader((), language, roles_too=True)
        places = [
            *_visible(marks, head, reader, _Known()),
            *declared_authors(evidence, subject, reader, ()),
        ]
    if places:
        best = next((source for source in places if source.visible), places[0])
        return AuthorChoice(tuple(author.name for author in best.authors), best.origin)
    return None


def _completed(best: NameSource, places: Sequence[NameSource]) -> NameSource:
    """Return the first byline that names everyone in ``best`` and more people, or ``best``."""
    names = {author.name.casefold() for author in best.authors if author.person}
    for source in places:
        more = {author.name.casefold() for author in source.authors if author.person}
        if source.whole and names < more and len(more) <= _MOST:
            return source
    return best


def _has_person(source: NameSource) -> bool:
    return any(author.person for author in source.authors)


class _Known(NamedTuple):
    """The people whom other places name.

    ``length`` is that of their names; ``words`` are those in ASCII of the first place's names.
    """

    people: bool = False
    length: int = 0
    words: frozenset[str] = frozenset()

    def may_grow(self, text: str) -> bool:
        """Return whether a text may name these people and more; a cheap first check.

        No other text can change what is known.
        """
        if len(text) <= self.length:
            return False
        if not self.words:
            return True
        lower = text.lower() if text.isascii() else folded(normal_title(text))
        return all(map(lower.__contains__, self.words))


def _known(places: Sequence[NameSource]) -> _Known:
    first = next(filter(_has_person, places), None)
    names = [author.name.casefold() for author in first.authors if author.person] if first else []
    words = frozenset(word for name in names for word in name.split() if word.isascii())
    return _Known(bool(names), max(map(_length, places), default=0), words)


def _length(source: NameSource) -> int:
    """Return the total length of the people's names in characters; 0 if there are none."""
    return sum(len(author.name) for author in source.authors if author.person)


def _names_house(names: Sequence[Author]) -> bool:
    """Return whether words after "By" that name no person may name a publisher or account."""
    return len(names) == 1 and (" " not in names[0].name or not names[0].name[0].islower())


def _reported(head: Head, edges: Sequence[str], reader: NameReader) -> Iterator[NameSource]:
    """Yield reporters named in Chinese or Japanese text, where metadata often names the editors."""
    wide = [text for text in head.texts if not text.isascii()]
    near = head.own(_NEAR) if any(map(CJK.search, wide)) else ()
    texts = [text for text in (*near, *edges) if not text.isascii() and CJK.search(text)]
    people = [Author(name, person=True) for name in reporters(texts, reader.language)]
    yield from name_source("reporter in the text", people, visible=True, whole=True)


def _visible(
    marks: Sequence[Mark], head: Head, reader: NameReader, known: _Known
) -> Iterator[NameSource]:
    """Yield visible bylines that may name more people than are known."""
    marks = marks[:_MAX_MARKS]
    strict_marks = [mark for mark in marks if not _STRICT.isdisjoint(mark.label.split())]
    for group in _siblings(strict_marks):
        if known.may_grow("".join([mark.text or mark.value for mark in group])):
            authors = united(reader.element(mark.text or mark.value) for mark in group)
            yield from name_source("author element", authors, visible=True, whole=True)
    for at in head.introducing(reader.language):
        text = head.texts[at]
        if known.may_grow(text) and not head.is_aside(at):
            yield from _introduced(text, reader)
    for mark in marks:
        if (
            mark not in strict_marks
            and _PAGE not in mark.label
            and known.may_grow(mark.text or mark.value)
        ):
            authors = reader.element(mark.text or mark.value)
            yield from name_source("byline element", authors, visible=True, whole=True)


def _introduced(text: str, reader: NameReader) -> Iterator[NameSource]:
    """Yield names that "By" introduces: people, or an organisation if the block has little else."""
    for piece in _bylines(text, reader.language):
        authors = reader.element(piece)
        short = len(piece) <= _SHORT_BYLINE and _names_house(authors)
        if short or any(author.person for author in authors):
            yield from name_source("visible byline", authors, visible=True, whole=True)


def _beyond(marks: Sequence[Mark], reader: NameReader) -> Iterator[NameSource]:
    """Yield the author that every byline after the article agrees on."""
    authors = united(reader.element(mark.text or mark.value) for mark in marks[:_MAX_MARKS])
    if len(authors) == 1:
        yield from name_source("byline element behind the text", authors, visible=True)


def _farther(
    marks: Sequence[Mark],
    head: Head,
    tail: Sequence[str],
    reader: NameReader,
    owner: Owner,
) -> Iterator[NameSource]:
    """Yield names from less likely places, for pages without a usable byline."""
    yield from _unintroduced(head, tail, reader)
    for mark in marks:
        if _PAGE in mark.label:
            people = [author for author in reader.element(mark.text) if author.person]
            yield from name_source("link to an author's page", people, visible=True)
    bylines = starting_plainly_with_by(tail, reader.language, _SHORT)
    bylines = {text for text in bylines if not owner.is_text_of_others(text)}
    if len(bylines) == 1:
        people = [author for author in reader.element(bylines.pop()) if author.person]
        yield from name_source("byline at the end", people, visible=True)


def _bylines(text: str, language: str | None) -> Iterator[str]:
    """Yield the pieces that start with "By" ("May 3 · 3 min read · By Jane Roe")."""
    for piece in _PIECES.split(text) if _PARTED.search(text) else (text,):
        match = find_date(piece) if has_year(piece) else None
        first = match is not None and not piece[: match.start].strip(" ,")
        tail = piece[match.end :].lstrip(" ,-–—") if match and first else piece
        if says_by(tail, language):
            yield tail
        elif later := introduced_later(tail):
            yield later


def _unintroduced(head: Head, tail: Sequence[str], reader: NameReader) -> Iterator[NameSource]:
    """Yield names below the headline without "By", beside a date or repeated in a closing note."""
    below = ""
    for text in head.own(_NEAR):
        if len(text) > _SHORT_BYLINE or text.endswith((".", "?", "!")):
            continue
        # Skip blocks without a date, unless they are a name that is mentioned at the end.
        if not has_year(text):
            if not _may_be_name(text):
                continue
            below = below or "\n".join(["", *tail])
            if f"\n{text}" not in below and f"by {text}" not in below:
                continue
        people = [author for author in reader.element(text) if author.person]
        if len(people) != 1:
            continue
        name = people[0].name
        if len(name.split()) > _NAME_WORDS or CASELESS.search(name) or is_label(name):
            continue
        dated = text != name and find_date(text) is not None
        described = text == name and any(_tells_of(other, name) for other in tail)
        if dated or described:
            yield from name_source("name by the headline", people, visible=True)


def _may_be_name(text: str) -> bool:
    """Return whether a text may be a person's name of a few words; a cheap first check."""
    words = text.split()
    return 2 <= len(words) <= _NAME_WORDS and sum(map(has_capital, words)) >= 2


def _tells_of(text: str, name: str) -> bool:
    """Return whether a text introduces a person: "Jane Roe is …" or "More by Jane Roe"."""
    if not text.startswith(name):
        return len(text) <= _SHORT_BYLINE and text.endswith(f"by {name}")
    following = text[len(name) : len(name) + 20].split()
    return bool(following) and following[0].islower()


def _siblings(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Group elements with the same tag and class in the same place: one byline's authors."""
    groups: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks:
        groups.setdefault((mark.label, mark.within), []).append(mark)
    return list(groups.values())


def _is_byline(mark: Mark) -> bool:
    return _labels_byline(mark.label) and not stands_elsewhere(mark, _ELSEWHERE)


@lru_cache(maxsize=1024)  # a site's pages have the same labels, and a page repeats some
def _labels_byline(label: str) -> bool:
    if not any(map(label.__contains__, _BYLINES)):
        return False
    return not any(map(label.__contains__, _CREDITED)) or _CREDITS.search(label) is None
