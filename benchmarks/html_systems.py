"""The extractors that html_pages.py sets side by side, each as one function of a page."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.html.article import clean_html
from copydesk.tasks.cleaning.html.model import Forest, load
from copydesk.tasks.cleaning.html.page_analysis import Models
from training.data import FOLDS, fold_of

# After the newest page was saved: a later date is refused.
OBSERVED_AT = datetime(2026, 11, 24, tzinfo=UTC)

EVERYTHING = Forest(
    np.zeros((1, 1), np.int64), np.zeros((1, 1), np.float32), np.zeros((1, 2), np.float32), 9.0, ()
)
"""Takes every page for an article, to see the text of those that are none."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a system makes of a page; ``rejected`` names why it is no article, if it says so."""

    text: str
    title: str | None = None
    date: str | None = None
    authors: tuple[str, ...] = ()
    rejected: str = ""
    seconds: float = 0.0


System = Callable[[str, str | None, str], Extraction]


def copydesk(folds: Path) -> System:
    """Ours, each page read with the models that did not see its group in training."""
    paths = [folds / f"fold-{number}.npz" for number in range(FOLDS)]
    models = [Models(load(path, "blocks"), load(path, "pages")) for path in paths]

    def system(html: str, url: str | None, group: str) -> Extraction:
        return _ours(html, url, models[fold_of(group)])

    return system


def unseen(path: Path) -> System:
    """Ours, read with models that were trained without a whole set."""
    models = Models(load(path, "blocks"), load(path, "pages"))
    return lambda html, url, _: _ours(html, url, models)


def shipped(html: str, url: str | None, group: str) -> Extraction:
    """Ours as it ships, trained on all pages: for speed alone."""
    del group
    return _ours(html, url, None)


def _ours(html: str, url: str | None, models: Models | None) -> Extraction:
    start = time.process_time()
    result = clean_html(html, url=url, observed_at=OBSERVED_AT, models=models)
    spent = time.process_time() - start
    rejected = ""
    if not isinstance(result, Article):
        rejected = result.detail
        if models is None:
            return Extraction("", rejected=rejected, seconds=spent)
        result = clean_html(
            html, url=url, observed_at=OBSERVED_AT, models=Models(models.blocks, EVERYTHING)
        )
        if not isinstance(result, Article):
            return Extraction("", rejected=rejected, seconds=spent)
    day = result.published_at.date().isoformat() if result.published_at else None
    return Extraction(result.text, result.title, day, result.authors, rejected, spent)


def trafilatura(
    html: str, url: str | None, group: str, *, favor_precision: bool = False
) -> Extraction:
    """The best of the published ones, with metadata and without comments."""
    from trafilatura import bare_extraction

    del group
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    start = time.process_time()
    try:
        extracted = bare_extraction(
            html,
            url=url,
            with_metadata=True,
            include_comments=False,
            favor_precision=favor_precision,
        )
    except Exception:
        extracted = None
    spent = time.process_time() - start
    if extracted is None:
        return Extraction("", seconds=spent)
    authors = tuple((extracted.author or "").split("; ")) if extracted.author else ()
    return Extraction(extracted.text or "", extracted.title, extracted.date, authors, seconds=spent)


def trafilatura_precise(html: str, url: str | None, group: str) -> Extraction:
    """Trafilatura in its precision mode."""
    return trafilatura(html, url, group, favor_precision=True)


def resiliparse(html: str, url: str | None, group: str) -> Extraction:
    """The fastest; no metadata."""
    from resiliparse.extract.html2text import extract_plain_text

    del url, group
    start = time.process_time()
    text = extract_plain_text(html, main_content=True, alt_texts=False)
    return Extraction(text, seconds=time.process_time() - start)


def readability(html: str, url: str | None, group: str) -> Extraction:
    """Readability's port to lxml; its text is its HTML's."""
    from lxml.html import fromstring
    from readability import Document

    del url, group
    logging.getLogger("readability").setLevel(logging.CRITICAL)
    start = time.process_time()
    try:
        document = Document(html)
        tree = fromstring(document.summary(html_partial=True))
        text, title = "\n".join(tree.itertext()), document.short_title()
    except Exception:
        text, title = "", None
    return Extraction(text, title, seconds=time.process_time() - start)


def rs_trafilatura(html: str, url: str | None, group: str) -> Extraction:
    """Trafilatura's port to Rust."""
    import rs_trafilatura as rust

    del group
    start = time.process_time()
    extracted = rust.extract(html, url=url)
    spent = time.process_time() - start
    text = getattr(extracted, "content_text", None) or getattr(extracted, "text", None) or ""
    return Extraction(text, getattr(extracted, "title", None), seconds=spent)


PEERS: dict[str, System] = {
    name: system
    for name, module, system in (
        ("trafilatura", "trafilatura", trafilatura),
        ("precise", "trafilatura", trafilatura_precise),
        ("rs_trafilatura", "rs_trafilatura", rs_trafilatura),
        ("readability", "readability", readability),
        ("resiliparse", "resiliparse", resiliparse),
    )
    if find_spec(module)
}


def remembered(system: System, folder: Path | None, name: str) -> System:
    """Keep what a peer says of each page in ``folder``; without one, ask each time."""
    return system if folder is None else partial(_remembered, system, folder / name)


def _remembered(system: System, folder: Path, html: str, url: str | None, group: str) -> Extraction:
    key = hashlib.sha256(f"{url}\0{html}".encode("utf-8", "surrogatepass")).hexdigest()
    path = folder / f"{key}.json"
    if path.exists():
        fields = json.loads(path.read_text())
        return Extraction(**{**fields, "authors": tuple(fields["authors"])})
    extraction = system(html, url, group)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(extraction)))
    return extraction
