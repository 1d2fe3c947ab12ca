"""Decide which blocks belong to the article, from their position and surroundings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.metadata.model import Mark, Setting, TextBlocks
from copydesk.tasks.cleaning.metadata.timestamps import has_year
from copydesk.tasks.cleaning.vocabulary.date_labels import PUBLICATION, kind_of, kind_of_label

_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_LONG: Final = 160  # minimum characters of a paragraph; bylines and date lines are shorter

_LABEL: Final = re.compile(r"\D{0,40}(?=\d|$)")
_ALONE: Final = re.compile(r"[^\d\n]{0,20}\d[^\n]{0,32}$")  # "Oslo, 3 May 2025"
_DATE: Final = 26  # maximum characters of a date with a time: "mercredi 24 septembre 2025"
_CELLS: Final = _HEADINGS | {"td", "th", "dd", "dt"}
_MOST_BETWEEN: Final = 200  # maximum blocks between a date and the headline; menus are shorter
_LINE: Final = 240  # maximum characters of a block that is compared with a mark


def first_with(texts: Sequence[str], line: str) -> int:
    """Return the index of the first text that holds a line and is no long one, or -1."""
    if native_lines is not None:
        return int(native_lines.first_with(texts, line, _LINE))
    return next((i for i, text in enumerate(texts) if len(text) <= _LINE and line in text), -1)


class Placing:
    """The blocks around the headline, and where other texts begin.

    ``at`` is the headline's index, -1 if it was not found.
    """

    def __init__(self, blocks: TextBlocks, at: int) -> None:
        self.blocks = blocks
        self.at = at
        self._settings: dict[int, Setting] = {}
        count = len(blocks.texts)
        self.last = next((i for i in range(count - 1, -1, -1) if blocks.in_article[i]), None)
        self.end = self._end()
        self._lines: dict[str, int] = {}
        # The last block before the headline that is furniture (-1: none), and from where on the
        # blocks were searched for it.
        self._furniture = -1
        self._searched = at

    def _setting(self, index: int) -> Setting:
        """Return the surroundings of a block (cached)."""
        setting = self._settings.get(index)
        if setting is None:
            setting = self._settings[index] = self.blocks.setting(index, self.at)
        return setting

    def _end(self) -> int:
        """Return the index of the first heading after the body, from which other texts follow."""
        blocks = self.blocks
        count = len(blocks.texts)
        if self.last is None:
            return count
        start = max(self.last, self.at) + 1
        for index, tag in enumerate(blocks.tags[start:], start):
            if tag in _HEADINGS and not self._is_label(index):
                return index
        return count

    def _is_label(self, index: int) -> bool:
        """Return whether a heading labels a date or a box about the author."""
        texts = self.blocks.texts
        if kind_of_label(texts[index]) or self._setting(index).author:
            return True
        below = texts[index + 1] if index + 1 < len(texts) else ""
        return len(below) <= _DATE and has_year(below)

    def is_other(self, index: int) -> bool:
        """Return whether a block belongs to other texts or to readers' comments."""
        return index >= self.end or self._among_others(index)

    def _among_others(self, index: int) -> bool:
        setting = self._setting(index)
        if setting.others or setting.readers:
            return True
        return setting.aside and not setting.author and index >= self.first_paragraph

    def is_aside(self, index: int) -> bool:
        """Return whether a block is not one of the article's own lines, such as a caption."""
        if self.is_other(index):
            return True
        setting = self._setting(index)
        return setting.picture or setting.quoted or (setting.furniture and index < self.at)

    def is_undated(self, index: int) -> bool:
        """Return whether a date in the block is not the article's, such as today's in the header.

        What says "Published" by the date counts wherever it stands, but among other texts.
        """
        if self._is_foreign(index):
            return True
        if self._says_published(index):
            return False
        if self.is_aside(index) or self._setting(index).furniture:
            return True
        if self._is_within(index):
            return True
        return self._has_furniture_from(max(index + 1, self.at - _MOST_BETWEEN))

    def _has_furniture_from(self, start: int) -> bool:
        """Return whether a block between one with this index and the headline is furniture."""
        while start < self._searched and self._furniture < 0:
            self._searched -= 1
            if self._setting(self._searched).furniture:
                self._furniture = self._searched
        return self._furniture >= start

    def _is_within(self, index: int) -> bool:
        """Return whether a block is part of the running text, whose dates belong to the story.

        A date on its own line, or with a place at the end of the text, is not.
        """
        blocks = self.blocks
        if self.last is None or not blocks.in_article[index] or index < self.first_paragraph:
            return False
        text = blocks.texts[index]
        is_short = len(text) <= _DATE or (index == self.last and _ALONE.match(text))
        if is_short and blocks.tags[index] not in _CELLS:
            return False
        label = _LABEL.match(text)
        return index < self.last - 1 or not (label and kind_of(label[0]))

    def _is_foreign(self, index: int) -> bool:
        setting = self._setting(index)
        return setting.others or setting.readers or setting.picture or setting.quoted

    def _says_published(self, index: int) -> bool:
        texts = self.blocks.texts
        label = _LABEL.match(texts[index])
        kind = kind_of(" ".join(label[0].split()[:2])) if label is not None else ""
        if kind:
            return kind == PUBLICATION
        return index > 0 and kind_of_label(texts[index - 1]) == PUBLICATION

    def is_mark_aside(self, mark: Mark) -> bool:
        """Return whether an element's date is not the article's."""
        at = self._line_of(mark)
        if at < 0:
            return False
        texts = self.blocks.texts
        is_own_line = at < self.end and 2 * len(mark.text) >= len(texts[at]) and at > self.at
        if is_own_line or (at < self.end and kind_of(mark.label) == PUBLICATION):
            return self._is_foreign(at)
        return self.is_undated(at)

    def is_mark_of_others(self, mark: Mark) -> bool:
        """Return whether an element's text belongs to another text."""
        at = self._line_of(mark)
        return at >= 0 and self._among_others(at)

    def is_mark_beyond(self, mark: Mark) -> bool:
        """Return whether an element follows the article, where other texts begin."""
        return self._line_of(mark) >= self.end

    def is_teaser(self, mark: Mark) -> bool:
        """Return whether an element is in a list, or below the heading of another text."""
        if "<li" in mark.within:
            return True
        above = self._line_of(mark) - 1
        return above > self.end and self.blocks.tags[above] in _HEADINGS

    def is_text_of_others(self, text: str) -> bool:
        """Return whether a block belongs to another text."""
        texts = self.blocks.texts
        return text in texts and self.is_other(texts.index(text))

    def _line_of(self, mark: Mark) -> int:
        """Return the index of the first block that equals the element's first line, or -1."""
        line = mark.text.partition("\n")[0]
        if line not in self._lines:
            self._lines[line] = self._find(line)
        return self._lines[line]

    def _find(self, line: str) -> int:
        try:
            return self.blocks.texts.index(line)
        except ValueError:
            return first_with(self.blocks.texts, line) if line else -1

    @cached_property
    def first_paragraph(self) -> int:
        """Return the index of the body's first long paragraph after the headline."""
        blocks = self.blocks
        for index in range(self.at + 1, len(blocks.texts)):
            if blocks.in_article[index] and len(blocks.texts[index]) > _LONG:
                return index
        return len(blocks.texts)

    def edges(self, first: int, last: int) -> Sequence[str]:
        """Return the article's first and last texts, where reports name their reporters."""
        blocks = self.blocks
        indexes = [
            i
            for i in range(self.at + 1, min(self.end + 2, len(blocks.texts)))
            if blocks.in_article[i]
        ]
        return [
            blocks.texts[i] for i in (*indexes[:first], *indexes[max(first, len(indexes) - last) :])
        ]
