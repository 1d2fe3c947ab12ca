"""Guides made of copied pages: their paragraphs as lists, tables, steps, sections with headings.

The sections are those of ``training.guides``, as a browser copies them: mostly without marks at the
items of lists, a table's row in one line. Above, between and below them stands what copied pages
have there. The pages are made while training, and no text leaves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.guides import (
    BEHIND,
    FEWEST_LINES,
    LEAST_CHARS,
    LONGEST_RUN,
    SURELY,
    SURELY_NOT,
    Run,
    SectionMaker,
)
from training.page_tree import Element, Passage
from training.text_data import FOLDS, Example, example

GUIDE = "guide"
"""The form of these pages."""
_MARKS = ("", "", "", "", "", "* ", "• ", "- ", "{}. ")
_WITH_BLANKS = frozenset({"p", "pre", "blockquote"})
_GROUPS = frozenset({"ul", "ol", "table", "dl"})


@dataclass(frozen=True, slots=True)
class _Layout:
    """How all sections of a page are copied; ``below_heading`` and ``around`` are blank lines."""

    below_heading: int
    around: int
    mark: str
    rows: bool


@dataclass(slots=True)
class _Copied:
    """A line with its label, and the blank lines that it has above and below at least."""

    text: str
    label: float
    above: int = 0
    below: int = 0


def guides(pages: Sequence[Example], seed: int) -> list[Example]:
    """Make a guide of each page that has enough paragraphs, with others of its set and fold."""
    parts: dict[tuple[str, int], list[Example]] = defaultdict(list)
    for page in pages:
        parts[page.copied.source, page.fold % FOLDS].append(page)
    made = []
    for number, part in enumerate(parts.values()):
        stories = [[page.lines[at].text for at in _paragraphs(page)] for page in part]
        stories = [story for story in stories if len(story) >= FEWEST_LINES]
        foreign = [run for page in part for run in _foreign_runs(page)]
        maker = SectionMaker(stories, foreign, seed + number)
        random = np.random.default_rng(seed + number)
        made += [guide for page in part if (guide := _guide(page, maker, random)) is not None]
    return made


def _guide(page: Example, maker: SectionMaker, random: np.random.Generator) -> Example | None:
    own = _paragraphs(page)
    if len(own) < FEWEST_LINES - 1:
        return None
    own = own[maker.lead(len(own)) :]
    root = Element("body", 0, 0, 0)
    root.children += [part(root) for part in maker.sections([page.lines[at].text for at in own])]
    layout = _Layout(
        below_heading=int(random.random() < 0.3),
        around=int(random.random() < 0.6),
        mark=str(random.choice(_MARKS)),
        rows=bool(random.random() < 0.7),
    )
    gone = set(own)
    around = [
        (at, _Copied(" " * line.indent + line.text, label, line.gap))
        for at, (line, label) in enumerate(zip(page.lines, page.labels.tolist(), strict=True))
        if at not in gone
    ]
    lines = [
        *(line for at, line in around if at < own[0]),
        *_copied(root, layout),
        *(line for at, line in around if at > own[0]),
    ]
    blank = bool(random.random() < 0.85)
    parts, below = [], 0
    for line in lines:
        parts += [""] * (max(below, line.above) if blank else 0) + [line.text]
        below = line.below
    copied = replace(page.copied, form=GUIDE, text="\n".join(parts))
    return example(copied, [line.label for line in lines])


def _copied(element: Element, layout: _Layout) -> list[_Copied]:
    """Return an element's lines."""
    tag = element.tag
    if tag == "tr" and layout.rows:
        cells = [cell for inner in element.children for cell in _copied(inner, layout)]
        return [_Copied("\t".join(cell.text for cell in cells), cells[0].label)] if cells else []
    lines: list[_Copied] = []
    for number, child in enumerate(element.children, 1):
        if isinstance(child, Element):
            inner = _copied(child, layout)
            if child.tag == "li" and inner:
                inner[0].text = layout.mark.format(number) + inner[0].text
            lines += inner
            continue
        blank = int(tag in _WITH_BLANKS)
        above, below = blank, blank
        if tag[0] == "h" and tag[1:].isdecimal():
            above, below = 1, layout.below_heading
        parts = [part for part in child.text.split("\n") if part.strip()]
        lines += [_Copied(part, child.label) for part in parts]
        if parts:
            lines[-len(parts)].above, lines[-1].below = above, below
    if tag in _GROUPS and lines:
        lines[0].above, lines[-1].below = layout.around, layout.around
    return lines


def _paragraphs(page: Example) -> list[int]:
    """Return the lines that can be paragraphs of a guide."""
    return [
        at
        for at, (line, label) in enumerate(zip(page.lines, page.labels, strict=True))
        if label >= SURELY and len(line.text) >= LEAST_CHARS
    ]


def _foreign_runs(page: Example) -> list[Run]:
    """Return the runs of two foreign lines or more within and behind the story."""
    story = np.flatnonzero(page.labels >= 0.5)
    if not len(story):
        return []
    runs: list[Run] = [[]]
    for at in range(story[0], min(len(page.lines), int(story[-1]) + BEHIND)):
        if page.labels[at] > SURELY_NOT:
            runs.append([])
            continue
        line = page.lines[at]
        runs[-1].append(("p" if line.gap else "li", Passage(line.text, 0.0)))
    return [run[:LONGEST_RUN] for run in runs if len(run) > 1]
