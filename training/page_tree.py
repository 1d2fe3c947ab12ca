"""A page's blocks as a tree that can be edited, and back: for pages made of other pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.page import Page, make
from copydesk.tasks.cleaning.vocabulary.class_names import BY_TAG, group_bit


@dataclass(slots=True)
class Passage:
    """One block of text; ``label`` is 1 for the article's, 0 for the page's."""

    text: str
    label: float = 1.0
    linked: int = 0
    strong: int = 0
    links: int = 0
    inline: int = 0
    images: int = 0


@dataclass(slots=True, eq=False)
class Element:
    """One container with what it holds, in document order."""

    tag: str
    groups: int
    landmarks: int
    key: int
    children: list[Element | Passage] = field(default_factory=list)

    def line(self) -> Passage | None:
        """Return the only passage of a paragraph; None for other elements."""
        first = self.children[0] if len(self.children) == 1 else None
        return first if isinstance(first, Passage) and self.tag in ("p", "div") else None


Child = Passage | Callable[[Element], "Element"]
"""What stands in a new element: text, or an element that is made once its holder is known."""


def container(tag: str, children: Iterable[Child], group: str = "") -> Child:
    """Give an element for whatever will hold it; ``group`` is what its class says of it."""

    def element(holder: Element) -> Element:
        bits = group_bit(group) if group else 0
        landmarks = holder.landmarks | BY_TAG.get(tag, 0)
        new = Element(tag, bits, landmarks, make(holder.key, tag, group or None))
        new.children += [child if isinstance(child, Passage) else child(new) for child in children]
        return new

    return element


def line(tag: str, passage: Passage) -> Child:
    """Give an element that holds a passage alone."""
    return container(tag, [passage])


def passage_of(page: Page, index: int, label: float) -> Passage:
    """Return a block of a page."""
    figures = (page.linked, page.strong, page.links, page.inline, page.images)
    return Passage(page.text[index], label, *(of[index] for of in figures))


def element_tree(page: Page, labels: NDArray[np.float32]) -> Element:
    """Turn a page into a tree; containers without text stand last in theirs."""
    boxes = page.containers
    columns = (boxes.tag, boxes.groups, boxes.landmarks, boxes.key)
    elements = [Element(*values) for values in zip(*columns, strict=True)]
    hung = [True] + [False] * (len(elements) - 1)

    def hang(box: int) -> None:
        path = []
        while not hung[box]:
            path.append(box)
            box = boxes.parent[box]
        for inner in reversed(path):
            elements[boxes.parent[inner]].children.append(elements[inner])
            hung[inner] = True

    for index, box in enumerate(page.container):
        hang(box)
        elements[box].children.append(passage_of(page, index, float(labels[index])))
    for box in range(len(elements)):
        hang(box)
    return elements[0]


def page_table(root: Element) -> tuple[Page, NDArray[np.float32]]:
    """Turn a tree into a page and the labels of its blocks."""
    page, labels = Page(), []
    boxes = page.containers
    waiting: list[tuple[Element | Passage, int, int]] = [(root, -1, 0)]
    while waiting:
        child, holder, depth = waiting.pop()
        if isinstance(child, Passage):
            page.text.append(child.text)
            page.container.append(holder)
            page.linked.append(child.linked)
            page.strong.append(child.strong)
            page.links.append(child.links)
            page.inline.append(child.inline)
            page.images.append(child.images)
            labels.append(child.label)
            continue
        at = len(boxes.tag)
        boxes.parent.append(holder)
        boxes.tag.append(child.tag)
        boxes.depth.append(depth)
        boxes.groups.append(child.groups)
        boxes.landmarks.append(child.landmarks)
        boxes.key.append(child.key)
        waiting += [(inner, at, depth + 1) for inner in reversed(child.children)]
    return page, np.array(labels, np.float32)


def story_element(root: Element, surely: float) -> Element | None:
    """Find the element whose own paragraphs hold most of the article; None if there are none."""
    best, size = None, 0
    waiting = [root]
    while waiting:
        current = waiting.pop()
        inner = [child for child in current.children if isinstance(child, Element)]
        lines = [passage for child in inner if (passage := child.line()) is not None]
        text = sum(len(passage.text) for passage in lines if passage.label >= surely)
        if text > size:
            best, size = current, text
        waiting += reversed(inner)
    return best
