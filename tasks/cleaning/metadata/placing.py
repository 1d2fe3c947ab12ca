"""Which of a page's blocks are the article's own, as seen from its headline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from copydesk.tasks.cleaning.metadata.model import Mark, TextBlocks
from copydesk.tasks.cleaning.vocabulary.date_labels import kind_of_label

_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_LONG: Final = 160  # characters of a paragraph, which no byline or date line has

_LINE: Final = 240  # characters of a block that a mark is looked for in


class Placing:
    """The blocks around the headline, and where other texts begin.

    ``at`` is the headline's number, -1 where it was not found.
    """

    def __init__(self, blocks: TextBlocks, at: int) -> None:
        self.blocks = blocks
        self.at = at
        self.end = self._end()
        self._lines: dict[str, int] = {}

    def _end(self) -> int:
        """The first heading behind the body, from which on a page shows other texts."""
        blocks = self.blocks
        count = len(blocks.texts)
        last = next((i for i in range(count - 1, -1, -1) if blocks.in_article[i]), None)
        if last is None:
            return count
        for index in range(max(last, self.at) + 1, count):
            if (
                blocks.tags[index] in _HEADINGS
                and not kind_of_label(blocks.texts[index])
                and not blocks.setting(index, self.at).author
            ):
                return index
        return count

    def is_other(self, index: int) -> bool:
        """Tell whether a block is part of other texts or of readers' comments."""
        return index >= self.end or self._among_others(index)

    def _among_others(self, index: int) -> bool:
        setting = self.blocks.setting(index, self.at)
        if setting.others or setting.readers:
            return True
        return setting.aside and not setting.author and index >= self.first_paragraph

    def is_aside(self, index: int) -> bool:
        """Tell whether a block is none of the article's own lines: a caption, a quotation, too."""
        if self.is_other(index):
            return True
        setting = self.blocks.setting(index, self.at)
        return setting.picture or setting.quoted or (setting.furniture and index < self.at)

    def is_mark_of_others(self, mark: Mark) -> bool:
        """Tell whether a mark's text stands among other texts."""
        at = self._line_of(mark)
        return at >= 0 and self._among_others(at)

    def is_mark_beyond(self, mark: Mark) -> bool:
        """Tell whether a mark's text stands behind the article, where other texts begin."""
        return self._line_of(mark) >= self.end

    def is_teaser(self, mark: Mark) -> bool:
        """Tell whether a mark stands in a list, or below a heading: that of the text it is of."""
        if "<li" in mark.within:
            return True
        above = self._line_of(mark) - 1
        return above > self.end and self.blocks.tags[above] in _HEADINGS

    def is_text_of_others(self, text: str) -> bool:
        """Tell whether a block stands among other texts."""
        texts = self.blocks.texts
        return text in texts and self.is_other(texts.index(text))

    def _line_of(self, mark: Mark) -> int:
        """The number of the first block that is a mark's first line, or -1."""
        line = mark.text.partition("\n")[0]
        if line not in self._lines:
            self._lines[line] = self._find(line)
        return self._lines[line]

    def _find(self, line: str) -> int:
        texts = self.blocks.texts
        if line in texts:
            return texts.index(line)
        if not line:
            return -1
        inside = (i for i, text in enumerate(texts) if len(text) <= _LINE and line in text)
        return next(inside, -1)

    @cached_property
    def first_paragraph(self) -> int:
        """The number of the body's first long paragraph behind the headline."""
        blocks = self.blocks
        for index in range(self.at + 1, len(blocks.texts)):
            if blocks.in_article[index] and len(blocks.texts[index]) > _LONG:
                return index
        return len(blocks.texts)

    def edges(self, first: int, last: int) -> Sequence[str]:
        """The article's own first texts and its last: where a report names its reporters."""
        blocks = self.blocks
        own = [
            i
            for i in range(self.at + 1, min(self.end + 2, len(blocks.texts)))
            if blocks.in_article[i]
        ]
        return [blocks.texts[i] for i in (*own[:first], *own[max(first, len(own) - last) :])]
