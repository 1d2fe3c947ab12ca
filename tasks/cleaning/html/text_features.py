"""Features of a block's own text: its characters, its words, and its repetitions in the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.character_counts import (
    CLASSES,
    DENSE,
    EXTRA,
    character_counts,
    combined,
)
from copydesk.tasks.cleaning.html.declared_body import Declared
from copydesk.tasks.cleaning.html.native import native_texts
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.vocabulary import block_words
from copydesk.tasks.cleaning.vocabulary.class_names import TAGS

LOOKED_AT = 300
"""Maximum characters of a block whose words are read: furniture and headlines are short."""
_MARKUP = re.compile(r"<[^<>]{0,500}>")
_HEAD_OF_BLOCK = 60  # characters that are searched for in a declared body

(
    LINES,
    COLON,
    REPEATS,
    EARLIER,
    WORDS,
    TITLED,
    DESCRIBED,
    LENGTH,
    LINKED,
    STRONG,
    LINKS,
    IMAGES,
    TAG,
) = range(CLASSES, CLASSES + 13)
FIGURES = CLASSES + 13


@dataclass(frozen=True, slots=True)
class Texts:
    """Measurements of the blocks' texts.

    ``figures`` is (FIGURES, blocks): the number of characters of each class (by its bit), the line
    breaks, whether a colon ends it, how often the text occurs on the page and how often before, its
    words, the different words that it shares with the title and the description (none for long
    blocks), its length in English letters, the same in links and in bold, the links, the images
    before it, and its container's tag. ``ends`` is (3, blocks): the classes of the first and of the
    last character, and the groups of furniture words (bits).
    """

    figures: NDArray[np.float32]
    ends: NDArray[np.int64]


def measure(page: Page, title: frozenset[str], summary: frozenset[str]) -> Texts:
    """Measure the blocks; ``title`` and ``summary`` are words in lower case."""
    if native_texts is None:
        return counted(page, title, summary)
    table, combinations, _ = combined()
    figures = np.empty((FIGURES, len(page)), np.float32)
    ends = np.empty((3, len(page)), np.int64)
    native_texts.measure(page, title, summary, table, combinations, figures, ends)
    return Texts(figures, ends)


def counted(page: Page, title: frozenset[str], summary: frozenset[str]) -> Texts:
    """Measure the blocks; the Python version of the compiled loop."""
    texts, tags = page.text, page.containers.tag
    counts, first, last = character_counts(texts)
    figures = np.empty((FIGURES, len(texts)), np.float32)
    figures[:CLASSES] = counts.T
    lower = [text.lower() for text in texts]
    short = [text if len(text) <= LOOKED_AT else "" for text in lower]
    words = [block_words.words_of(text) for text in short]
    occurrences: dict[str, int] = {}
    for index, text in enumerate(lower):
        figures[EARLIER, index] = occurrences.get(text, 0)
        occurrences[text] = occurrences.get(text, 0) + 1
    rows: dict[int, list[Any]] = {
        LINES: [text.count("\n") for text in texts],
        COLON: [text[-1] in ":：" for text in texts],
        REPEATS: [occurrences[text] for text in lower],
        WORDS: [len(word_list) for word_list in words],
        TITLED: [len(title.intersection(word_list)) for word_list in words],
        DESCRIBED: [len(summary.intersection(word_list)) for word_list in words],
    }
    columns = {LINKS: page.links, IMAGES: page.images}
    rows |= {row: column.tolist() for row, column in columns.items()}
    sizes = np.array([len(text) for text in texts], np.float64)
    said_more = sizes + EXTRA * counts[:, DENSE.bit_length() - 1].astype(np.float64)
    density = said_more / sizes
    rows[LENGTH] = said_more.tolist()
    rows[TAG] = [TAGS.get(tags[box], 0) for box in page.container]
    for row, values in rows.items():
        figures[row] = values
    # Link characters are counted before white space is joined.
    figures[LINKED] = np.minimum(np.asarray(page.linked, np.float64), sizes) * density
    figures[STRONG] = np.asarray(page.strong, np.float64) * density
    furniture_groups = [
        block_words.word_groups(block_words.WORD.findall(text))
        if len(word_list) <= block_words.LONGEST
        else 0
        for text, word_list in zip(short, words, strict=True)
    ]
    return Texts(figures, np.array([first, last, furniture_groups], np.int64))


def _flat(body: str) -> str:
    """Return a declared body without markup, with one space between words."""
    if "<" in body:
        body = _MARKUP.sub(" ", body)
    return " ".join(body.split())


def in_body(texts: list[str], declared: Declared) -> NDArray[np.float32]:
    """Return 1 for texts that the declared body contains, 0 for others; -1 if there is none."""
    body = _flat(declared.body).lower()
    if not body:
        found = np.empty(len(texts), np.float32)
        found.fill(-1)
        return found
    return texts_in(texts, body)


def texts_in(texts: list[str], body: str) -> NDArray[np.float32]:
    """Return 1 for texts whose beginning occurs in a body in lower case, 0 for others."""
    if native_texts is not None:
        found = np.empty(len(texts), np.float32)
        native_texts.heads_in(texts, body, _HEAD_OF_BLOCK, found)
        return found
    heads = (text[: 2 * _HEAD_OF_BLOCK].lower()[:_HEAD_OF_BLOCK] for text in texts)
    return np.array([head in body for head in heads], np.float32)


def joined(texts: list[str], indexes: list[int]) -> str:
    """Return some of the texts in lower case, with a space between them."""
    if native_texts is not None:
        lower: str = native_texts.in_lower_case(texts, indexes)
        return lower
    return " ".join([texts[index].lower() for index in indexes])
