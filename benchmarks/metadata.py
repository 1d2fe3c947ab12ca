"""Title, date and authors of real pages against their truth, beside trafilatura and htmldate.

    python benchmarks/metadata.py [--data ../shared/data] [--errors authors] [SET ...]

What counts as right, for every system alike:

- title: equal after NFKC, case folding, typographic quotes, dashes and dots as ASCII, and
  white space as single spaces;
- date: the truth's day (or month, where it has no day) is the timestamp's in its own zone;
- authors: the same names in the same order, folded as titles are. A byline in one string is
  parted at ``, ; | &`` and "and"; degrees (MD, Ph.D.) and "Dr." are dropped on both sides.

Pages whose truth has no date or author do not count; on how many of them a system still
gives one is in the column ``extra``. Times are CPU milliseconds a page, each page given to
every system in turn; copydesk's is for a tree that is parsed and read into blocks already, as
``clean`` has it, and trafilatura's and htmldate's include their parsing.
"""

from __future__ import annotations

import argparse
import logging
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from copydesk.tasks.cleaning.html.block_settings import text_blocks
from copydesk.tasks.cleaning.html.page_analysis import read_page, shipped
from copydesk.tasks.cleaning.html.parser_limits import parsed
from copydesk.tasks.cleaning.metadata import gather, reconcile

# By set, its columns of date and authors; DAnIEL has titles alone.
SETS = {
    "wcxb-dev-articles": "publish_date, author",
    "fundus-dev": "published_at, authors",
    "wordpress-dev": "date, author",
    "wordpress-dressed-dev": "date, author",
    "daniel-dev": "NULL, NULL",
}
FIELDS = ("title", "date", "authors")
# After the newest page was saved: a later date is refused.
OBSERVED_AT = datetime(2026, 11, 24, tzinfo=UTC)

_FOLDED = str.maketrans(
    {"’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
    | {"–": "-", "—": "-", "‑": "-", "…": "...", "\u00ad": None, "\u200b": None}
)
_BETWEEN_NAMES = re.compile(r"\s*(?:;|\||&|,\s*and\s|,|\sand\s|\sund\s|\set\s)\s*")
_DEGREE = re.compile(r"(?:[A-Z]\.?){2,6}(?:-[A-Z0-9]+)?[*®]?(?: \d+)?|Ph\.?D\.?|M\.D\. FACLM|CEPF®")


class Page(NamedTuple):
    """A page and its truth; empty where the truth is silent."""

    html: str
    url: str | None
    title: str
    date: str
    authors: str | list[str]


class Answer(NamedTuple):
    """What a system says; None for a field that it does not give."""

    title: str | None
    date: str | None
    authors: str | list[str] | None


@dataclass
class Score:
    """One system's counts on one set, by field."""

    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    extra: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    seconds: list[float] = field(default_factory=list)


def folded(text: str | None) -> str:
    """Fold a title or a name for comparison."""
    text = unicodedata.normalize("NFKC", (text or "").translate(_FOLDED)).translate(_FOLDED)
    return " ".join(text.casefold().split())


def names(authors: str | list[str] | None) -> list[str]:
    """Give the names of a byline, or of a list, folded."""
    parts = _BETWEEN_NAMES.split(authors) if isinstance(authors, str) else authors or []
    bare = [re.sub(r"\s*\(.*\)$", "", p.removeprefix("Dr. ").removeprefix("Dr ")) for p in parts]
    return [folded(part) for part in bare if part and not _DEGREE.fullmatch(part)]


def same_authors(answer: str | list[str] | None, truth: str | list[str]) -> bool:
    """Tell whether the names are the same; a body with "and" in its name is one."""
    if names(answer) == names(truth):
        return True
    return (
        isinstance(truth, str)
        and isinstance(answer, list)
        and list(map(folded, answer)) == [folded(truth)]
    )


def pages(data: Path, name: str) -> Iterator[Page]:
    """Read a set; each names its columns in its own way."""
    path = str(data / f"{name}.parquet")
    for row in duckdb.sql(f"SELECT html, url, title, {SETS[name]} FROM '{path}'").fetchall():
        html, url, title, date, authors = row
        yield Page(html, url, title, (date or "")[:10], authors or "")


def copydesk(page: Page) -> tuple[Answer, float]:
    """Ours, on a tree and blocks that cleaning has anyway."""
    tree = parsed(page.html)
    # The body is chosen by the shipped model, which has seen these pages; metadata are not learned.
    analysis = read_page(tree, page.url, shipped())
    if analysis is None:
        return Answer(None, None, None), 0.0
    blocks = text_blocks(analysis.page, analysis.retained.tolist())
    start = time.process_time()
    metadata = reconcile(
        gather(tree, page.url), blocks=blocks, url=page.url, observed_at=OBSERVED_AT
    )
    spent = time.process_time() - start
    day = metadata.published_at.date().isoformat() if metadata.published_at else None
    return Answer(metadata.title, day, list(metadata.authors)), spent


def trafilatura(page: Page) -> tuple[Answer, float]:
    """The best of the general extractors on text; its metadata come with extraction alone."""
    from trafilatura import extract_metadata

    start = time.process_time()
    extracted = extract_metadata(page.html, default_url=page.url)
    spent = time.process_time() - start
    authors = (extracted.author or "").split("; ") if extracted and extracted.author else None
    return Answer(
        extracted.title if extracted else None, extracted.date if extracted else None, authors
    ), spent


def htmldate(page: Page) -> tuple[Answer, float]:
    """Dates alone."""
    from htmldate import find_date

    start = time.process_time()
    try:
        date = find_date(page.html, url=page.url, original_date=True)
    except (ValueError, TypeError):
        date = None
    return Answer(None, date, None), time.process_time() - start


def extruct(page: Page) -> tuple[Answer, float]:
    """Structured data alone, not weighed: for its time."""
    from extruct import extract

    start = time.process_time()
    try:
        extract(page.html, syntaxes=["json-ld", "opengraph", "microdata"], uniform=True)
    except Exception:
        return Answer(None, None, None), time.process_time() - start
    return Answer(None, None, None), time.process_time() - start


SYSTEMS: dict[str, Callable[[Page], tuple[Answer, float]]] = {
    "copydesk": copydesk,
    "trafilatura": trafilatura,
    "htmldate": htmldate,
    "extruct": extruct,
}


def judge(page: Page, answer: Answer) -> dict[str, bool | None]:
    """Tell by field whether a system is right; None where the truth is silent."""
    return {
        "title": folded(answer.title) == folded(page.title),
        "date": (answer.date or "").startswith(page.date) if page.date else None,
        "authors": same_authors(answer.authors, page.authors) if page.authors else None,
    }


def run(name: str, data: Path, systems: Sequence[str], errors: str | None) -> None:
    """Measure the systems on one set, page by page in turn, and print the table."""
    scores = {system: Score() for system in systems}
    with_truth = dict.fromkeys(FIELDS, 0)
    total = 0
    for number, page in enumerate(pages(data, name)):
        total += 1
        for system in systems:
            answer, spent = SYSTEMS[system](page)
            score = scores[system]
            score.seconds.append(spent)
            for which, right in judge(page, answer).items():
                score.right[which] += right is True
                score.extra[which] += right is None and bool(getattr(answer, which))
                if system == "copydesk" and which == errors and right is False:
                    print(f"  {number} {getattr(page, which)!r} but {getattr(answer, which)!r}")
        for which, right in judge(page, Answer(None, None, None)).items():
            with_truth[which] += right is not None
    print(f"\n{name}: {total} pages, " + ", ".join(f"{with_truth[f]} with {f}" for f in FIELDS))
    print(f"{'':12}{'title':>8}{'date':>8}{'authors':>9}{'extra date':>12}{'authors':>9}{'ms':>8}")
    for system, score in scores.items():
        reported = (
            FIELDS if system in {"copydesk", "trafilatura"} else ("date",) * (system == "htmldate")
        )
        shares = {
            f: f"{score.right[f] / with_truth[f]:.3f}" if f in reported and with_truth[f] else ""
            for f in FIELDS
        }
        extra = {f: str(score.extra[f]) if f in reported else "" for f in FIELDS}
        print(
            f"{system:12}{shares['title']:>8}{shares['date']:>8}{shares['authors']:>9}"
            f"{extra['date']:>12}{extra['authors']:>9}"
            f"{1000 * sum(score.seconds) / total:>8.2f}"
        )


def main() -> None:
    """Run the sets."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sets", nargs="*", default=list(SETS), help=", ".join(SETS))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="comma-separated")
    parser.add_argument("--errors", choices=FIELDS, help="print our errors of this field")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    for name in arguments.sets:
        run(name, arguments.data, arguments.systems.split(","), arguments.errors)


if __name__ == "__main__":
    main()
