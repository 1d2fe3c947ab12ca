"""The pages that the HTML model learns from: rows, labels and weights."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.html.block_choice import best_choice
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.declared_body import Declared, declare
from copydesk.tasks.cleaning.html.features import columns, features
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.parser_limits import parsed
from training.labels import WORD, block_labels, loose_labels

FOLDS = 5
HOLDS = 0.6
"""F1 that the best choice of a page's blocks must reach: pages below it (saved after the story
had gone, or of another story) do not hold their truth, and nothing is learned from them."""

SETS = {
    "wcxb": "wcxb-dev-articles.parquet",
    "fundus": "fundus-dev.parquet",
    "daniel": "daniel-dev.parquet",
    "magic": "magic-html-dev.parquet",
    "wordpress": "wordpress-dev.parquet",
    "dressed": "wordpress-dressed-dev.parquet",
    "other": "wcxb-dev-other-pages.parquet",
}


@dataclass(slots=True)
class Example:
    """One page with its true text; pages of one ``group`` (site, publisher) share a fold."""

    source: str
    kind: str
    group: str
    page: Page
    evidence: metadata.Evidence
    declared: Declared
    rows: NDArray[np.float32]
    labels: NDArray[np.float32]
    words: NDArray[np.int64]
    record: dict[str, Any]
    holds_truth: bool
    """Whether the page contains its true text; see ``HOLDS``."""
    is_guide: bool = False
    """Whether the page was made of another one; see ``training/guides.py``."""

    def analysis(self, model: Forest) -> PageAnalysis:
        """Read the page with a model of the blocks, as cleaning does."""
        chance = model.chance(self.rows)
        is_body = self.choice(chance)
        return PageAnalysis(self.page, self.declared, self.evidence, self.rows, chance, is_body)

    def choice(self, chance: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Choose blocks by their chances, as cleaning does."""
        return best_choice(chance, self.rows[:, columns()["text:words"]])

    @property
    def language(self) -> str:
        """Return the language that the set names, if it does."""
        return str(self.record.get("language") or self.record.get("lang") or "")

    @property
    def fold(self) -> int:
        """Return the fold of the page's group."""
        return fold_of(self.group)


def fold_of(group: str) -> int:
    """Return the fold of a group, the same in every run."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


def tokens(text: str) -> Counter[str]:
    """Count the words of a text as WCXB's metric does."""
    return Counter(WORD.findall(text.lower()))


def f1(extracted: Counter[str], truth: Counter[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of two multisets of words."""
    shared = sum((extracted & truth).values())
    if not shared:
        return (0.0, 0.0, 0.0)
    extracted_words, true_words = sum(extracted.values()), sum(truth.values())
    return (
        shared / extracted_words,
        shared / true_words,
        2 * shared / (extracted_words + true_words),
    )


def records(folder: Path, source: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a set."""
    for batch in pq.ParquetFile(folder / SETS[source]).iter_batches(batch_size=16):
        for record in batch.to_pylist():
            record.setdefault("page_type", "article")
            yield record


def examples(folder: Path, sources: Iterable[str]) -> Iterator[Example]:
    """Yield the pages of the sets that have any block of text."""
    for source in sources:
        for number, record in enumerate(records(folder, source)):
            if source == "wordpress" and number % 4:
                continue  # two themes alone: a quarter shows all that they have
            tree = parsed(record["html"])
            evidence = metadata.gather(tree, record["url"])
            page = read(tree)
            declared = declare(evidence)
            if not len(page):
                continue
            labels = _labels(page, record["text"] or "")
            yield Example(
                source=source,
                kind=record["page_type"],
                group=group_of(source, record, number),
                page=page,
                evidence=evidence,
                declared=declared,
                rows=features(page, declared),
                labels=labels,
                holds_truth=holds_truth(page, labels, record["text"] or ""),
                words=np.array([len(WORD.findall(text)) for text in page.text]),
                record=record,
            )


def holds_truth(page: Page, labels: NDArray[np.float32], truth: str) -> bool:
    """Return whether the blocks that are labelled as the article's make its true text."""
    best = "\n".join(page.text[index] for index in np.flatnonzero(labels >= 0.5))
    return f1(tokens(best), tokens(truth))[2] >= HOLDS


def table_rows(page: Page) -> list[int]:
    """Number each block's row of a table by its container; -1 for blocks outside of tables."""
    tags, parents = page.containers.tag, page.containers.parent
    row = [-1] * len(tags)
    for at, (tag, above) in enumerate(zip(tags, parents, strict=True)):
        row[at] = at if tag == "tr" else row[above] if above >= 0 else -1
    return [row[box] for box in page.container]


def group_of(source: str, record: dict[str, Any], number: int) -> str:
    """Return the name of the site, publisher or locale that a page is of."""
    if source in ("fundus", "wordpress", "dressed"):
        return str(record["publisher" if source == "fundus" else "locale"])
    return domain(record["url"]) or f"page {number}"


def domain(url: str | None) -> str:
    """Return about the registrable domain: enough to tell sites apart."""
    host = (urlsplit(url).hostname or "") if url else ""
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])


def _labels(page: Page, truth: str) -> NDArray[np.float32]:
    """Return labels aligned in order, or in any order where that fits the true text better."""
    true_tokens, blocks = tokens(truth), page.text
    in_order, anywhere = block_labels(blocks, truth, table_rows(page)), loose_labels(blocks, truth)
    scores = []
    for labels in (in_order, anywhere):
        body_blocks = (block for block, label in zip(blocks, labels, strict=True) if label >= 0.5)
        scores.append(f1(tokens("\n".join(body_blocks)), true_tokens)[2])
    return in_order if scores[0] >= scores[1] else anywhere
