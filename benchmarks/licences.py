"""What cleaning of copied text loses without the files that are under the GPL, by language.

``python -m benchmarks.licences [--data ../shared/data]`` cleans ``wordpress-dev`` and
``wordpress-dressed-dev`` with all phrases and months, without WordPress's, and without those of
WordPress's that were observed on other pages as well; and prints how many bodies are exact and how
many lines of a comment section or its form are left in bodies.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq

from benchmarks.copied_text import Row, plain
from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.text import clean_text, date_lines
from copydesk.tasks.cleaning.vocabulary.phrases import (
    SURE_LETTERS,
    TABLES,
    Vocabulary,
    line_key,
    read_rows,
    shipped,
)

DATA = files("copydesk.tasks.cleaning") / "data"
COLUMNS = ("text_main", "text_page")


@dataclass(slots=True)
class Loss:
    """Pages, exact bodies, and lines of comment sections that remain."""

    pages: int = 0
    exact: int = 0
    remaining: int = 0

    def add(self, row: Row, text: str) -> None:
        """Count one page."""
        self.pages += 1
        self.exact += plain(text) == plain(row["text"])
        self.remaining += sum(
            _of_comments(line) for line in text.split("\n") if _strange(line, row)
        )


def _strange(line: str, row: Row) -> bool:
    return bool(plain(line)) and plain(line) not in plain(row["text"])


def _of_comments(line: str) -> bool:
    match = shipped().match(line_key(line))
    if match is None or match.kind not in ("comments", "form"):
        return False
    return match.whole or match.letters >= SURE_LETTERS


def without_observed() -> list[tuple[str, str]]:
    """Read the permissive rows, less those that are there for having been observed."""
    table = (DATA / "phrases.tsv").read_text(encoding="utf-8")
    rows = [row.split("\t") for row in table.splitlines()]
    permissive = [(kind, key) for sources, _, kind, key in rows if sources != "observed"]
    return permissive + read_rows(tables=["phrases.cldr.tsv"])


@contextmanager
def months_of_cldr() -> Iterator[None]:
    """Know the months of the CLDR alone."""
    months = (DATA / "months.cldr.txt").read_text(encoding="utf-8").split()
    date_lines.is_month.cache_clear()
    with patch.object(date_lines, "_months", lambda: frozenset(m for m in months if len(m) > 2)):
        yield
    date_lines.is_month.cache_clear()


def losses(rows: list[Row], vocabulary: Vocabulary) -> dict[tuple[str, str], Loss]:
    """Clean pages with some phrases: by language and column, and ``all``."""
    table: dict[tuple[str, str], Loss] = defaultdict(Loss)
    for row in rows:
        for column in COLUMNS:
            result = clean_text(row[column], vocabulary=vocabulary)
            text = result.text if isinstance(result, Article) else ""
            table[row["locale"].split("_")[0], column].add(row, text)
            table["all", column].add(row, text)
    return table


def show(name: str, rows: list[Row]) -> None:
    """Print the languages that lose something, and the sum of all."""
    full = losses(rows, shipped())
    with months_of_cldr():
        free = losses(rows, Vocabulary(read_rows(tables=TABLES[:-1])))
        bare = losses(rows, Vocabulary(without_observed()))
    print(f"\n{name}: bodies exact, lines of comments left\n  {'':16}{'pages':>6}", end="")
    print("".join(f"{head:>20}" for head in ("all", "without WordPress's", "nor observed")))
    for (language, column), loss in sorted(full.items()):
        each = [table[language, column] for table in (full, free, bare)]
        whole = (loss.exact, loss.remaining)
        if language == "all" or any((e.exact, e.remaining) != whole for e in each):
            cells = "".join(f"{f'{e.exact}, {e.remaining}':>20}" for e in each)
            print(f"  {language:6}{column:10}{loss.pages:6}{cells}")


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    for name in ("wordpress-dev", "wordpress-dressed-dev"):
        columns = ["locale", "text", *COLUMNS]
        show(name, pq.read_table(data / f"{name}.parquet", columns=columns).to_pylist())


if __name__ == "__main__":
    main()
