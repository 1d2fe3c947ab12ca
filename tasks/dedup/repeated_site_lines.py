"""Learn the lines that a site repeats on many pages, and cut them from each page.

Lines printed below one story after another do not belong to the story: notices, menus, invitations
to subscribe. Stories are counted instead of pages, because copies and revisions of one story share
its lines for another reason (counting pages reduced the recall of near copies from .99 to .83). A
set of lines has a version and must be adopted explicitly: cleaning with one version always gives
the same text, whatever was learned later.
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
"""Minimum number of stories with a line: two may share one by chance or by copying."""

LEAST_SHARE: Final = 0.25
"""Minimum share of the site's stories with a line: results are equal between .2 and .3; below
that, headings of a site's regular columns are included."""

SHORT_LINE: Final = 10
"""Lines of fewer words are cut anywhere, next to another such line. Longer lines must belong to
a block at the start or end: a sentence within a story belongs to it even if repeated."""

MOST_GAP: Final = 2
"""Maximum consecutive short lines without repetition inside such a block: a date, a byline."""

MOST_CUT: Final = 0.5
"""Maximum share of a text's words that is cut, from its edges inwards: where more is repeated,
the story itself may follow a pattern (weather, results)."""

_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class StoryText:
    """A text to learn from; ``story`` identifies its cluster of near copies."""

    site: str
    story: str
    text: str


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A line that a site repeats: ``stories`` out of ``of`` stories of the site contain it."""

    site: str
    key: str
    line: str
    stories: int
    of: int


@dataclass(frozen=True, slots=True)
class SiteLines:
    """The lines to cut, by site; sets of the same ``version`` cut the same lines."""

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
    """Combine learned lines with manual decisions, given as (site, line), into a set to clean with.

    A pinned line is cut anywhere on the site's pages, a forbidden one never; forbidding takes
    precedence over pinning.
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
    """Cut the site's lines from a text; ``position`` of a cut is its line's index, from 0."""
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
    """Return the key of a line; short lines are compared without their numbers ("12 comments")."""
    key = line_key(line)
    return _DIGITS.sub("0", key) if line_length(line) < SHORT_LINE else key


def _keys(rows: Sequence[str]) -> Iterable[tuple[int, str]]:
    for number, row in enumerate(rows):
        key = key_of(row)
        if key:
            yield number, key


def _cut(rows: Sequence[str], keys: frozenset[str]) -> set[int]:
    """Return the indexes of the repeated lines to cut, judged by their position."""
    full = list(_keys(rows))
    repeated = [key in keys for _, key in full]
    short = [line_length(rows[number]) < SHORT_LINE for number, _ in full]
    foot = _block(repeated[::-1], short[::-1])
    cut = _block(repeated, short) | {len(full) - 1 - index for index in foot}
    for index in range(len(full)):
        # A short line alone between lines of the story is a subheading.
        beside = repeated[max(0, index - 1) : index] + repeated[index + 1 : index + 2]
        if repeated[index] and any(beside) and short[index]:
            cut.add(index)
    return {full[index][0] for index in cut}


def _at_most_half(cut: set[int], rows: Sequence[str]) -> set[int]:
    """Return the lines nearest to the edges, limited to the share ``MOST_CUT`` of the words."""
    room = MOST_CUT * sum(map(line_length, rows))
    allowed = set()
    for number in sorted(cut, key=lambda n: (min(n, len(rows) - 1 - n), n)):
        room -= line_length(rows[number])
        if room < 0:
            break
        allowed.add(number)
    return allowed


def _block(repeated: Sequence[bool], short: Sequence[bool]) -> set[int]:
    """Return the indexes of the repeated lines from the edge up to the story."""
    block: set[int] = set()
    since = 0
    for index, again in enumerate(repeated):
        since = 0 if again else since + 1
        if since > MOST_GAP or not (again or short[index]):
            break
        if again:
            block.add(index)
    return block
