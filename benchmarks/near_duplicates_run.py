"""How well near copies are found by a run: files in, published tables out.

    python -m benchmarks.near_duplicates_run [--texts ../shared/data/near-duplicates-dev.parquet]

The texts of ``benchmarks/near_duplicates.py`` as rows of a JSON Lines file, each at an address of
its site, through planning, cleaning, the lake and publishing, without the engine; then once more
with the lines cut that the sites repeat, as ``copydesk chrome --adopt`` learns them from the first
run's tables. Pairs are ``duplicate_edges`` between articles, clusters follow ``duplicates``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from benchmarks.near_duplicates import Pairs, Truth, followed, rand_index, scores
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.json_form import from_json
from copydesk.tasks.cleaning.sites.repeated_lines import Decisions, LineTable, write_lines
from copydesk.tasks.dedup.repeated_site_lines import StoryText, learn
from copydesk.tasks.dedup.rules import COPIES
from copydesk.tasks.ingest.batch import process_batch
from copydesk.tasks.ingest.plan import PlannedBatch
from copydesk.tasks.workers.pool import CleaningPool
from copydesk.warehouse import connect
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.runs.open_runs import Plans

_NUMBERED = "SELECT CAST(regexp_extract(url, '/(\\d+)$', 1) AS INTEGER)"


def ingest(request: IngestRequest, home: Path) -> float:
    """Run the steps of a flow; gives the processor seconds of publishing."""
    now = datetime.now(UTC)
    with prepare(request, Workspace(home), batch_size=500, now=now) as run, CleaningPool() as pool:
        lake = Lake.open(home / "lake")
        plans = Plans(lake.store, run.run_id)
        for number in run.todo:
            process_batch(
                lake,
                run.run_id,
                from_json(PlannedBatch, plans.get(number)),
                sources=request.sources,
                pool=pool,
                now=now,
                lines=request.site_lines,
            )
        lake.run(run.run_id).seal()
        lake.run(run.run_id).commit()
    start = time.process_time()
    publish(home, lake=lake, comparison=COPIES)
    return time.process_time() - start


def found(home: Path, count: int) -> tuple[Pairs, list[int]]:
    """Read the pairs, and each text's representative."""
    parents = list(range(count))
    with connect(home) as connection:
        pairs = connection.execute(
            f"WITH a AS ({_NUMBERED} AS n, content_hash FROM articles)"
            " SELECT a.n, b.n FROM duplicate_edges e JOIN a ON a.content_hash = e.content_hash_a"
            " JOIN a b ON b.content_hash = e.content_hash_b WHERE a.n < b.n"
            " UNION SELECT a.n, b.n FROM a JOIN a b USING (content_hash) WHERE a.n < b.n"
        ).fetchall()
        repeats = connection.execute(
            f"WITH a AS ({_NUMBERED} AS n, article_id FROM articles) SELECT a.n, b.n"
            " FROM duplicates d JOIN a USING (article_id) JOIN a b ON b.article_id = d.duplicate_of"
        ).fetchall()
    for number, earlier in repeats:
        parents[number] = earlier
    return set(pairs), followed(parents)


def adopted(home: Path) -> LineTable:
    """Learn the sites' lines from the published tables, and adopt them all."""
    with connect(home) as connection:
        rows = connection.execute(
            "SELECT url, coalesce(duplicate_of, article_id), text FROM articles"
        ).fetchall()
    table = LineTable()
    pages = [StoryText(urlsplit(url).hostname or "", story, text) for url, story, text in rows]
    lines = learn(pages)
    for site in sorted({line.site for line in lines}):
        site_lines = tuple(line.line for line in lines if line.site == site)
        table = table.changed(site, Decisions(site_lines))
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--texts", type=Path, default=Path("../shared/data/near-duplicates-dev.parquet")
    )
    table = pd.read_parquet(parser.parse_args().texts)
    truth, count = Truth(table), len(table)
    print(f"{count} texts, {len(truth.pairs)} pairs\n")
    print("| run | articles | precision | recall | F1 | ARI | CPU seconds of publishing |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as folder:
        file, lines = Path(folder) / "texts.jsonl", Path(folder) / "site-lines.toml"
        with file.open("w", encoding="utf-8") as out:
            for number, (site, text) in enumerate(zip(table["site"], table["text"], strict=True)):
                host = "".join(char if char.isalnum() else "-" for char in str(site)) + ".example"
                row = {"url": f"https://{host}/{number}", "text": text}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        for name, line_file in (("as it comes", None), ("site lines cut", str(lines))):
            home = Path(folder) / name
            seconds = ingest(IngestRequest((str(file),), lines=line_file), home)
            pairs, groups = found(home, count)
            with connect(home) as connection:
                (article_count,) = connection.execute(
                    "SELECT count(*) FROM articles"
                ).fetchone() or (0,)
            values = (*scores(pairs, truth.pairs), rand_index(truth.clusters, groups))
            cells = " | ".join(f"{value:.3f}" for value in values)
            print(f"| {name} | {article_count} | {cells} | {seconds:.1f} |", flush=True)
            if line_file is None:
                lines.write_text(write_lines(adopted(home)), encoding="utf-8")


if __name__ == "__main__":
    main()
