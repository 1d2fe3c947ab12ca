"""Search inside the published file beside tantivy: size, time to index, time to ask.

``python -m benchmarks.search [--articles 200000] [--run 5000]``

Articles come from a seeded generator whose words are as frequent as those of news (a text of 385
words has 232 different ones on average). Both index title and text with positions, as whole words.
Times are of this process's cores: both may use every core, and other programs do not count.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from copydesk.warehouse.search.index import search_layout, update_search_index

BATCH = 10_000
SYLLABLES = [first + last for first in "bcdfglmnprstv" for last in "aeiou"]
WORDS = 300_000
ZIPF, SHIFT = 1.13, 2.0  # Zipf-Mandelbrot

REVISIONS = """
CREATE SCHEMA compact;
CREATE TABLE compact.revision_rows AS SELECT '' AS article_id, '' AS record_hash,
    true AS is_current, '' AS title, '' AS standfirst, '' AS text, [''] AS authors, '' AS site,
    '' AS source, '' AS "language", '' AS url, now() AS published_at WHERE false;
CREATE VIEW revisions AS FROM compact.revision_rows;
CREATE TABLE sightings AS SELECT '' AS article_id, now() AS first_seen_at, '' AS duplicate_of
WHERE false;
"""
ADD = """
INSERT INTO compact.revision_rows
SELECT md5(CAST(number AS VARCHAR)), md5('r' || number), true, title, NULL, text,
    ['A Writer'], 'site-' || (number % 50), 'bench', 'en', 'https://site.example/' || number,
    TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (number % 365) DAY FROM batch;
INSERT INTO sightings SELECT md5(CAST(number AS VARCHAR)), TIMESTAMPTZ '2026-01-01 00:00:00+00',
    NULL FROM batch;
"""

CHANGED = pa.table({"article_id": pa.array([], pa.string())})
"""No article: the index then looks at all."""


def vocabulary() -> np.ndarray[Any, Any]:
    """Make words, the short ones first: they will be the frequent ones."""
    dice = np.random.default_rng(1)
    spelled: dict[str, None] = {}
    while len(spelled) < WORDS:
        lengths = dice.integers(1, 6, BATCH)
        syllables = dice.choice(SYLLABLES, (BATCH, 5))
        for length, parts in zip(lengths, syllables, strict=True):
            spelled["".join(parts[:length])] = None
    return np.array(sorted(spelled, key=len)[:WORDS], dtype=object)


def articles(count: int, words: np.ndarray[Any, Any], seed: int) -> Iterator[pa.Table]:
    """Make batches of articles: number, title, text."""
    weights = 1 / (np.arange(len(words)) + SHIFT) ** ZIPF
    sums = np.cumsum(weights / weights.sum())
    dice = np.random.default_rng(seed)
    for start in range(0, count, BATCH):
        titles, texts = [], []
        for _ in range(min(BATCH, count - start)):
            size = int(dice.lognormal(5.8, 0.5)) + 20
            places = np.minimum(np.searchsorted(sums, dice.random(size)), len(words) - 1)
            text_words = words[places]
            titles.append(" ".join(text_words[:9]))
            texts.append(
                ". ".join(
                    " ".join(text_words[at : at + 15]).capitalize() for at in range(9, size, 15)
                )
            )
        numbers = np.arange(start, start + len(texts)) + seed * 10_000_000
        yield pa.table({"number": numbers, "title": titles, "text": texts})


def timed(figures: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    """Note the seconds of this process's cores."""
    start = time.process_time()
    result = work()
    figures[name] = time.process_time() - start
    sys.stderr.write(f"{name}: {figures[name]:,.3f}\n")
    return result


def questions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Choose words by how many articles have them."""
    rows = connection.execute(
        "SELECT word FROM search_index.terms JOIN (SELECT term, count(*) AS documents"
        " FROM search_index.postings GROUP BY term) USING (term) ORDER BY documents DESC, word"
    ).fetchall()
    word = [text for (text,) in rows]
    return {
        "a rare word": word[15_000],
        "two words": f"{word[300]} {word[500]}",
        "two of the most frequent": f"{word[0]} {word[5]}",
        "a phrase": f'"{word[100]} {word[200]}"',
        "a phrase of frequent words": f'"{word[20]} {word[30]}"',
        "one word without another": f"{word[200]} -{word[30]}",
        "a title's word": f"title:{word[50]}",
    }


def index_elsewhere(
    figures: dict[str, float], folder: Path, words: np.ndarray[Any, Any], count: int, run: int
) -> Any:
    """Index the same articles with tantivy; gives its index."""
    import tantivy

    schema = (
        tantivy.SchemaBuilder()
        .add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        .add_text_field("title")
        .add_text_field("text")
        .build()
    )
    folder.mkdir()
    index = tantivy.Index(schema, path=str(folder))

    def add(batches: list[pa.Table]) -> None:
        writer = index.writer(heap_size=200_000_000, num_threads=2)
        for batch in batches:
            for row in batch.to_pylist():
                writer.add_document(
                    tantivy.Document(id=str(row["number"]), title=row["title"], text=row["text"])
                )
        writer.commit()
        writer.wait_merging_threads()

    article_batches = list(articles(count, words, 0))
    timed(figures, "index all (s)", lambda: add(article_batches))
    figures["index (MB)"] = _megabytes(folder)
    article_batches = list(articles(run, words, 1))
    timed(figures, f"index a run of {run:,} (s)", lambda: add(article_batches))
    return index


def measure(folder: Path, count: int, run: int) -> dict[str, dict[str, float]]:
    """Index, add a run, ask; the same articles for both."""
    here: dict[str, float] = {}
    theirs: dict[str, float] = {}
    words = vocabulary()
    file = folder / "published.duckdb"
    connection = duckdb.connect(str(file), config={"memory_limit": "2GB"})
    connection.execute(REVISIONS)

    def fill(number: int, seed: int) -> None:
        for batch in articles(number, words, seed):
            connection.register("batch", batch)
            connection.execute(ADD)
        connection.execute("CHECKPOINT")

    fill(count, 0)
    bare = file.stat().st_size
    connection.execute(search_layout())

    def bring_up() -> None:
        update_search_index(connection, CHANGED)
        connection.execute("CHECKPOINT")

    timed(here, "index all (s)", bring_up)
    here["index (MB)"] = (file.stat().st_size - bare) / 1e6
    here["the file without it (MB)"] = bare / 1e6
    fill(run, 1)
    timed(here, f"index a run of {run:,} (s)", bring_up)
    queries = questions(connection)
    connection.close()

    index = index_elsewhere(theirs, folder / "tantivy", words, count, run)
    connection = duckdb.connect(str(file), read_only=True, config={"memory_limit": "2GB"})
    index.reload()
    searcher = index.searcher()
    for name, query in queries.items():
        parsed = index.parse_query(query, ["title", "text"], conjunction_by_default=True)
        best: dict[str, list[float]] = {"hits": [], "search": [], "tantivy": []}
        counts = (0, 0)
        for _ in range(3):  # in turns, so that what else runs bears on both
            start = time.process_time()
            hits = connection.execute("SELECT count(*) FROM search_hits(?)", [query]).fetchall()
            best["hits"].append(time.process_time() - start)
            start = time.process_time()
            connection.execute("FROM search(?)", [query]).fetchall()
            best["search"].append(time.process_time() - start)
            start = time.process_time()
            result = searcher.search(parsed, 20, count=True)
            for _, address in result.hits:
                searcher.doc(address)
            best["tantivy"].append(time.process_time() - start)
            counts = (hits[0][0], result.count)
        here[f"{name}: all hits (ms)"] = min(best["hits"]) * 1000
        here[f"{name}: 20 with snippets (ms)"] = min(best["search"]) * 1000
        theirs[f"{name}: all hits (ms)"] = min(best["tantivy"]) * 1000
        here[f"{name}: articles"], theirs[f"{name}: articles"] = counts
        sys.stderr.write(f"{name}: {counts} {min(best['hits']):.3f} {min(best['tantivy']):.4f}\n")
    return {"in DuckDB": here, "tantivy": theirs}


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--run", type=int, default=5_000)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="copydesk-search-"))
    try:
        tables = measure(folder, arguments.articles, arguments.run)
    finally:
        shutil.rmtree(folder)
    names = list(dict.fromkeys(name for figures in tables.values() for name in figures))
    print("| | " + " | ".join(tables) + " |\n| --- |" + " --: |" * len(tables))
    for name in names:
        cells = (figures.get(name) for figures in tables.values())
        print(f"| {name} | " + " | ".join("" if v is None else f"{v:,.2f}" for v in cells) + " |")


if __name__ == "__main__":
    main()
