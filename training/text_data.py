"""The copied texts that the choice of lines learns from: rows, labels, and their origin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.copied_forms import wet
from copydesk.tasks.cleaning.text.features import features
from copydesk.tasks.cleaning.text.line_scores import LineScore, score_lines
from copydesk.tasks.cleaning.text.lines import Line, read_lines
from copydesk.tasks.cleaning.vocabulary.phrases import shipped
from training.data import HOLDS, domain, f1, fold_of, tokens
from training.labels import CHARACTER, sequence_labels
from training.text_pages import made_pages

FORMS = ("browser", "inscriptis", "w3m")
"""How the pages of ``copied-dev`` were copied."""
BLOCKS = "blocks"
"""The form of pages that tell articles from other pages alone."""
FOLDS = 3
"""A page's fold of the models of texts is its fold modulo this number."""


@dataclass(slots=True)
class CopiedPage:
    """One copied page with its true title and body; pages of one ``group`` share a fold."""

    source: str
    form: str
    kind: str
    group: str
    page: str
    url: str | None
    text: str
    title: str | None
    body: str


@dataclass(slots=True)
class Example:
    """A copied page with its lines, their features (lines x columns) and labels (0 to 1)."""

    copied: CopiedPage
    lines: list[Line]
    line_scores: list[LineScore]
    rows: NDArray[np.float32]
    labels: NDArray[np.float32]
    words: NDArray[np.float32]

    @property
    def fold(self) -> int:
        """Return the fold of the page's group."""
        return fold_of(self.copied.group)


def pages(folder: Path, forms: Sequence[str] = FORMS) -> Iterator[CopiedPage]:
    """Yield all pages: real ones in each form of copying, WordPress's, made ones, bodies alone."""
    articles: list[tuple[str, dict[str, Any]]] = []
    for number, row in enumerate(_rows(folder, "copied-dev")):
        group = domain(row["url"]) or f"page {number}"
        origin = (row["source"], row["page_type"], group, str(row["page_id"]))
        for form in forms:
            if row[form] and row[form].strip():
                yield _copied(origin, form, row, row[form])
        if row["page_type"] == "article" and row["title"]:
            title_and_body = f"{row['title']}\n\n{row['text']}"
            yield _copied(origin, "alone", row, title_and_body)
            if 300 < len(row["text"]) < 20_000:
                articles.append((group, {**row, "title": " ".join(row["title"].split())}))
    chrome = []
    for name in ("wordpress-dev", "wordpress-dressed-dev"):
        for row in _rows(folder, name):
            chrome.append(row)
            source = name.removesuffix("-dev")
            origin = (source, "article", str(row["locale"]), str(row["url"]) + str(row["theme"]))
            for form in ("text_main", "text_page"):
                yield _copied(origin, form, row, row[form])
            yield _copied(origin, "flat", row, flat(row["text_page"]))
    yield from _blocks(folder)
    for source, group, row, text, body in made_pages(chrome, articles):
        origin = (source, "article", group, str(row["page_id"]))
        copied_text = flat(text) if len(body) % 3 == 0 else text
        yield _copied(origin, source, {**row, "text": body}, copied_text)


def _blocks(folder: Path) -> Iterator[CopiedPage]:
    """Yield pages as their blocks of text, one per line: articles and many other pages.

    The models of kinds and titles alone learn from them: few pages that are no article were
    copied. The text is that of ``wet``, which no part of the package makes: weights stay the
    same when the reader of HTML changes.
    """
    for source, name in (("wcxb", "wcxb-dev-articles"), ("wcxb-other", "wcxb-dev-other-pages")):
        table = pq.ParquetFile(folder / f"{name}.parquet")
        for batch in table.iter_batches(batch_size=16):
            for number, row in enumerate(batch.to_pylist()):
                text = wet(row["html"])
                group = domain(row["url"]) or f"page {number}"
                if text.strip():
                    yield CopiedPage(
                        source=source,
                        form=BLOCKS,
                        kind=row["page_type"] or "article",
                        group=group,
                        page=str(row["page_id"]),
                        url=row["url"],
                        text=text,
                        title=row["title"],
                        body="",
                    )


def flat(text: str) -> str:
    """Return a text without indents, list marks and doubled line breaks, as a browser copies it."""
    lines = [re.sub(r"^(?:[*•+o]|\d+\.) (?=\S)", "", line.strip()) for line in text.split("\n")]
    return re.sub(r"\n{2}", "\n", "\n".join(lines))


def _copied(
    origin: tuple[str, str, str, str], form: str, row: dict[str, Any], text: str
) -> CopiedPage:
    source, kind, group, page = origin
    return CopiedPage(
        source=source,
        form=form,
        kind=kind,
        group=group,
        page=page,
        url=row["url"],
        text=text,
        title=row["title"],
        body=row["text"] or "",
    )


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(folder / f"{name}.parquet").iter_batches(batch_size=32):
        for row in batch.to_pylist():
            row.pop("html", None)
            yield row


def addressed(page: CopiedPage) -> str | None:
    """Return the address of half of the pages, None for the others: pasted text has none."""
    half = crc32(f"{page.page} {page.form}".encode()) % 2
    return page.url if half else None


def example(page: CopiedPage, true_labels: Sequence[float] | None = None) -> Example | None:
    """Return a copied page as an example, None if it has no lines.

    With ``true_labels``, which a made page has, None also if the lines are others than labelled:
    they were joined, as if the page were wrapped.
    """
    lines = read_lines(page.text)
    if not lines or (true_labels is not None and len(lines) != len(true_labels)):
        return None
    line_scores = score_lines(lines, shipped())
    rows, _ = features(lines, line_scores, addressed(page))
    texts = [line.text for line in lines]
    labels = np.zeros(len(lines), np.float32)
    if true_labels is not None:
        labels = np.array(true_labels, np.float32)
    elif page.body and page.kind == "article":
        labels = sequence_labels(texts, page.body)
    words = np.array([len(CHARACTER.findall(text)) for text in texts], np.float32)
    return Example(page, lines, line_scores, rows, labels, words)


def holds_truth(page: Example) -> bool:
    """Return whether a page's lines that are labelled as the article's make its true text."""
    labelled = (
        line.text for line, label in zip(page.lines, page.labels, strict=True) if label > 0.5
    )
    return f1(tokens("\n".join(labelled)), tokens(page.copied.body))[2] >= HOLDS
