"""The stories of a mail that carries several: where the sender's own structure parts them.

A mail is one article unless it says otherwise: sections of an essay have headings, too. Headings of
one look part stories where each story has an address, a byline or a date of its own; or, below no
title and no introduction, a box of its own or a line above it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from statistics import median
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.cleaning.vocabulary.bylines import says_by
from copydesk.tasks.cleaning.vocabulary.phrases import line_key, shipped
from copydesk.tasks.sources.mail.blocks import Block

STORY: Final = 80
"""Words of a story; a teaser has fewer."""

_ONE_PARAGRAPH: Final = 120
"""Words of a story that is a single paragraph."""

_HEADING: Final = 25
"""Words of a heading that is not marked as one."""

_LARGER: Final = 1.15
"""Times the size of the paragraphs' font."""

_LINE: Final = 12
_PARAGRAPH: Final = 12
_LEAD_IN: Final = 3
"""Lines of a story that may stand above its heading: its section, its day."""

_ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "”", '"', "»", "」")
_CUT_OFF: Final = re.compile(r"(?:…|\.\.\.|\[(?:…|\.\.\.|&hellip;)\])[\s\])»”\"]*$")
_HEADING_CLASS: Final = re.compile(r"title|headline|heading", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"\W*(?:[0-9]{1,3}|[IVX]{1,5})\s?[.):、．：]|\W*[0-9]{1,2}\s")
_MOST_LOOKS: Final = 20
"""Of headings that are tried: each costs a pass over the mail."""


class Look(NamedTuple):
    """How a heading looks; those of one mail's stories look alike."""

    rank: float
    tag: str
    mark: str


@dataclass(frozen=True, slots=True)
class Story:
    """A story of a mail: its heading, its blocks, and what stands above the heading."""

    title: str
    blocks: tuple[Block, ...]
    section: str | None
    is_signed: bool
    day: datetime | None


class _Unit(NamedTuple):
    """A heading and what follows until the next: indices of blocks; ``end`` is behind the last.

    The blocks from ``lead_in`` stand above the heading; from ``label`` on, those above every one.
    """

    lead_in: int
    label: int
    heading: int
    end: int
    next_start: int


def split(
    blocks: Sequence[Block], foot: int, subject: str, names: Sequence[str]
) -> tuple[list[Story], list[Block]]:
    """Part a mail's blocks into stories and the rest; one article gives no story.

    Args:
        blocks: the mail's blocks.
        foot: where its foot begins.
        subject: the mail's own.
        names: of its sender and its list, which are no title.
    """
    mail = _Mail(blocks, foot, subject, names)
    for look in mail.looks():
        units = mail.units(look)
        stories = mail.stories_among(units) if len(units) > 1 else []
        if stories:
            held = {at for unit in stories for at in range(unit.lead_in, unit.next_start)}
            rest = [block for at, block in enumerate(blocks) if at not in held or at >= foot]
            return [mail.story(unit) for unit in stories], rest
    return [], list(blocks)


class _Mail:
    def __init__(
        self, blocks: Sequence[Block], foot: int, subject: str, names: Sequence[str]
    ) -> None:
        self._blocks = blocks
        self._foot = foot
        self._subject = _folded(subject)
        self._names = {_folded(name) for name in names}
        sizes = [block.size for block in blocks[:foot] if is_prose(block)]
        self._size = median(sizes) if sizes else 0.0
        self._look = [self._look_of(block) for block in blocks[:foot]]
        self._counts = Counter(look for look in self._look if look is not None)
        self._articles = Counter(
            block.article
            for block, look in zip(blocks, self._look, strict=False)
            if look is not None and self._counts[look] > 1
        )

    def looks(self) -> list[Look]:
        """Give the looks that several headings share, the highest first."""
        return sorted(look for look, count in self._counts.items() if count > 1)[:_MOST_LOOKS]

    def units(self, look: Look) -> list[_Unit]:
        """Part the blocks at the headings of a look; a higher heading ends a unit, too."""
        starts = [at for at, other in enumerate(self._look) if other == look]
        lines = self._lines_above(self._long(starts) or starts)
        higher = [
            at
            for at, other in enumerate(self._look)
            if other is not None and other.rank < look.rank
        ]
        leads = []
        for number, start in enumerate(starts):
            previous = starts[number - 1] if number else -1
            leads.append(self._lead_in(start, max(start - lines, previous + 1), previous))
        ends = sorted({*leads, *higher, self._foot})
        units, position = [], 0
        for start, lead_in in zip(starts, leads, strict=True):
            while ends[position] <= start:
                position += 1
            label = max(start - lines, lead_in)
            units.append(
                self._trimmed(_Unit(lead_in, label, start, ends[position], ends[position]))
            )
        return units

    def _lead_in(self, start: int, first: int, previous: int) -> int:
        """Find the first line that is nearer, in the tree, to the heading below it."""
        blocks = self._blocks
        while previous >= 0 and first - 1 > previous:
            line = blocks[first - 1]
            below = len(_common((line.path, blocks[start].path)))
            if line.words > _LINE or below <= len(_common((line.path, blocks[previous].path))):
                break
            first -= 1
        return first

    def _long(self, starts: Sequence[int]) -> list[int]:
        """Choose the headings with a story's words before the next."""
        ends = [*starts[1:], self._foot]
        return [
            start
            for start, end in zip(starts, ends, strict=True)
            if sum(block.words for block in self._blocks[start:end]) >= STORY
        ]

    def stories_among(self, units: Sequence[_Unit]) -> list[_Unit]:
        """Choose the units that are stories; none where the mail is one article."""
        whole = [unit for unit in units if self._is_whole(unit)]
        if len(whole) < 2:
            return []
        own = [unit for unit in whole if self._is_signed(unit)]
        if not self._is_introduced(units[0]):
            closings = self._closings(whole)
            named = self._named(whole, units[0])
            own = [
                unit
                for unit in whole
                if unit in own or self._is_linked(unit) or unit.heading in closings | named
            ]
        targets = [self._blocks[unit.heading].hrefs[0] for unit in own if self._is_linked(unit)]
        if len(own) >= 2 and len(set(targets)) == len(targets) and 3 * len(own) >= 2 * len(whole):
            return own
        return whole if 3 * len(whole) >= 2 * len(units) and self._is_parted(units) else []

    def story(self, unit: _Unit) -> Story:
        """Make the story of a unit; its byline and day stay in it, for cleaning to find."""
        above = self._blocks[unit.label : unit.heading]
        sections = [block.text for block in above if not _is_dateline(block)]
        lines = [*self._blocks[unit.lead_in : unit.label], *filter(_is_dateline, above)]
        body = self._blocks[unit.heading + 1 : unit.end]
        day = next(filter(None, map(_day_of, [*lines, *body[:_LEAD_IN]])), None)
        signed = any(says_by(block.text) for block in [*lines, *body[:_LEAD_IN]] if _is_line(block))
        title = " ".join(self._blocks[unit.heading].text.split())
        return Story(title, (*lines, *body), sections[0] if sections else None, signed, day)

    def _look_of(self, block: Block) -> Look | None:
        if block.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            return Look(float(block.tag[1]), block.tag, "") if block.words <= 2 * _HEADING else None
        if block.tag != "p" or block.words > _HEADING or _leads_on(block):
            return None
        if block.text.endswith((".", "。", ":", "：", ",")) or _is_dateline(block):
            return None
        if not block.path and (block.is_ruled or block.text.isupper()):
            return Look(6.5, "text", "")
        is_large = bool(self._size) and block.size >= _LARGER * self._size
        is_bold = block.bold_chars >= 0.9 * len(block.text)
        is_named = bool(_HEADING_CLASS.search(block.mark))
        if not (is_large or is_bold or is_named or block.is_links):
            return None
        # Below the headings that are marked as such; a larger font first.
        rank = 7 + 100 / (10 + block.size) + (0 if is_large else 20 if is_bold or is_named else 40)
        return Look(rank, "a" if block.is_links else "b" if is_bold else "p", block.mark)

    def _lines_above(self, starts: Sequence[int]) -> int:
        """Count the short lines that stand above every heading and look alike there."""
        for above in range(1, _LEAD_IN + 1):
            if starts[0] < above:
                return above - 1
            blocks = [self._blocks[start - above] for start in starts]
            alike = {(block.tag, block.mark, block.size) for block in blocks}
            if len(alike) > 1 or any(block.words > _LINE or is_prose(block) for block in blocks):
                return above - 1
            if any(block.is_links for block in blocks) and not all(map(_is_dateline, blocks)):
                return above - 1
            texts = {block.text for block in blocks}
            are_dated = all(map(_is_dateline, blocks))
            if not are_dated and (len(texts) == 1 or not self._is_label(blocks[0])):
                return above - 1
        return _LEAD_IN

    def _is_label(self, block: Block) -> bool:
        return bool(block.mark) or block.size != self._size or block.text.isupper()

    def _trimmed(self, unit: _Unit) -> _Unit:
        """Leave out what closes a story: its links, its buttons, the next section's name."""
        end = unit.end
        while end > unit.heading + 1 and (
            self._look[end - 1] is not None
            or self._blocks[end - 1].is_links
            or _leads_on(self._blocks[end - 1])
        ):
            end -= 1
        return unit._replace(end=end)

    def _is_whole(self, unit: _Unit) -> bool:
        """Tell a whole story from a teaser, which is short, is cut off or leads to the rest."""
        body = self._blocks[unit.heading + 1 : unit.end]
        below = self._look[unit.heading + 1] if body else None
        if below is not None and self._counts[below] > 1:
            return False  # the name of a section, with the headings of its stories
        words = sum(block.words for block in body if not block.is_links)
        paragraphs = [block for block in body if is_prose(block)]
        if not paragraphs or words < (STORY if len(paragraphs) > 1 else _ONE_PARAGRAPH):
            return False
        if _CUT_OFF.search(next(b for b in reversed(body) if not b.is_links).text[-20:]):
            return False
        closing = self._blocks[unit.end : unit.next_start]
        return not any(map(_leads_on, closing))

    def _is_linked(self, unit: _Unit) -> bool:
        heading = self._blocks[unit.heading]
        href = heading.hrefs[0] if heading.is_links and heading.hrefs else ""
        return href.startswith(("http://", "https://"))

    def _is_signed(self, unit: _Unit) -> bool:
        """Tell a story with its own author or day, at its beginning or end, or in an element."""
        beside = [*range(unit.lead_in, unit.heading), unit.end - 1]
        for at in range(unit.heading + 1, min(unit.heading + 3, unit.end)):
            if self._look[at] is not None:
                break
            beside.append(at)
        if any(_is_dateline(self._blocks[at]) for at in beside if at != unit.heading):
            return True
        article = self._blocks[unit.heading].article
        return bool(article) and self._articles[article] == 1

    def _named(self, units: Sequence[_Unit], first: _Unit) -> set[int]:
        """Give the headings that the subject or links above name, if they are several."""
        links = {_folded(block.text) for block in self._blocks[: first.lead_in] if block.is_links}
        named = set()
        for unit in units:
            heading = _folded(self._blocks[unit.heading].text)
            if heading in links or (heading != self._subject and heading in self._subject):
                named.add(unit.heading)
        return named if len(named) > 1 else set()

    def _closings(self, units: Sequence[_Unit]) -> set[int]:
        """Give the headings of units that close with the same words, linked to different places."""
        closings: dict[str, dict[str, int]] = {}
        for unit in units:
            for block in self._blocks[unit.end : unit.next_start]:
                if block.is_links and block.hrefs and block.words <= _LINE:
                    is_address = block.text.startswith(("http://", "https://"))
                    words = "" if is_address else re.sub(r"\d{1,9}", "0", _folded(block.text))
                    closings.setdefault(words, {}).setdefault(block.hrefs[0], unit.heading)
        return {
            heading
            for headings in closings.values()
            if len(set(headings.values())) > 1
            for heading in headings.values()
        }

    def _is_introduced(self, first: _Unit) -> bool:
        """Tell a title with prose below it, above the first heading: an article's beginning."""
        above = self._blocks[: first.lead_in]
        return self._subject in self._titles(first) and any(map(is_prose, above))

    def _titles(self, first: _Unit) -> set[str]:
        above = zip(self._blocks[: first.lead_in], self._look, strict=False)
        return {_folded(block.text) for block, look in above if look is not None} - self._names

    def _is_parted(self, units: Sequence[_Unit]) -> bool:
        """Tell whether each unit has a box of its own, or a line between it and the next.

        Not below prose, nor below a title that names no issue; nor where headings are numbered.
        """
        blocks, first = self._blocks, units[0]
        headings = [blocks[unit.heading].text for unit in units]
        is_issue = any(char.isdigit() for char in self._subject)
        if any(map(is_prose, blocks[: first.lead_in])) or any(map(_NUMBERED.match, headings)):
            return False
        if self._subject in self._titles(first) and not is_issue:
            return False
        if all(self._has_box(units, number) for number in range(len(units))):
            return True
        is_ruled = all(
            any(b.is_ruled for b in blocks[u.lead_in : u.heading + 1]) for u in units[1:]
        )
        return is_ruled and (is_issue or _folded(headings[0]) != self._subject)

    def _has_box(self, units: Sequence[_Unit], number: int) -> bool:
        unit = units[number]
        box = _common(block.path for block in self._blocks[unit.heading : unit.end])
        beside = [units[at] for at in (number - 1, number + 1) if 0 <= at < len(units)]
        return all(self._blocks[other.heading].path[: len(box)] != box for other in beside)


def _common(paths: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the elements around all of the blocks."""
    levels = zip(*paths, strict=False)
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))


def is_prose(block: Block) -> bool:
    """Tell a paragraph of sentences."""
    return block.words > _PARAGRAPH and not block.is_links and block.text.endswith(_ENDS)


def _is_line(block: Block) -> bool:
    return block.words <= _LINE and block.tag != "li"


def _is_dateline(block: Block) -> bool:
    """Tell a line with a name behind "by", or with a day and little else."""
    if not _is_line(block) or block.text.endswith(("!", "?", "。")):
        return False
    return (says_by(block.text) and not block.text.endswith(".")) or _day_of(block) is not None


def _day_of(block: Block) -> datetime | None:
    match = find_date(block.text) if _is_line(block) else None
    return None if match is None or not match.stamp.dayed else match.stamp.when


def _leads_on(block: Block) -> bool:
    """Tell "read more", and nothing else."""
    if block.words > _LINE or any(href.startswith("#") for href in block.hrefs):
        return False
    phrase = shipped().phrase(line_key(block.text))
    return phrase is not None and phrase.whole and phrase.kind in {"navigation", "related"}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
