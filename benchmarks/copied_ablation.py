"""What each rule and each group of features is worth to copied text, out of fold.

    python -m training.train_text --folds /tmp/folds       # once
    python -m benchmarks.copied_ablation --models /tmp/folds [--groups [--left-out]] [--every 1]

First all pages in the browser's form are cleaned with every rule, then without each rule in turn:
word F1 and exact titles of each set, and the share of exact texts of WordPress pages, and of titles
with their bodies alone (one in four), which must come back as they are. Models
are those that saw no page of the site, and the rows below the first are differences. ``--groups``
trains the first model of lines without each group of columns instead, on the browser's form alone:
word F1 of its choice of lines on other sites of the sets, or on each set that was left out.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.copied_sets import word_f1
from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.html.block_choice import best_choice
from copydesk.tasks.cleaning.text import article, reading, selection
from copydesk.tasks.cleaning.text.features import columns
from copydesk.tasks.cleaning.text.line_scores import LineScore
from copydesk.tasks.cleaning.text.line_scores import score_lines as score
from copydesk.tasks.cleaning.text.lines import Line, read_lines
from copydesk.tasks.cleaning.text.model import Models, load
from copydesk.tasks.cleaning.text.reading import Reading, TitleChoice
from copydesk.tasks.cleaning.text.reading import read as read_text
from copydesk.tasks.cleaning.text.title_choice import Candidate
from copydesk.tasks.cleaning.title import normal_title
from training.data import fold_of
from training.text_data import FOLDS, CopiedPage, Example, addressed, example, holds_truth, pages
from training.train import exported, forest_of
from training.train_text import train_lines

SETS = ("wcxb", "fundus", "daniel", "magic-html")
EXACT = {"wordpress": "wordpress", "wordpress-dressed": "dressed"}
FORMS = ("browser", "text_main", "text_page", "alone")
ALONE_EVERY = 4
WHOLE = "all rules"

Changes = Mapping[str, Callable[..., Any]]


def _no(*_: object) -> bool:
    return False


def _same(_: object, body: Sequence[int]) -> list[int]:
    return list(body)


def _best_alone(choice: TitleChoice) -> tuple[Candidate | None, float]:
    return (choice.ranked[0], choice.chances[0]) if choice.ranked else (None, 0.0)


RULES: dict[str, Changes] = {
    "article alone": {"selection.may_be_bare": _no},
    "comment form": {"selection.is_framed": _no},
    "models over rules": {"selection.surely_other": _no},
    "entries of comments": {"selection.below_entries": _no},
    "calls and copyright": {"selection.interrupts": _no},
    "count that names the title": {"selection.heads_comments": _no},
    "sign-off above comments": {"selection.before_comments": lambda *args: args[-1]},
    "labels above shares": {"selection.without_labels": _same},
    "biography": {"selection.without_biography": lambda *args: list(args[-1])},
    "title of a mail": {"selection.opens_as_mail": _no},
    "title repeated": {"selection.repeats_line": _no},
    "title written out": {"selection._written": lambda text, _: normal_title(text)},
    "title's repetitions add up": {"reading.TitleChoice.likeliest": _best_alone},
    "consent banner": {"article.banner_end": lambda _: 0},
    "second copy": {"article.without_second_copy": lambda texts: (list(texts), ())},
    "second passage": {"article.without_second_passage": _same},
    "appeals": {"article.appeal_kind": lambda _: None},
    "names of stories": {"article.names_a_story": _no},
    "byline above": {"article.opening_bylines": lambda *_: []},
}
"""The functions that leave a rule out."""
MODULES = {"article": article, "reading": reading, "selection": selection}


def main() -> None:
    """Read the pages, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, required=True, help="folder that training wrote")
    parser.add_argument("--groups", action="store_true", help="features instead of rules")
    parser.add_argument("--left-out", action="store_true", help="leave out sets instead of sites")
    parser.add_argument("--every", type=int, default=1, help="read one in so many pages")
    options = parser.parse_args()
    measured = [page for page in pages(options.data, ("browser",)) if _measured(page)]
    alone = [page for page in measured if page.form == "alone"]
    chosen = [page for page in measured if page.form != "alone"] + alone[::ALONE_EVERY]
    if options.groups:
        groups(
            [page for page in chosen if page.form == "browser"][:: options.every], options.left_out
        )
    else:
        models = [load(options.models / f"text-fold-{fold}.npz") for fold in range(FOLDS)]
        rules(chosen[:: options.every], models)


def _measured(page: CopiedPage) -> bool:
    return page.kind == "article" and page.form in FORMS and page.source in {*SETS, *EXACT}


def rules(chosen: Sequence[CopiedPage], models: Sequence[Models]) -> None:
    """Print what each rule is worth."""
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for page in chosen:
        for name, figures in _of_page(page, models[fold_of(page.group) % FOLDS]):
            for column, figure in figures.items():
                sums[name][column].append(figure)
    names = list(sums[WHOLE])
    print(f"{'':28}" + "".join(f"{name:>18}" for name in names))
    means = {name: [np.mean(sums[name][column]) for column in names] for name in sums}
    print(f"{WHOLE:28}" + "".join(f"{mean:18.4f}" for mean in means[WHOLE]))
    for rule in RULES:
        cells = zip(means[rule], means[WHOLE], strict=True)
        print(f"{rule:28}" + "".join(f"{mean - whole:+18.4f}" for mean, whole in cells))


def _of_page(page: CopiedPage, models: Models) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the figures of a page with all rules, then without each."""
    read = cache(read_lines)
    scored: dict[int, list[LineScore]] = {}
    readings: dict[int, Reading] = {}

    def score_lines(lines: list[Line], *rest: Any) -> list[LineScore]:
        if id(lines) not in scored:
            scored[id(lines)] = score(lines, *rest)
        return list(scored[id(lines)])

    def read_once(lines: Sequence[Line], *rest: Any) -> Reading:
        if len(lines) not in readings:
            readings[len(lines)] = read_text(lines, *rest)
        return readings[len(lines)]

    with (
        patch.object(article, "read_lines", read),
        patch.object(article, "score_lines", score_lines),
        patch.object(selection, "read", read_once),
    ):
        for name, changes in {WHOLE: {}, **RULES}.items():
            with ExitStack() as stack:
                for path, function in changes.items():
                    module, _, attribute = path.partition(".")
                    owner, _, method = attribute.rpartition(".")
                    target = getattr(MODULES[module], owner) if owner else MODULES[module]
                    stack.enter_context(patch.object(target, method, function))
                yield name, _figures(page, models)


def _figures(page: CopiedPage, models: Models) -> dict[str, float]:
    result = article.clean_text(page.text, url=addressed(page), models=models)
    title, text = (result.title, result.text) if isinstance(result, Article) else ("", "")
    exact = "alone" if page.form == "alone" else EXACT.get(page.source)
    if exact:
        return {f"{exact} exact": float(_plain(text) == _plain(page.body))}
    figures = {f"{page.source} F1": word_f1(text, page.body)}
    if page.title:
        figures[f"{page.source} title"] = float(_plain(title) == _plain(page.title))
    return figures


def _plain(text: str) -> str:
    return " ".join(text.replace("\u00ad", "").replace("\u200b", "").split())


def groups(chosen: Sequence[CopiedPage], left_out: bool) -> None:
    """Print what each group of columns is worth to the first model of lines."""
    read = [made for page in chosen if (made := example(page)) is not None]
    print(f"{len(read)} pages; " + ", ".join(SETS))
    whole = _line_f1(read, [], left_out)
    print(f"{'all features':28}" + "".join(f"{value:9.4f}" for value in whole), flush=True)
    for group in sorted({_group(name) for name in columns()}):
        gone = [at for name, at in columns().items() if _group(name) == group]
        values = zip(_line_f1(read, gone, left_out), whole, strict=True)
        cells = "".join(f"{value - before:+9.4f}" for value, before in values)
        print(f"{group:28}{cells}", flush=True)


def _group(name: str) -> str:
    group = name.split(":", maxsplit=1)[0]
    return "sections" if group in ("since", "until", "count", "left") else group


def _line_f1(read: Sequence[Example], gone: Sequence[int], left_out: bool) -> list[float]:
    """Return each set's word F1 of the lines chosen, out of fold or left out, less columns."""
    saved = [page.rows[:, gone].copy() for page in read]
    run = columns()["place:from_run"]  # by it training draws the lines that it learns from
    parts = [SETS.index(page.copied.source) if left_out else page.fold % FOLDS for page in read]
    scores: dict[str, list[float]] = {source: [] for source in SETS}
    for page in read:
        page.rows[:, [at for at in gone if at != run]] = 0
    for number in sorted(set(parts)):
        used = [page for page, part in zip(read, parts, strict=True) if part != number]
        learned = [page for page in used if holds_truth(page)]
        model = exported(train_lines(learned, lambda page: page.rows), list(columns()), "lines")
        forest = forest_of(model, "lines")
        for page in (page for page, part in zip(read, parts, strict=True) if part == number):
            is_body = best_choice(forest.chance(page.rows), page.words)
            text = "\n".join(page.lines[at].text for at in np.flatnonzero(is_body))
            scores[page.copied.source].append(word_f1(text, page.copied.body))
    for page, values in zip(read, saved, strict=True):
        page.rows[:, gone] = values
    return [float(np.mean(scores[source])) for source in SETS]


if __name__ == "__main__":
    main()
