"""Lines that a site repeats on its pages: learned from many of them, then cut from each.

What a site prints under story after story is none of the story: notices, menus, calls to
subscribe. Pages are counted by the story that they tell, since copies and revisions of one
story share its lines for another reason (counting pages cut recall of near copies from .99
to .83). A set of lines has a version and is adopted on purpose: cleaning with one version gives
the same text whatever was learned since.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from copydesk.schemas.article import Cut, CutKind
from copydesk.tasks.dedup.line_keys import line_key, line_length

LEAST_STORIES: Final = 3
"""Stories that carry a line, at the least: two may share one by chance or by copying."""

LEAST_SHARE: Final = 0.25
"""Part of the site's stories that carry it: between .2 and .3 nothing changed; below, headings
of a site's regular columns come in."""

SHORT_LINE: Final = 10
"""Words below which a line may stand anywhere, beside another such line. Longer ones must belong
to a block at the head or the foot: a sentence within a story belongs to it, repeated or not."""

MOST_GAP: Final = 2
"""Short lines in a row within such a block that the site does not repeat: a date, a byline."""

MOST_CUT: Final = 0.5
"""Part of a text's words that may go, those at its edges first: where more is repeated, the
story itself may be written to a pattern (weather, results)."""

_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class StoryText:
    """A text to learn from; ``story`` names its cluster of near copies."""

    site: str
    story: str
    text: str


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A line that a site repeats: ``stories`` of the site's ``of`` carry it."""

    site: str
    key: str
    line: str
    stories: int
    of: int


@dataclass(frozen=True, slots=True)
class SiteLines:
    """The lines to cut, by site. Two sets of one ``version`` cut the same."""

    version: str
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


def learn(pages: Iterable[StoryText]) -> list[SiteLine]:
    """Find the lines that sites repeat, sorted by site and line.

    The result does not depend on the order of the pages.
    """
    stories: dict[str, set[str]] = defaultdict(set)
    carriers: dict[tuple[str, str], set[str]] = defaultdict(set)
    written: dict[tuple[str, str], str] = {}
    for page in pages:
        stories[page.site].add(page.story)
        rows = page.text.split("\n")
        for number, key in _keys(rows):
            line_id = page.site, key
            carriers[line_id].add(page.story)
            line = rows[number].strip()
            written[line_id] = min(written.get(line_id, line), line)
    return [
        SiteLine(site, key, written[site, key], len(line_stories), len(stories[site]))
        for (site, key), line_stories in sorted(carriers.items())
        if len(line_stories) >= max(LEAST_STORIES, LEAST_SHARE * len(stories[site]))
    ]


def adopt(
    learned: Iterable[SiteLine],
    *,
    pinned: Iterable[tuple[str, str]] = (),
    forbidden: Iterable[tuple[str, str]] = (),
) -> SiteLines:
    """Make a set to clean with from what was learned and what people said, as (site, line).

    A pinned line is cut wherever it stands on the site's pages, a forbidden one never; where
    both name a line, it is forbidden.
    """
    line_ids = {(line.site, line.key) for line in learned}
    line_ids |= {(site, key_of(line)) for site, line in pinned}
    line_ids -= {(site, key_of(line)) for site, line in forbidden}
    keys: dict[str, set[str]] = defaultdict(set)
    for site, key in line_ids:
        if key:
            keys[site].add(key)
    digest = hashlib.sha256(repr(sorted(line_ids)).encode()).hexdigest()
    return SiteLines(digest[:12], {site: frozenset(site_keys) for site, site_keys in keys.items()})


def without_site_lines(text: str, site: str, lines: SiteLines) -> tuple[str, tuple[Cut, ...]]:
    """Cut the site's lines from a text. ``position`` of a cut counts the text's lines from 0."""
    keys = lines.keys.get(site)
    if not keys:
        return text, ()
    rows = text.split("\n")
    cut = _at_most_half(_cut(rows, keys), rows)
    if not cut:
        return text, ()
    remaining = "\n".join(row for number, row in enumerate(rows) if number not in cut)
    cuts = tuple(
        Cut(CutKind.SITE, f"site_lines:{lines.version}", number, rows[number].strip())
        for number in sorted(cut)
    )
    return re.sub(r"\n{3,}", "\n\n", remaining).strip("\n"), cuts


def key_of(line: str) -> str:
    """Return the key of a line; in short lines numbers do not count ("12 comments")."""
    key = line_key(line)
    return _DIGITS.sub("0", key) if line_length(line) < SHORT_LINE else key


def _keys(rows: Sequence[str]) -> Iterable[tuple[int, str]]:
    for number, row in enumerate(rows):
        key = key_of(row)
        if key:
            yield number, key


def _cut(rows: Sequence[str], keys: frozenset[str]) -> set[int]:
    """Choose the repeated lines that are the site's by where they stand."""
    full = list(_keys(rows))
    repeated = [key in keys for _, key in full]
    short = [line_length(rows[number]) < SHORT_LINE for number, _ in full]
    foot = _block(repeated[::-1], short[::-1])
    cut = _block(repeated, short) | {len(full) - 1 - index for index in foot}
    for index in range(len(full)):
        # A short line alone between lines of the story is a heading of the story's kind.
        beside = repeated[max(0, index - 1) : index] + repeated[index + 1 : index + 2]
        if repeated[index] and any(beside) and short[index]:
            cut.add(index)
    return {full[index][0] for index in cut}


def _at_most_half(cut: set[int], rows: Sequence[str]) -> set[int]:
    """Take the lines nearest to the edges, as long as half of the words remain."""
    room = MOST_CUT * sum(map(line_length, rows))
    allowed = set()
    for number in sorted(cut, key=lambda n: (min(n, len(rows) - 1 - n), n)):
        room -= line_length(rows[number])
        if room < 0:
            break
        allowed.add(number)
    return allowed


def _block(repeated: Sequence[bool], short: Sequence[bool]) -> set[int]:
    """Return the repeated lines from the edge on, up to the story."""
    block: set[int] = set()
    since = 0
    for index, again in enumerate(repeated):
        since = 0 if again else since + 1
        if since > MOST_GAP or not (again or short[index]):
            break
        if again:
            block.add(index)
    return block
