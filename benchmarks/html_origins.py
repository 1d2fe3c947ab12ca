r"""What a stranger's pages get: each set read by models that saw none of its sites, or none of it.

    python -m training.train --folds /tmp/folds --origins /tmp/folds    # once
    python -m benchmarks.html_origins --models /tmp/folds [--cache DIR] [--languages]

A row a set (with ``--languages`` a row a language of each set, too): word F1 with the
models of the folds, which saw other sites of the same set, and with those that were trained
without the set; beside them trafilatura in its two modes, on the same pages. ``lead`` is ours
less the better of the two. A page that the folds' models refuse counts 0, as it would for a
user; ``text`` is the F1 of the text that it would have had. ``unseen`` is that of the text in any
case, its refusals are counted beside it: without WCXB's articles the model of pages would know
WCXB by its shops and listings alone. Of sets with labels by hand from other years, pages that no
longer hold their true text are left out and counted.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.html_systems import PEERS, System, copydesk, remembered, unseen
from training.data import SETS, examples, f1, tokens
from training.train import SOURCES

ORIGINS = tuple(source for source in SOURCES if source != "wordpress")
Rows = dict[tuple[str, str], dict[str, list[float]]]


def main() -> None:
    """Read the sets and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, required=True, help="folder that training wrote")
    parser.add_argument("--cache", type=Path, help="folder that keeps the peers' answers")
    parser.add_argument("--languages", action="store_true")
    parser.add_argument("--sets", default=",".join((*ORIGINS, "wordpress", "dressed")))
    parser.add_argument("--worst", type=int, default=0, help="list so many of our worst pages")
    options = parser.parse_args()
    rows: Rows = defaultdict(lambda: defaultdict(list))
    page_scores: list[tuple[float, str]] = []
    left_out: dict[str, int] = defaultdict(int)
    folds = copydesk(options.models)
    peers = {
        name: remembered(PEERS[name], options.cache, name)
        for name in ("trafilatura", "precise")
        if name in PEERS
    }
    for source in options.sets.split(","):
        if source not in SETS:
            parser.error(f"no set {source!r}: {', '.join(SETS)}")
        path = options.models / f"without-{source}.npz"
        systems = {"folds": folds, **peers}
        if path.exists():
            systems["unseen"] = unseen(path)
        for page in examples(options.data, [source]):
            if not page.holds_truth:
                left_out[source] += 1
                continue
            figures = _figures(page.record, page.group, systems)
            page_scores.append((figures["folds"], f"{source} {page.record['url']}"))
            for key in {(source, ""), (source, page.language if options.languages else "")}:
                for name, value in figures.items():
                    rows[key][name].append(value)
    _print(rows, left_out)
    for score, name in sorted(page_scores)[: options.worst]:
        print(f"  {score:.3f} {name}")


def _figures(
    record: Mapping[str, object], group: str, systems: Mapping[str, System]
) -> dict[str, float]:
    truth = tokens(str(record["text"] or ""))
    url = record["url"]
    figures: dict[str, float] = {}
    for name, system in systems.items():
        extraction = system(str(record["html"]), str(url) if url else None, group)
        precision, recall, score = f1(tokens(extraction.text), truth)
        if name == "folds":
            figures |= {"text": score, "precision": precision, "recall": recall}
        if name in ("folds", "unseen"):
            figures[f"{name} refused"] = float(bool(extraction.rejected))
        figures[name] = 0.0 if extraction.rejected and name != "unseen" else score
    return figures


def _print(rows: Rows, left_out: Mapping[str, int]) -> None:
    heads = ("pages", "folds", "unseen", "trafil.", "precise", "lead", "lead-u", "text")
    heads = (*heads, "prec.", "recall", "refused", "ref.-u")
    print(f"{'':18}" + "".join(f"{head:>9}" for head in heads))
    sets = [key for key in rows if not key[1] and "unseen" in rows[key]]
    for key in sorted(rows, key=lambda key: (list(SETS).index(key[0]), key[1])):
        _row(
            " ".join(filter(None, key)),
            {n: float(np.mean(v)) for n, v in rows[key].items()},
            len(rows[key]["folds"]),
        )
    means = {
        name: float(np.mean([np.mean(rows[key][name]) for key in sets]))
        for name in (rows[sets[0]] if sets else ())
    }
    if means:
        _row("mean over sets", means, len(sets))
    for source, count in left_out.items():
        print(f"left out, for they do not hold their truth: {count} of {source}")


def _row(title: str, of: Mapping[str, float], count: int) -> None:
    peer = max(of.get("trafilatura", 0), of.get("precise", 0))
    cells = [of.get(name) for name in ("folds", "unseen", "trafilatura", "precise")]
    cells += [of["folds"] - peer if peer else None]
    cells += [of["unseen"] - peer if peer and "unseen" in of else None]
    cells += [of.get(name) for name in ("text", "precision", "recall")]
    cells += [of.get(name) for name in ("folds refused", "unseen refused")]
    print(f"{title:18}{count:9}" + "".join(f"{'':9}" if c is None else f"{c:9.4f}" for c in cells))


if __name__ == "__main__":
    main()
