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
from copydesk.tasks.cleaning.html.page_analysis import Reading
from copydesk.tasks.cleaning.html.parser_limits import parsed
from training.labels import WORD, block_labels, loose_labels

FOLDS = 5

SETS = {
    "wcxb": "wcxb-dev-articles.parquet",
    "fundus": "fundus-dev.parquet",
    "wordpress": "wordpress-dev.parquet",
    "other": "wcxb-dev-other-pages.parquet",
}


@dataclass(slots=True)
class Example:
    """One page with its truth. ``group`` is what folds must not part: a domain, a publisher."""

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

    def reading(self, model: Forest) -> Reading:
        """Read the page with a model of the blocks, as cleaning does."""
        chance = model.chance(self.rows)
        kept = self.choice(chance)
        return Reading(self.page, self.declared, self.evidence, self.rows, chance, kept)

    def choice(self, chance: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Choose blocks by their chances, as cleaning does."""
        return best_choice(chance, self.rows[:, columns()["text:words"]])

    @property
    def fold(self) -> int:
        """Give the fold of the page's group."""
        return fold_of(self.group)


def fold_of(group: str) -> int:
    """Give the fold of a group, the same in every run."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


def tokens(text: str) -> Counter[str]:
    """Count the words of a text as WCXB's metric does."""
    return Counter(WORD.findall(text.lower()))


def f1(ours: Counter[str], truth: Counter[str]) -> tuple[float, float, float]:
    """Give precision, recall and F1 of two multisets of words."""
    shared = sum((ours & truth).values())
    if not shared:
        return (0.0, 0.0, 0.0)
    mine, theirs = sum(ours.values()), sum(truth.values())
    return shared / mine, shared / theirs, 2 * shared / (mine + theirs)


def records(folder: Path, source: str) -> Iterator[dict[str, Any]]:
    """Read a set's rows."""
    for batch in pq.ParquetFile(folder / SETS[source]).iter_batches(batch_size=16):
        for record in batch.to_pylist():
            record.setdefault("page_type", "article")
            yield record


def examples(folder: Path, sources: Iterable[str]) -> Iterator[Example]:
    """Read the sets' pages; those without any text block are left out."""
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
            yield Example(
                source=source,
                kind=record["page_type"],
                group=group_of(source, record, number),
                page=page,
                evidence=evidence,
                declared=declared,
                rows=features(page, declared),
                labels=_labels(page.text, record["text"] or ""),
                words=np.array([len(WORD.findall(text)) for text in page.text]),
                record=record,
            )


def group_of(source: str, record: dict[str, Any], number: int) -> str:
    """Name what the page shares with others of its make."""
    if source in ("fundus", "wordpress"):
        return str(record["publisher" if source == "fundus" else "locale"])
    return domain(record["url"]) or f"page {number}"


def domain(url: str | None) -> str:
    """Give the registrable domain, near enough to part sites."""
    host = (urlsplit(url).hostname or "") if url else ""
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])


def _labels(blocks: list[str], truth: str) -> NDArray[np.float32]:
    """Take the alignment in order, unless the truth has another order than the page."""
    wanted = tokens(truth)
    in_order, anywhere = block_labels(blocks, truth), loose_labels(blocks, truth)
    scores = []
    for labels in (in_order, anywhere):
        chosen = (block for block, label in zip(blocks, labels, strict=True) if label >= 0.5)
        scores.append(f1(tokens("\n".join(chosen)), wanted)[2])
    return in_order if scores[0] >= scores[1] else anywhere
