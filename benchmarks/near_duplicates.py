"""How well near copies are found: pairs and clusters, per edit and per trap, beside peers.

    python benchmarks/near_duplicates.py [--texts ../shared/data/near-duplicates-dev.parquet]

The file has the columns ``cluster, kind, site, text``: texts of one cluster tell one article,
kinds that begin with ``hn_`` are traps. Peers see the whole text; ours also what cleaning
leaves of it, and what is left without the lines that sites repeat. What a method has to
choose (a distance, a similarity) is chosen on four fifths of the clusters and used on the last,
five times over.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from copydesk.schemas.article import Reject
from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.dedup.clusters import ARTICLES, duplicates
from copydesk.tasks.dedup.line_keys import line_words
from copydesk.tasks.dedup.pairs import RULES, PairRules, find_edges
from copydesk.tasks.dedup.repeated_site_lines import StoryText, adopt, learn, without_site_lines
from copydesk.tasks.dedup.signatures import signatures
from copydesk.tasks.dedup.tables import signature_rows

Pairs = set[tuple[int, int]]
FOLDS = 5
MONTH = date(2026, 11, 1)
GRID = [
    replace(RULES, jaccard=jaccard, containment=containment)
    for jaccard in (0.1, 0.12, 0.15, 0.2, 0.25)
    for containment in (0.4, 0.5, 0.6)
]


class Truth:
    """The pairs to find, and the fold of each text."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.clusters = table["cluster"].to_list()
        self.kinds = table["kind"].to_list()
        members: dict[int, list[int]] = defaultdict(list)
        for number, cluster in enumerate(self.clusters):
            members[cluster].append(number)
        self.pairs: Pairs = {
            pair for numbers in members.values() for pair in itertools.combinations(numbers, 2)
        }
        order = np.random.default_rng(0).permutation(sorted(members))
        fold = {int(cluster): index % FOLDS for index, cluster in enumerate(order)}
        self.folds = [fold[cluster] for cluster in self.clusters]

    def of_fold(self, pairs: Iterable[tuple[int, int]], fold: int, *, inside: bool) -> Pairs:
        """Give the pairs whose first text is in the fold, or is not."""
        return {pair for pair in pairs if (self.folds[pair[0]] == fold) == inside}


def scores(pairs: Pairs, expected: Pairs) -> tuple[float, float, float]:
    """Give precision, recall and F1."""
    right = len(pairs & expected)
    precision, recall = right / max(1, len(pairs)), right / max(1, len(expected))
    return precision, recall, 2 * right / max(1, len(pairs) + len(expected))


def rand_index(grouping: Sequence[int], other_grouping: Sequence[int]) -> float:
    """Give the adjusted Rand index of two groupings (Hubert and Arabie 1985)."""

    def pairs(counts: Iterable[int]) -> int:
        return sum(count * (count - 1) // 2 for count in counts)

    both = pairs(Counter(zip(grouping, other_grouping, strict=True)).values())
    pairs_of_first, pairs_of_other = (
        pairs(Counter(grouping).values()),
        pairs(Counter(other_grouping).values()),
    )
    expected = pairs_of_first * pairs_of_other / (len(grouping) * (len(grouping) - 1) / 2)
    return (both - expected) / ((pairs_of_first + pairs_of_other) / 2 - expected)


def followed(parents: Sequence[int]) -> list[int]:
    """Give the end of each chain."""
    ends = list(parents)
    for number in range(len(ends)):
        while ends[number] != ends[ends[number]]:
            ends[number] = ends[ends[number]]
    return ends


def closure(pairs: Pairs, count: int) -> list[int]:
    """Give the connected components: how peers make clusters."""
    parents = list(range(count))

    def root(number: int) -> int:
        while parents[number] != number:
            number = parents[number]
        return number

    for low, high in sorted(pairs):
        parents[root(max(low, high))] = root(min(low, high))
    return followed(parents)


class Ours:
    """Our edges and assignment over texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.hashes = [
            hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:32]
            for number, text in enumerate(texts)
        ]
        self.numbers = {content_hash: number for number, content_hash in enumerate(self.hashes)}
        self.rows = signature_rows(self.hashes, [MONTH] * len(texts), signatures(texts))

    def pairs(self, rules: PairRules = RULES) -> Pairs:
        """Give the pairs that are copies."""
        edges = find_edges(self.rows, rules=rules).edges
        return {
            (self.numbers[a], self.numbers[b])
            for a, b in zip(
                edges["content_hash_a"].to_pylist(),
                edges["content_hash_b"].to_pylist(),
                strict=True,
            )
            if self.numbers[a] < self.numbers[b]
        }

    def groups(self, order: Sequence[int]) -> list[int]:
        """Give each text's article, if they were published in this order."""
        count = len(self.hashes)
        articles = pa.table(
            [
                [f"{number:06}" for number in range(count)],
                self.hashes,
                pa.array([int(rank) * 1_000_000 for rank in order], pa.timestamp("us", "UTC")),
                pa.nulls(count, pa.timestamp("us", "UTC")),
            ],
            schema=ARTICLES,
        )
        parents = list(range(count))
        for row in duplicates(articles, find_edges(self.rows).edges).to_pylist():
            parents[int(row["article_id"])] = int(row["duplicate_of"])
        return followed(parents)


def exact(texts: Sequence[str]) -> Pairs:
    """Pair the texts of equal words."""
    groups = defaultdict(list)
    for number, text in enumerate(texts):
        groups[" ".join(line_words(text))].append(number)
    return {pair for numbers in groups.values() for pair in itertools.combinations(numbers, 2)}


def minhash(texts: Sequence[str]) -> Pairs:
    """Pair the texts that share one of 14 bands of 8 (the default of FineWeb and datatrove)."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=112, params=(14, 8))
    pairs: Pairs = set()
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=112)
        sketch.update_batch(
            [" ".join(shingle).encode() for shingle in zip(*_shifted(line_words(text), 5))]  # noqa: B905
        )
        pairs |= {(other, number) for other in index.query(sketch)}
        index.insert(number, sketch)
    return pairs


def simhash(texts: Sequence[str]) -> Callable[[int], Pairs]:
    """Give the pairs within a Hamming distance of 64 bits, over shingles of three words."""
    prints = []
    for text in texts:
        votes = np.zeros(64)
        for shingle in zip(*_shifted(line_words(text), 3)):  # noqa: B905
            digest = hashlib.blake2b(" ".join(shingle).encode(), digest_size=8).digest()
            votes += np.unpackbits(np.frombuffer(digest, np.uint8)) * 2.0 - 1
        prints.append(votes > 0)
    bits = np.array(prints, dtype=np.int32)
    distance = bits.sum(1)[:, None] + bits.sum(1)[None] - 2 * bits @ bits.T

    def pairs(max_distance: int) -> Pairs:
        low, high = np.nonzero(np.triu(distance <= max_distance, 1))
        return set(zip(low.tolist(), high.tolist(), strict=True))

    return pairs


def _shifted(words: list[str], size: int) -> list[list[str]]:
    return [words[start:] for start in range(size)]


def tuned(choices: Sequence[Pairs], truth: Truth) -> tuple[Pairs, list[int]]:
    """Choose on four fifths by F1, use on the last; give all pairs and what was chosen."""
    held_out: Pairs = set()
    choice_by_fold = []
    for fold in range(FOLDS):
        expected = truth.of_fold(truth.pairs, fold, inside=False)
        best = max(
            range(len(choices)),
            key=lambda n: scores(truth.of_fold(choices[n], fold, inside=False), expected)[2],
        )
        choice_by_fold.append(best)
        held_out |= truth.of_fold(choices[best], fold, inside=True)
    return held_out, choice_by_fold


def cleaned(texts: Iterable[str]) -> list[str]:
    """Clean as ingestion does; a text that is no article gives nothing to compare."""
    results = map(clean_text, texts)
    return ["" if isinstance(article, Reject) else article.text for article in results]


def without_repeated_lines(sites: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Cut the lines that sites repeat, as learned from the same texts."""
    pages = [
        StoryText(site, str(number), text)
        for number, (site, text) in enumerate(zip(sites, texts, strict=True))
    ]
    lines = adopt(learn(pages))
    return [without_site_lines(page.text, page.site, lines)[0] for page in pages]


def report(name: str, pairs: Pairs, groups: Sequence[int], truth: Truth, seconds: float) -> str:
    """Give a line of the table."""
    precision, recall, f1 = scores(pairs, truth.pairs)
    index = rand_index(truth.clusters, groups)
    return f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {index:.3f} | {seconds:.1f} |"


def by_kind(methods: dict[str, Pairs], truth: Truth) -> Iterable[str]:
    """Give the recall of pairs of an original and each kind of edit, then the traps."""
    edits: dict[str, Pairs] = defaultdict(set)
    traps: dict[str, Pairs] = defaultdict(set)
    for low, high in truth.pairs:
        kinds = {truth.kinds[low], truth.kinds[high]} - {"orig"}
        if len(kinds) == 1:
            edits[kinds.pop().split("+")[0]].add((low, high))
    for number, kind in enumerate(truth.kinds):
        for earlier in range(number):
            if kind.startswith("hn_") and truth.kinds[earlier] == kind:
                traps[kind].add((earlier, number))
    yield "| recall by edit (first of two) | pairs | " + " | ".join(methods) + " |"
    yield "| --- | --: |" + " --: |" * len(methods)
    for kind, pairs in sorted(edits.items()):
        cells = [f"{len(pairs & method) / len(pairs):.2f}" for method in methods.values()]
        yield f"| {kind} | {len(pairs)} | " + " | ".join(cells) + " |"
    yield ""
    yield "| false pairs by trap | pairs | " + " | ".join(methods) + " |"
    yield "| --- | --: |" + " --: |" * len(methods)
    for kind, pairs in sorted(traps.items()):
        false = pairs - truth.pairs
        cells = [str(len(false & method)) for method in methods.values()]
        yield f"| {kind} | {len(false)} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--texts", type=Path, default=Path("../shared/data/near-duplicates-dev.parquet")
    )
    table = pd.read_parquet(parser.parse_args().texts)
    truth, texts, count = Truth(table), table["text"].to_list(), len(table)
    print(f"{count} texts, {len(set(truth.clusters))} articles, {len(truth.pairs)} pairs\n")
    print("| method | precision | recall | F1 | ARI | seconds |")
    print("| --- | --: | --: | --: | --: | --: |")
    methods: dict[str, Pairs] = {}

    def show(name: str, make: Callable[[], Pairs]) -> None:
        start = time.process_time()
        methods[name] = make()
        seconds = time.process_time() - start
        print(
            report(name, methods[name], closure(methods[name], count), truth, seconds), flush=True
        )

    show("exact", lambda: exact(texts))
    show("MinHash 14x8", lambda: minhash(texts))
    show("SimHash 64", lambda: tuned(list(map(simhash(texts), range(0, 25))), truth)[0])
    notes = []
    sites, articles = table["site"].to_list(), cleaned(texts)
    for name, variant in (
        ("ours", texts),
        ("ours, site lines cut", without_repeated_lines(sites, texts)),
        ("ours, cleaned", articles),
        ("ours, both", without_repeated_lines(sites, articles)),
    ):
        start = time.process_time()
        method = Ours(variant)
        methods[name] = method.pairs()
        seconds = time.process_time() - start
        print(report(name, methods[name], method.groups(range(count)), truth, seconds))
        held_out, which = tuned([method.pairs(rules) for rules in GRID], truth)
        notes.append(
            f"{name}: tuned by fold, precision, recall and F1 of the held-out folds are "
            + ", ".join(f"{value:.3f}" for value in scores(held_out, truth.pairs))
            + "; (Jaccard, containment) chosen: "
            + ", ".join(f"({GRID[n].jaccard}, {GRID[n].containment})" for n in which)
        )
        indexes = [
            rand_index(
                truth.clusters, method.groups(np.random.default_rng(seed).permutation(count))
            )
            for seed in range(5)
        ]
        notes.append(f"{name}: ARI {min(indexes):.3f} to {max(indexes):.3f} in five random orders")
    print("", *notes, "", sep="\n")
    print(*by_kind(methods, truth), sep="\n")


if __name__ == "__main__":
    main()
