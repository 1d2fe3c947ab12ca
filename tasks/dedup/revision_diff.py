"""Describe a revision: its kind, the share of the text that changed, and a readable diff.

Paragraphs are aligned first, then the words of changed paragraphs, both by longest common
subsequence (rapidfuzz takes milliseconds for texts of ten thousand words).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import LCSseq

from copydesk.tasks.dedup.line_keys import line_key

REWRITTEN: Final = 0.5
"""Minimum changed share of a rewrite, a different text at the same address."""

CORRECTED: Final = 0.1
"""Maximum changed share of a correction, which replaces words but adds no content."""

ONE_SIDED: Final = 0.8
"""Minimum share of the changed words that an extension adds, or a cut removes."""

FEW: Final = 40
"""Maximum changed words of a correction in which one side is longer."""

ALIKE: Final = 0.5
"""Minimum common share, of the longer paragraph, at which two paragraphs count as one, edited."""

WITHIN: Final = 0.8
"""Minimum common share, of the shorter paragraph (ten words or more), at which it was extended or
cut."""

# Words with the space after them; letters of scripts without spaces are separate tokens.
_TOKEN: Final = re.compile(
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u312f\u3400-\u9fff\uf900-\ufaff]|"
    r"[^\s\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u312f\u3400-\u9fff\uf900-\ufaff]+"
)


class ChangeKind(StrEnum):
    """The kind of a revision."""

    NONE = "none"
    REVERTED = "reverted"
    """The article had the same text before."""
    FORMATTING = "formatting"
    """The words are the same; case, punctuation or paragraphs differ."""
    HEADLINE = "headline"
    CORRECTION = "correction"
    """A few words were replaced."""
    EXTENSION = "extension"
    """Almost all changes are additions."""
    CUT = "cut"
    """Almost all changes are removals."""
    EDIT = "edit"
    """Passages were replaced."""
    REWRITE = "rewrite"


class Op(StrEnum):
    """Whether a piece of text stayed, was removed or was added."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive words of a paragraph with the same change."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between a revision and the previous one.

    ``share`` is the part of both texts' words that the other lacks, from 0 to 1, without titles.
    ``paragraphs`` is the diff: each paragraph as its spans, in reading order.
    """

    kind: ChangeKind
    share: float
    words_added: int
    words_removed: int
    title: tuple[Span, ...]
    paragraphs: tuple[tuple[Span, ...], ...]

    @property
    def title_changed(self) -> bool:
        """Return whether the title's words changed."""
        return any(span.op is not Op.SAME for span in self.title)


def compare(
    before: tuple[str, str],
    after: tuple[str, str],
    *,
    earlier: Collection[tuple[str, str]] = (),
) -> Change:
    """Compare two revisions, each given as title and text.

    ``earlier`` are the revisions before ``before``: if the text of ``after`` is among them, the
    kind is reverted.
    """
    kind, share, added, removed = measure(before, after)
    if kind is not ChangeKind.NONE and after in earlier:
        kind = ChangeKind.REVERTED
    paragraphs = tuple(_paragraphs(_split(before[1]), _split(after[1])))
    title = tuple(_spans(before[0], after[0]))
    return Change(kind, share, added, removed, title, paragraphs)


def measure(before: tuple[str, str], after: tuple[str, str]) -> tuple[ChangeKind, float, int, int]:
    """Return kind, share, words added and words removed; ten times as fast as the full diff."""
    old, new = _keys(before[1]), _keys(after[1])
    common = LCSseq.similarity(old, new)
    removed, added = len(old) - common, len(new) - common
    share = (removed + added) / max(1, len(old) + len(new))
    return _kind(before, after, share, added, removed), share, added, removed


def _kind(
    before: tuple[str, str], after: tuple[str, str], share: float, added: int, removed: int
) -> ChangeKind:
    if before == after:
        return ChangeKind.NONE
    if not added + removed:
        same_title = line_key(before[0]) == line_key(after[0])
        return ChangeKind.FORMATTING if same_title else ChangeKind.HEADLINE
    if share >= REWRITTEN and min(added, removed) > (1 - ONE_SIDED) * (added + removed):
        return ChangeKind.REWRITE
    is_small = share <= CORRECTED and added + removed <= FEW
    if added >= ONE_SIDED * (added + removed) and not (is_small and removed):
        return ChangeKind.EXTENSION
    if removed >= ONE_SIDED * (added + removed) and not (is_small and added):
        return ChangeKind.CUT
    return ChangeKind.CORRECTION if share <= CORRECTED else ChangeKind.EDIT


def difference(
    change: Change, *, context: int = 1, mark: Callable[[Span], str] | None = None
) -> str:
    """Format a change for the terminal, one line per paragraph, omitting distant unchanged ones.

    Changed words are written like wdiff's, ``[-old-]{+new+}``, unless ``mark`` formats them.
    ``context`` is the number of unchanged paragraphs shown around each changed one.
    """
    write = mark or _marked
    rows = [change.title, *change.paragraphs] if change.title_changed else [*change.paragraphs]
    changed = [any(span.op is not Op.SAME for span in row) for row in rows]
    lines, skipped = [], False
    for index, row in enumerate(rows):
        if any(changed[max(0, index - context) : index + context + 1]):
            lines.append("".join(map(write, row)))
            skipped = False
        elif not skipped:
            lines.append("…")
            skipped = True
    return "\n".join(lines)


def _marked(span: Span) -> str:
    if span.op is Op.SAME:
        return span.text
    return f"[-{span.text}-]" if span.op is Op.REMOVED else f"{{+{span.text}+}}"


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _keys(text: str) -> list[str]:
    return list(filter(None, map(_key, _TOKEN.findall(text))))


@lru_cache(maxsize=1 << 16)
def _key(token: str) -> str:
    """Return a word's comparison key; cached, since this takes half of a comparison."""
    return line_key(token)


def _paragraphs(old: list[str], new: list[str]) -> Iterator[tuple[Span, ...]]:
    """Yield the diff of two lists of paragraphs."""
    removed: list[str] = []
    added: list[str] = []
    for step in LCSseq.opcodes(old, new):
        if step.tag == "equal":
            yield from _replaced(removed, added)
            removed, added = [], []
            for text in new[step.dest_start : step.dest_end]:
                yield (Span(Op.SAME, text),)
        else:
            removed += old[step.src_start : step.src_end]
            added += new[step.dest_start : step.dest_end]
    yield from _replaced(removed, added)


def _replaced(old: list[str], new: list[str]) -> Iterator[tuple[Span, ...]]:
    """Yield the diff of two passages that have no paragraph in common.

    An edited paragraph is shown once, with its changes in place.
    """
    start = 0
    added: list[tuple[Span, ...]] = []
    for text in new:
        partner = next((n for n in range(start, len(old)) if _alike(old[n], text)), None)
        if partner is None:
            added.append((Span(Op.ADDED, text),))
            continue
        yield from ((Span(Op.REMOVED, paragraph),) for paragraph in old[start:partner])
        yield from added
        yield tuple(_spans(old[partner], text))
        start, added = partner + 1, []
    yield from ((Span(Op.REMOVED, paragraph),) for paragraph in old[start:])
    yield from added


def _alike(old: str, new: str) -> bool:
    old_keys, new_keys = _keys(old), _keys(new)
    common = LCSseq.similarity(old_keys, new_keys)
    shorter, longer = sorted((len(old_keys), len(new_keys)))
    return common >= ALIKE * max(1, longer) or (shorter >= 10 and common >= WITHIN * shorter)


def _spans(old: str, new: str) -> Iterator[Span]:
    """Yield the words of two paragraphs; common words as written in the new one."""
    old_tokens, new_tokens = _tokens(old), _tokens(new)
    removed = added = ""
    for step in LCSseq.opcodes(old_tokens, new_tokens):
        if step.tag == "equal":
            yield from _both(removed, added)
            removed = added = ""
            yield Span(Op.SAME, "".join(new_tokens[step.dest_start : step.dest_end]))
        else:
            removed += "".join(old_tokens[step.src_start : step.src_end])
            added += "".join(new_tokens[step.dest_start : step.dest_end])
    yield from _both(removed, added)


def _both(removed: str, added: str) -> Iterator[Span]:
    if removed:
        yield Span(Op.REMOVED, removed)
    if added:
        yield Span(Op.ADDED, added)


def _tokens(text: str) -> list[str]:
    """Split a paragraph into words with their following space; joined they give the paragraph."""
    return re.findall(rf"{_TOKEN.pattern}|\s+", text)
