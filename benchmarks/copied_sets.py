"""Copied text of real sites, beside other rules and the same pages' HTML.

``python -m benchmarks.copied_sets --folds DIR [--data ../shared/data] [--every 1]`` takes the
models that ``python -m training.train_text --folds DIR`` wrote, each page read by the one that
never saw its site, and prints for each set and form of copying: word F1, the share of pages above
.9, the title exact and the title left in the head of the text, and refusals. Beside the forms that
training uses stand those of ``benchmarks/copied_forms.py``, made from the pages' HTML. ``--html``
adds trafilatura and this project's cleaner on that HTML; what they give, and the forms, are kept
in DIR.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean
from time import process_time
from typing import TypeVar

import pyarrow.parquet as pq

from benchmarks.copied_forms import forms as untrained_forms
from copydesk.schemas.article import Article, Reject
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.text.article import article_of, clean_text
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.model import Models, load
from copydesk.tasks.cleaning.text.selection import by_rules
from copydesk.tasks.cleaning.title import title_key
from copydesk.tasks.cleaning.vocabulary.phrases import shipped
from training.data import fold_of
from training.labels import CHARACTER
from training.text_data import BLOCKS, FOLDS, FORMS, CopiedPage, addressed, pages

HTML = {
    "wcxb": "wcxb-dev-articles",
    "fundus": "fundus-dev",
    "daniel": "daniel-dev",
    "magic-html": "magic-html-dev",
}
_C4_END = (".", "!", "?", '"', "”", "。", "！", "？", "।", "؟")
_C4_WORDS = 5

Value = TypeVar("Value")
Result = tuple[str, str] | None
"""Title and text; None for a refusal."""


def word_f1(got: str, expected: str) -> float:
    """Compare multisets of words; each Han, Kana and Hangul character is one."""
    got_words, expected_words = (
        Counter(CHARACTER.findall(text.lower())) for text in (got, expected)
    )
    return (
        2
        * (got_words & expected_words).total()
        / max(1, got_words.total() + expected_words.total())
    )


@dataclass
class Score:
    """Figures of one system on one set in one form."""

    f1: list[float] = field(default_factory=list)
    exact: list[bool] = field(default_factory=list)
    titles: list[bool] = field(default_factory=list)
    in_head: list[bool] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, result: Result, page: CopiedPage, seconds: float = 0.0) -> None:
        """Count one page."""
        title, text = result or ("", "")
        self.refused.append(result is None)
        self.seconds.append(seconds)
        self.f1.append(word_f1(text, page.body))
        self.exact.append(text.split() == page.body.split())
        if page.title:
            key = title_key(page.title)
            self.titles.append(" ".join(title.split()) == " ".join(page.title.split()))
            self.in_head.append(key in title_key(text[: 2 * len(page.title) + 200]))

    def __str__(self) -> str:
        high = mean(value > 0.9 for value in self.f1)
        titles = mean(self.titles) if self.titles else float("nan")
        heads = mean(self.in_head) if self.in_head else float("nan")
        figures = (mean(self.f1), high, mean(self.exact), titles, heads, mean(self.refused))
        return f"{len(self.f1):5}" + "".join(f"{figure:8.3f}" for figure in figures)


def result_of(result: Article | Reject) -> Result:
    """Give title and text."""
    return (result.title, result.text) if isinstance(result, Article) else None


def rules_alone(text: str) -> Result:
    """Clean as the rules alone do, which were all that there was before the models."""
    lines = read_lines(text)
    line_scores = score_lines(lines, shipped())
    return result_of(article_of(lines, line_scores, by_rules(lines, line_scores, None)))


def c4(text: str) -> Result:
    """Keep the lines that C4 keeps: five words and an end of a sentence; the first is the title."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    sentences = [
        line
        for line in lines
        if line.endswith(_C4_END) and len(CHARACTER.findall(line)) >= _C4_WORDS
    ]
    return (lines[0] if lines else "", "\n".join(sentences))


def html_pages(data: Path) -> Iterator[tuple[str, str, str, str]]:
    """Give (set, page, address, HTML) of the sets whose pages were copied."""
    names: dict[tuple[str, str], str] = {}
    table = pq.read_table(data / "copied-dev.parquet", columns=["page_id", "source", "url"])
    for row in table.to_pylist():
        names.setdefault((row["source"], row["url"]), str(row["page_id"]))
    for source, name in HTML.items():
        for batch in pq.ParquetFile(data / f"{name}.parquet").iter_batches(batch_size=32):
            for row in batch.to_pylist():
                page = row.get("page_id") or names.get((source, row["url"]))
                if page is not None:
                    yield source, str(page), row["url"], row["html"]


def from_html(page: str, url: str) -> dict[str, Result]:
    """Clean a page's HTML: this project's cleaner and trafilatura."""
    import trafilatura

    extracted = trafilatura.bare_extraction(
        page, url=url, with_metadata=True, include_comments=False
    )
    theirs = ((extracted.title or "", extracted.text or "")) if extracted else None
    return {
        "HTML, ours": result_of(clean(page, media_type="text/html", url=url)),
        "HTML, trafilatura": theirs,
    }


def cached(path: Path, make: Callable[[], Value]) -> Value:
    """Read what an earlier run made, or make it."""
    if path.exists():
        value: Value = pickle.loads(path.read_bytes())
        return value
    value = make()
    path.write_bytes(pickle.dumps(value))
    return value


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="read one in so many pages")
    parser.add_argument("--html", action="store_true")
    options = parser.parse_args()
    models = [load(options.folds / f"text-fold-{fold}.npz") for fold in range(FOLDS)]
    scores: dict[tuple[str, str, str], Score] = defaultdict(Score)
    read = [page for page in pages(options.data, FORMS) if _measured(page)][:: options.every]
    read += _untrained(options.data, options.folds / f"forms-{options.every}.pickle", read)
    for page in read:
        _count(page, models[fold_of(page.group) % FOLDS], scores)
    if options.html:
        _count_html(options.data, options.folds / f"from-html-{options.every}.pickle", read, scores)
    heads = ("F1", "> .9", "exact", "title", "in head", "refused")
    print(f"{'':56}{'pages':>5}" + "".join(f"{name:>8}" for name in heads))
    for (source, form, system), score in sorted(scores.items()):
        print(f"{source:26}{form:12}{system:18}{score}")
    times = sorted(
        second
        for (_, form, system), score in scores.items()
        if system == "ours" and form == "browser"
        for second in score.seconds
    )
    if times:
        print(
            f"CPU a text, browser: {1e3 * mean(times):.2f} ms, 95th percentile "
            f"{1e3 * times[int(0.95 * len(times))]:.2f} ms"
        )


def _measured(page: CopiedPage) -> bool:
    """Tell whether a page is one to measure; pages as blocks are so where they are no articles."""
    return page.form != "alone" and (page.form != BLOCKS or page.kind != "article")


def _untrained(data: Path, cache: Path, read: list[CopiedPage]) -> list[CopiedPage]:
    """Copy articles in the forms that no choice of lines is trained on."""
    copied_pages = {
        (page.source, page.page): page
        for page in read
        if page.form == "browser" and page.kind == "article"
    }

    def make() -> dict[tuple[str, str, str], str]:
        sources = [
            (source, page, html)
            for source, page, _, html in html_pages(data)
            if (source, page) in copied_pages
        ]
        return {
            (source, page, form): text
            for form, dump in untrained_forms().items()
            for (source, page, _), text in zip(
                sources, dump(html for *_, html in sources), strict=True
            )
        }

    return [
        replace(copied_pages[source, page], form=form, text=text)
        for (source, page, form), text in cached(cache, make).items()
        if text.strip()
    ]


def _count(page: CopiedPage, models: Models, scores: dict[tuple[str, str, str], Score]) -> None:
    source = page.source if page.kind == "article" else f"{page.source} {page.kind}"
    started = process_time()
    result = clean_text(page.text, url=addressed(page), models=models)
    scores[source, page.form, "ours"].add(result_of(result), page, process_time() - started)
    if page.kind == "article":
        for name, system in {"rules alone": rules_alone, "C4": c4}.items():
            scores[source, page.form, name].add(system(page.text), page)


def _count_html(
    data: Path, cache: Path, read: list[CopiedPage], scores: dict[tuple[str, str, str], Score]
) -> None:
    known = {
        (page.source, page.page): page
        for page in read
        if page.form == "browser" and page.kind == "article"
    }

    def make() -> dict[tuple[str, str], dict[str, Result]]:
        return {
            (source, name): from_html(page, url)
            for source, name, url, page in html_pages(data)
            if (source, name) in known
        }

    for key, results in cached(cache, make).items():
        for system, result in results.items():
            scores[key[0], "html", system].add(result, known[key])


if __name__ == "__main__":
    main()
