"""Guides that are made of copied pages for training."""

from __future__ import annotations

import numpy as np

from training.text_data import CopiedPage, Example, example
from training.text_guides import GUIDE, guides

STORY = [
    "The tide came in at seven, and it took the chairs along. Nobody had tied them to the rail.",
    "By eight they were seen beyond the lighthouse, still in a row; the keeper counted them twice.",
    "In the evening, when the wind had turned, eleven of the twelve lay on the beach again.",
    "The twelfth is missed by the café at the pier, which had lent it to the town for summer.",
]


def copied_pages(count: int) -> list[Example]:
    read = []
    for number in range(count):
        body = "\n\n".join(text * (1 + number % 3) for text in STORY)
        menu = "\n".join(f"Menu {item}" for item in range(number + 4))
        text = f"{menu}\n\nThe chairs {number}\n{body}\n\nMenu more\nMenu again\n{menu}"
        page = CopiedPage(
            source="wcxb",
            form="browser",
            kind="article",
            group=str(number),
            page=str(number),
            url=None,
            text=text,
            title=f"The chairs {number}",
            body=body,
        )
        if (read_page := example(page)) is not None:
            read.append(read_page)
    return read


def test_a_guide_has_the_story_of_its_page_in_other_shapes() -> None:
    pages = {page.copied.page: page for page in copied_pages(30)}
    made = guides(list(pages.values()), 1)
    assert len(made) == 30
    for guide in made:
        page = pages[guide.copied.page]
        assert guide.copied.form == GUIDE
        assert guide.fold == page.fold
        assert guide.rows.shape == (len(guide.lines), page.rows.shape[1])
        assert len(guide.labels) == len(guide.words) == len(guide.lines)
        labelled = list(zip(guide.lines, guide.labels, strict=True))
        body = " ".join(line.text for line, label in labelled if label > 0.5)
        assert all(word in body for word in ("tide", "lighthouse", "evening", "twelfth"))
        assert "Menu" not in body
        assert [line.text for line, label in labelled if label == 0][:4] == [
            "Menu 0",
            "Menu 1",
            "Menu 2",
            "Menu 3",
        ]
    texts = "\n".join(guide.copied.text for guide in made)
    assert all(mark in texts for mark in ("\n• ", "\n1. ", "\t", "?\n"))


def test_guides_are_the_same_each_time() -> None:
    first, again = (guides(copied_pages(8), 3) for _ in range(2))
    assert [guide.copied.text for guide in first] == [guide.copied.text for guide in again]
    assert all(np.array_equal(a.labels, b.labels) for a, b in zip(first, again, strict=True))
