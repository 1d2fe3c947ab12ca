r"""Articles from real pages, beside the published extractors: quality, speed, ablation.

    python -m training.train --folds /tmp/folds        # once: models that miss a fold each
    python -m benchmarks.html_pages --folds /tmp/folds [--data ../shared/data] [--cache DIR]
    python -m benchmarks.html_pages --speed 150
    python -m benchmarks.html_pages --ablate

Word F1 is WCXB's: multisets of ``\w+``, lower-cased, averaged over pages; a page without an
answer has 0. Ours is out of fold: a page is read with the models that no page of its domain
(WCXB), publisher (fundus) or locale (wordpress) trained. ``must`` and ``not`` are the shares
of a page's snippets found that must and must not be there, ``head`` the pages whose title
stands in the first three lines of the text, ``form`` those with a phrase of a comment form that
the truth has not.
For pages that are no articles, ours is scored on the text that it would give, and ``refused``
is how many it rejects.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.html_ablation import ablate
from benchmarks.html_speed import speed
from benchmarks.html_systems import PEERS, Extraction, System, copydesk, remembered
from benchmarks.metadata import FIELDS, Answer, judge
from benchmarks.metadata import Page as Truth
from copydesk.tasks.cleaning.title import repeats_title
from training.data import SETS, f1, group_of, records, tokens

_FORM = re.compile(
    r"leave a (?:reply|comment)|cancel reply|required fields are marked"
    r"|email address will not be published",
    re.I,
)

Scores = dict[str, list[float]]


def measure(record: Mapping[str, Any], extraction: Extraction) -> dict[str, float]:
    """Score one answer; a figure that the page has no truth for is missing."""
    precision, recall, score = f1(tokens(extraction.text), tokens(record["text"] or ""))
    figures = {"precision": precision, "recall": recall, "F1": score}
    flat = " ".join(extraction.text.split()).casefold()
    for name, key in (("must", "must_have"), ("not", "must_not_have")):
        snippets = [" ".join(text.split()).casefold() for text in record.get(key) or ()]
        if snippets:
            figures[name] = sum(text in flat for text in snippets) / len(snippets)
    title = record.get("title") or ""
    lines = [line for line in extraction.text.split("\n") if line.strip()][:3]
    figures["head"] = float(bool(title) and any(repeats_title(line, title) for line in lines))
    figures["form"] = float(
        _FORM.search(extraction.text) is not None and not _FORM.search(record["text"] or "")
    )
    figures["refused"] = float(bool(extraction.rejected))
    date = record.get("publish_date") or record.get("published_at") or record.get("date") or ""
    authors = record.get("author") or record.get("authors") or ""
    truth = Truth("", None, title, str(date)[:10], authors)
    right = judge(truth, Answer(extraction.title, extraction.date, list(extraction.authors)))
    figures.update({name: float(right[name] or 0) for name in FIELDS if right[name] is not None})
    return figures


def pages(folder: Path, source: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Read a set's pages with their groups."""
    for number, record in enumerate(records(folder, source)):
        yield record, group_of(source, record, number)


COLUMNS = ("precision", "recall", "F1", "must", "not", "head", "form", "refused", *FIELDS)


def table(title: str, scores: Mapping[str, Scores]) -> None:
    """Print one table, a row a system."""
    count = len(next(iter(scores.values()))["F1"])
    print(f"\n{title}: {count} pages\n{'':16}" + "".join(f"{name:>11}" for name in COLUMNS))
    for system, figures in scores.items():
        cells = (f"{np.mean(figures[n]):11.4f}" if figures.get(n) else f"{'':11}" for n in COLUMNS)
        print(f"{system:16}" + "".join(cells))


def quality(data: Path, systems: Mapping[str, System], worst: int) -> None:
    """Print the tables of all sets; the other pages by type, too."""
    for source in SETS:
        by_kind: dict[str, dict[str, Scores]] = defaultdict(
            lambda: {name: defaultdict(list) for name in systems}
        )
        page_scores: list[tuple[float, str]] = []
        for record, group in pages(data, source):
            for name, system in systems.items():
                figures = measure(record, system(record["html"], record["url"], group))
                for figure, value in figures.items():
                    by_kind[record["page_type"]][name][figure].append(value)
                if name == "copydesk":
                    page_scores.append((figures["F1"], str(record["url"])))
        for kind, scores in by_kind.items():
            table(f"{source}, {kind}", scores)
        for score, url in sorted(page_scores)[:worst]:
            print(f"  {score:.3f} {url}")


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folds", type=Path, help="folder that training --folds wrote")
    parser.add_argument("--cache", type=Path, help="folder that keeps the peers' answers")
    parser.add_argument("--only", help="systems, parted by commas")
    parser.add_argument("--worst", type=int, default=0, help="list so many of our worst pages")
    parser.add_argument("--speed", type=int, metavar="PAGES", help="time instead of quality")
    parser.add_argument("--ablate", action="store_true", help="what features and rules are worth")
    options = parser.parse_args()
    if options.speed:
        speed(options.data, options.speed)
    elif options.ablate:
        ablate(options.data)
    elif not options.folds:
        parser.error("--folds is needed: python -m training.train --folds DIR")
    else:
        systems = {"copydesk": copydesk(options.folds)}
        systems |= {n: remembered(s, options.cache, n) for n, s in PEERS.items()}
        if options.only:
            systems = {name: systems[name] for name in options.only.split(",")}
        quality(options.data, systems, options.worst)


if __name__ == "__main__":
    main()
