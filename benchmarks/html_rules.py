r"""What each rule cuts from HTML pages rightly and wrongly, in words, on every set.

    python -m training.train --folds /tmp/folds        # once
    python -m benchmarks.html_rules --models /tmp/folds

A row a rule and set: the pages that it touches, the words of the blocks that it cuts (or adds)
which the labels give to the page's furniture and to the article, and the change of the set's mean
word F1, rules applied one at a time to the choice of the models that saw no page of the group.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.article import LEAST_OF_TABLE
from copydesk.tasks.cleaning.html.block_choice import with_code
from copydesk.tasks.cleaning.html.foreign import foreign_passages
from copydesk.tasks.cleaning.html.model import Forest, load
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.rules import repeats, rulings
from copydesk.tasks.cleaning.html.tables import data_cells, whole_tables
from training.data import FOLDS, Example, examples, f1, tokens

SETS = ("wcxb", "fundus", "daniel", "magic", "dressed")
Kept = NDArray[np.bool_]
Chosen = dict[str, Kept]


def main() -> None:
    """Read the sets, apply each rule alone, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, required=True, help="folder that training wrote")
    options = parser.parse_args()
    forests = [load(options.models / f"fold-{fold}.npz", "blocks") for fold in range(FOLDS)]
    print(f"{'':18}{'set':9}{'pages':>7}{'right':>9}{'wrong':>9}{'F1':>9}")
    for source in SETS:
        by_rule: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        count = 0
        for page in examples(options.data, [source]):
            if page.holds_truth:
                count += 1
                for rule, figures in _of_page(page, forests[page.fold]).items():
                    by_rule[rule].append(figures)
        for rule, rows in sorted(by_rule.items()):
            right, wrong, gain = np.array(rows).sum(axis=0)
            cells = f"{len(rows):7}{right:9.0f}{wrong:9.0f}{gain / count:9.4f}"
            print(f"{rule:18}{source:9}{cells}")


def _of_page(page: Example, model: Forest) -> dict[str, tuple[float, float, float]]:
    """Give the words changed rightly and wrongly, and the gain in F1, by rule."""
    analysis = page.analysis(model)
    before = _score(page, analysis.retained)
    figures = {}
    for rule, mask in _by_rule(page, analysis).items():
        changed = mask != analysis.retained
        right = changed & (mask == (page.labels >= 0.5))
        figures[rule] = (
            float(page.words[right].sum()),
            float(page.words[changed & ~right].sum()),
            _score(page, mask) - before,
        )
    return figures


def _by_rule(page: Example, analysis: PageAnalysis) -> Chosen:
    """Apply each rule alone; those that change nothing are left out."""
    mask = analysis.retained
    indexes = np.flatnonzero(mask).tolist()
    title = page.record.get("title") or analysis.declared.title
    ruled = foreign_passages(analysis, indexes) + rulings(page.page, indexes, title)
    ruled += repeats(page.page, indexes)
    after: Chosen = {}
    for ruling in ruled:
        after.setdefault(ruling.rule, mask.copy())[ruling.index] = False
    adding: dict[str, Callable[[PageAnalysis], Kept]] = {
        "whole_tables": lambda r: whole_tables(
            data_cells(r.page), r.retained, LEAST_OF_TABLE, r.words
        ),
        "with_code": lambda r: with_code(r.page, r.retained),
    }
    after |= {name: judge(analysis) for name, judge in adding.items()}
    return {rule: choice for rule, choice in after.items() if (choice != mask).any()}


def _score(page: Example, mask: Kept) -> float:
    text = "\n".join(page.page.text[index] for index in np.flatnonzero(mask))
    return f1(tokens(text), tokens(page.record["text"] or ""))[2]


if __name__ == "__main__":
    main()
