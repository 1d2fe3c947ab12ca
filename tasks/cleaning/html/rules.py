"""Rules after the model: each removes blocks from its choice and records the reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.html.native import native_rules
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.metadata.byline_lines import is_byline
from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.cleaning.title import repeats_title, spelled_key
from copydesk.tasks.cleaning.vocabulary import block_words
from copydesk.tasks.cleaning.vocabulary.adverts import (
    BEGINNING,
    is_advert_label,
    label_words,
    may_begin_label,
)
from copydesk.tasks.cleaning.vocabulary.appeals import (
    appeal_beginnings,
    appeal_kind,
    appeal_label_beginnings,
    begins_appeal,
    is_duration,
)
from copydesk.tasks.cleaning.vocabulary.bounded_cache import BoundedCache
from copydesk.tasks.cleaning.vocabulary.bylines import credits_others
from copydesk.tasks.cleaning.vocabulary.phrases import (
    CUT_KINDS,
    HOLE,
    SURE_LETTERS,
    line_key,
    names_a_story,
    shipped,
    shipped_rows,
    story_labels,
)
from copydesk.tasks.dedup.repeated_body import (
    LONG,
    folded_start,
    may_repeat,
    without_second_copy,
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A chosen block that a rule removes, by its index in the page."""

    index: int
    kind: CutKind
    rule: str


_HEAD_LINES, _HEAD_CHARS = 3, 300
"""The beginning of a body, where the title may be repeated: three lines, or this much text. Farther
down, a heading like the title belongs to its section."""
_SAME = 40
"""Minimum characters of a repeated block that is a copy; shorter ones are refrains."""
_DATE_CHARS = 60
_LABEL_CHARS = 30
_STOPS = frozenset(".!?。！？؟।")
_WORD = re.compile(r"\w")
_DIGIT = re.compile(r"\d")
_GROUPS = list(block_words.GROUPS)
_COMMENT_BIT = 1 << _GROUPS.index("comment")
_RELATED_BIT = 1 << _GROUPS.index("related")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FORM = CutKind.COMMENTS
_PHRASE_CHARS = 120
_PHRASES = {kind: CUT_KINDS[kind] for kind in ("comments", "newsletter", "share")} | {"form": _FORM}
"""Phrases of page furniture that are cut as whole blocks, with their kinds."""

_LAST_PHRASE_CHARS = 60
_LAST_PHRASES = {
    kind: CUT_KINDS[kind] for kind in ("navigation", "site", "widget", "meta", "related", "action")
}
"""Phrases that are furniture at a text's end; elsewhere they may be a heading or a label."""


def _phrase(text: str) -> CutKind | None:
    """Return the kind of furniture that a whole block is, by the phrase table; None for text."""
    starts, ends = _edges()
    advert, phrase = starts[text[:_EDGE]]
    phrase = phrase or ends[text[-_EDGE:]]
    if not advert and not phrase:  # as most blocks
        return None
    folded = text.casefold()
    if advert and is_advert_label(folded):
        return CutKind.ADVERTISEMENT
    return _known_phrase(folded) if phrase and len(folded) <= _PHRASE_CHARS else None


def offers_newsletter(text: str) -> bool:
    """Return whether a whole block is a known offer of a newsletter."""
    return CutKind.NEWSLETTER in (_phrase(text), appeal_kind(text))


@lru_cache(maxsize=4096)  # a site repeats them on every page
def _known_phrase(folded: str) -> CutKind | None:
    key = line_key(folded)
    match = shipped().phrase(key)
    if match is None:
        return None
    counted = key.startswith("0 ")  # "3 comments", "2 thoughts on …"
    if match.kind == "meta":
        return CutKind.COMMENTS if counted and _names_comments(folded) else None
    sure = match.whole or (counted and match.letters >= SURE_LETTERS)
    return _PHRASES.get(match.kind) if sure else None


def _names_comments(folded: str) -> bool:
    return bool(block_words.word_groups(block_words.WORD.findall(folded)) & _COMMENT_BIT)


_EDGE = BEGINNING
_SIGNS = frozenset("0123456789(←→«»[*")  # before phrases that are not sentences


class _Starts(BoundedCache[tuple[bool, bool]]):
    """Whether a label of an advertisement, and a phrase, may begin with some characters; a cache.

    A cheap check that most blocks fail.
    """

    def __init__(self, phrases: frozenset[str]) -> None:
        super().__init__()
        self._phrases = phrases
        self._shorter = frozenset(start[:size] for start in phrases for size in range(1, _EDGE))

    def judged(self, text: str) -> tuple[bool, bool]:
        """Return whether they may begin with a text."""
        folded = text.casefold()[:_EDGE]
        phrase = folded[0] in _SIGNS or folded in self._phrases
        if not phrase and (key := spelled_key(folded)) != folded:
            phrase = key in self._phrases or key in self._shorter  # points were characters, too
        return may_begin_label(folded), phrase


class _Ends(BoundedCache[bool]):
    """Whether a phrase may end with some characters; a cache."""

    def __init__(self, phrases: frozenset[str]) -> None:
        super().__init__()
        self._phrases = phrases
        self._shorter = frozenset(end[-size:] for end in phrases for size in range(1, _EDGE))

    def judged(self, text: str) -> bool:
        """Return whether they may end with a text."""
        folded = text.casefold()[-_EDGE:]
        may = folded in self._phrases
        if not may and (key := spelled_key(folded)) != folded:
            may = key in self._phrases or key in self._shorter
        return may


@cache
def _edges() -> tuple[_Starts, _Ends]:
    """Return how labels and phrases start, and how phrases end whose start is variable."""
    keys = [key for kind, key in shipped_rows() if kind in _PHRASES]
    starts = {key.partition(HOLE)[0].strip()[:_EDGE] for key in keys}
    ends = {key[-_EDGE:] for key in keys if key.startswith(HOLE)}
    return _Starts(frozenset(starts)), _Ends(frozenset(ends))


_MAY_BE_PHRASE, _MAY_BE_APPEAL, _MAY_NAME_A_STORY, _MAY_BE_DURATION, _ANY = 1, 2, 4, 8, 31
"""What a block may be, in bits; ``_rules.pyx`` has the same numbers, and 16 for an ``h1``."""


def _suspects(page: Page, body: Collection[int]) -> Mapping[int, int]:
    """Return which blocks may be a phrase, an appeal or a duration, or name a story.

    Most are none of them, and so are some that are returned; without the compiled loop all are.
    """
    if native_rules is None:
        return dict.fromkeys(body, _ANY)
    suspects: dict[int, int] = _vocabulary(native_rules).among(page, body)
    return suspects


@cache
def _vocabulary(loops: ModuleType) -> Any:
    # As in ``_known_phrase``, others than whole phrases begin with a number.
    counted = [key for key in shipped().keys_of({"meta"}) if key.startswith("0 ")]
    open_keys = [
        key for kind, key in shipped_rows() if HOLE in key and (kind in _PHRASES or kind == "meta")
    ]
    return loops.Suspects(
        [*shipped().keys_of(_PHRASES), *counted],
        [key.partition(HOLE)[0].strip() for key in open_keys],
        [key.rpartition(" ")[2] for key in open_keys],
        label_words(),
        appeal_beginnings(),
        appeal_label_beginnings(),
        [*shipped().keys_of({"related"}), *story_labels().keys_of({"related"})],
        *_edges(),
        begins_appeal,
    )


def _is_date(text: str) -> bool:
    """Return whether a line is only a date; a date in a sentence is the author's."""
    date = find_date(text)
    return date is not None and not _WORD.search(text[: date.start] + text[date.end :])


class _Holders:
    """The containers of the texts so far, whatever their case; the first of each text counts."""

    def __init__(self) -> None:
        self._by_start: dict[str, list[tuple[str, int]]] = {}
        self._by_text: dict[str, int] = {}

    def of(self, text: str, default: int) -> int:
        """Return the container of an earlier text that is the same."""
        alike = self._by_start.get(folded_start(text))
        if alike is None:
            return default
        for earlier, holder in alike:
            self._by_text.setdefault(earlier.casefold(), holder)
        alike.clear()
        return self._by_text.get(text.casefold(), default)

    def add(self, text: str, holder: int) -> None:
        """Add a text and its container."""
        self._by_start.setdefault(folded_start(text), []).append((text, holder))


def any_repeated(page: Page, body: list[int]) -> bool:
    """Return whether a chosen text may stand twice, by ``may_repeat``."""
    if native_rules is None:
        return may_repeat([page.text[index] for index in body])
    alike = native_rules.begin_alike(page.text, body, LONG)
    return bool(alike) and len(set(map(str.casefold, alike))) < len(alike)


def rulings(page: Page, body: Sequence[int], title: str, *, repeated: bool = True) -> list[Ruling]:
    """Return the rulings on the chosen blocks (in document order); the title may be empty.

    Without ``repeated`` no text stands twice, by ``any_repeated``, and none is compared.
    """
    cuts: list[Ruling] = []
    texts, boxes = page.text, page.container
    tags, parents = page.containers.tag, page.containers.parent
    holders = _Holders()
    lines = chars = 0
    suspects = _suspects(page, body)
    for index in body:
        head = lines < _HEAD_LINES or chars < _HEAD_CHARS
        suspect = suspects.get(index, 0)
        if not (head or suspect or repeated):
            continue  # as most blocks
        text, box = texts[index], boxes[index]
        tag, holder, size = tags[box], parents[box], len(text)
        if title and (head or tag == "h1") and repeats_title(text, title):
            cuts.append(Ruling(index, CutKind.REPEATED_TITLE, "repeated_title"))
        # Near the first copy it is the author's, like a repeated question; elsewhere it is the
        # page's, for other screens.
        elif (
            repeated
            and size >= _SAME
            and holders.of(text, holder) != holder
            and text[-1] not in "?？؟"
        ):
            cuts.append(Ruling(index, CutKind.DUPLICATE, "stands_twice"))
        elif (
            suspect & _MAY_BE_PHRASE
            and size <= _PHRASE_CHARS
            and (kind := _phrase(text)) is not None
        ):
            cuts.append(Ruling(index, kind, "comment_form" if kind is _FORM else "phrase"))
        elif not lines and size <= _DATE_CHARS and _is_date(text):
            cuts.append(Ruling(index, CutKind.BYLINE, "date_line"))
        elif suspect & _MAY_BE_APPEAL and (kind := appeal_kind(text)) is not None:
            cuts.append(Ruling(index, kind, "appeal"))
        elif suspect & _MAY_NAME_A_STORY and not page.links[index] and names_a_story(text):
            cuts.append(Ruling(index, CutKind.RELATED, "read_more"))
        else:
            lines += 1
            chars += size
            if repeated and size >= _SAME and tag not in _HEADINGS:
                holders.add(text, holder)
    cut_indexes = {ruling.index for ruling in cuts}
    further = (*_comments(page, body, cuts), *_durations(page, suspects))
    by_index = {ruling.index: ruling for ruling in further}  # a duration among comments is one
    cuts += [ruling for index, ruling in by_index.items() if index not in cut_indexes]
    cut_indexes.update(by_index)
    cuts += _last_lines(page, (index for index in reversed(body) if index not in cut_indexes))
    return cuts


def _durations(page: Page, suspects: Mapping[int, int]) -> list[Ruling]:
    """Find the blocks of how long something plays, next to the label of a player."""
    texts = page.text
    return [
        Ruling(index, CutKind.SITE, "duration")
        for index, suspect in suspects.items()
        if suspect & _MAY_BE_DURATION
        and index
        and is_duration(texts[index])
        and (appeal_kind(label := texts[index - 1]) is not None or _phrase(label) is not None)
    ]


def _last_lines(page: Page, indexes: Iterable[int]) -> list[Ruling]:
    """Find headings and lines of topics at the end; a heading of pictures is not empty.

    The blocks are taken from the last one upwards.
    """
    tags, boxes = page.containers.tag, page.container
    cuts = []
    for index in indexes:
        if tags[boxes[index]] in _HEADINGS and not _pictured(page, index):
            cuts.append(Ruling(index, CutKind.RELATED, "heading_of_nothing"))
        elif _is_labelled(page.text[index]):
            cuts.append(Ruling(index, CutKind.METADATA, "labelled_line"))
        elif (kind := _last_phrase(page.text[index])) is not None:
            cuts.append(Ruling(index, kind, "phrase_at_end"))
        else:
            break
    return cuts


def _last_phrase(text: str) -> CutKind | None:
    """Return the kind of a whole last line that is known from pages: "Back to top"."""
    if len(text) > _LAST_PHRASE_CHARS or text[-1] in _STOPS:
        return None
    match = shipped().phrase(line_key(text))
    return _LAST_PHRASES.get(match.kind) if match is not None and match.whole else None


def _is_labelled(text: str) -> bool:
    """Return whether a line is a label and what it labels: "Tags: river, ferry"."""
    if len(text) > _PHRASE_CHARS or text[-1] in _STOPS:
        return False
    label, colon, _ = text.replace("：", ":").partition(":")
    if not colon or len(label) > _LABEL_CHARS:
        return False
    match = shipped().phrase(line_key(text))
    return match is not None and match.kind == "meta"


def _comments(page: Page, body: Sequence[int], cuts: Sequence[Ruling]) -> list[Ruling]:
    """Find the chosen blocks between a heading with the number of comments and their form.

    Without a form they end at the next heading. Above the text the number is part of the byline,
    so more of the text must precede it.
    """
    tags, boxes, texts = page.containers.tag, page.container, page.text
    labels = [ruling.index for ruling in cuts if ruling.kind is CutKind.COMMENTS]
    numbered = (index for index in labels if _DIGIT.search(texts[index]))
    heading = next((index for index in numbered if tags[boxes[index]] in _HEADINGS), None)
    if heading is None:
        return []
    behind = range(heading + 1, len(page))
    end = next((index for index in reversed(behind) if _is_form(texts[index])), None)
    rule = "above_comment_form"
    if end is None:
        rule = "below_comment_count"
        headings = (index for index in behind if tags[boxes[index]] in _HEADINGS)
        end = next(headings, len(page))
    above = sum([len(texts[index]) for index in body if index < heading])
    comments = [index for index in body if heading < index < end]
    if sum([len(texts[index]) for index in comments]) >= above:
        return []
    return [Ruling(index, CutKind.COMMENTS, rule) for index in comments]


def _is_form(text: str) -> bool:
    """Return whether a block is a phrase of a comment form; "Leave a comment" may be a byline's."""
    match = shipped().phrase(line_key(text)) if len(text) <= _PHRASE_CHARS else None
    if match is None or match.kind != "meta":
        return match is not None and match.whole and _PHRASES.get(match.kind) is _FORM
    return _names_comments(text.casefold())


def _pictured(page: Page, heading: int) -> bool:
    """Return whether a picture, and no link to another story, follows a heading."""
    after = heading + 1
    if after == len(page) or not page.images[after] or page.links[after]:
        return False
    word_groups = block_words.word_groups(block_words.WORD.findall(page.text[heading].casefold()))
    return not word_groups & _RELATED_BIT


_BYLINE_CHARS = 200


def bylines(page: Page, body: Sequence[int], authors: Sequence[str]) -> list[Ruling]:
    """Find lines above the text that are the authors' names, perhaps with roles or a date.

    Also a line that names only an editor, photographer or source.
    """
    cuts: list[Ruling] = []
    for index in body[:_HEAD_LINES]:
        text = page.text[index]
        if len(text) > _BYLINE_CHARS or not (is_byline(text, authors) or credits_others(text)):
            break
        cuts.append(Ruling(index, CutKind.BYLINE, "byline"))
    return cuts


def repeats(page: Page, body: Sequence[int]) -> list[Ruling]:
    """Find a second copy of the whole body after the first."""
    _, cuts = without_second_copy([page.text[index] for index in body])
    return [Ruling(body[cut.position], cut.kind, cut.rule) for cut in cuts]
