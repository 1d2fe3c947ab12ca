"""The articles of the same pages as WARC and as WET, each through a whole run.

    python -m benchmarks.wet_and_warc [--data ../shared/data] [--pages 500]

Article pages of WCXB's development split are written as a WARC file, and their text as Common
Crawl's WET file has it (``benchmarks/copied_forms.py``). Each file is ingested into a lake of its
own through the command line. Prints the articles and rejects of both, and for pages that are
articles in both: the share of equal titles, and the mean word F1 between the two texts.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.copied_forms import wet
from benchmarks.copied_sets import word_f1
from copydesk.tasks.cleaning.title import title_key

COMMAND = (sys.executable, "-m", "copydesk.flows.cli")
HEADERS = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], "HTTP/1.1")


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--pages", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["PREFECT_HOME"] = str(folder / "prefect")
        archives = write(folder, read_pages(options.data, options.pages))
        from_warc, from_wet = (ingested(folder, archive) for archive in archives)
    both = from_warc.keys() & from_wet.keys()
    titles = [title_key(from_warc[url][0]) == title_key(from_wet[url][0]) for url in both]
    texts = [word_f1(from_wet[url][1], from_warc[url][1]) for url in both]
    print(f"articles from WARC {len(from_warc)}, from WET {len(from_wet)}, in both {len(both)}")
    print(f"equal titles {mean(titles):.3f}, mean word F1 {mean(texts):.3f}")
    print(f"word F1 above .9 {mean(value > 0.9 for value in texts):.3f}")


def read_pages(data: Path, count: int) -> Iterator[tuple[str, str]]:
    """Yield the address and HTML of article pages, each address once."""
    seen: set[str] = set()
    for batch in pq.ParquetFile(data / "wcxb-dev-articles.parquet").iter_batches(batch_size=32):
        for row in batch.to_pylist():
            if row["url"] and row["url"] not in seen and len(seen) < count:
                seen.add(row["url"])
                yield row["url"], row["html"]


def write(folder: Path, pages: Iterator[tuple[str, str]]) -> tuple[Path, Path]:
    """Write the pages as a WARC and as a WET file."""
    paths = folder / "pages.warc.gz", folder / "pages.warc.wet.gz"
    with paths[0].open("wb") as warc, paths[1].open("wb") as plain:
        writers = WARCWriter(warc, gzip=True), WARCWriter(plain, gzip=True)
        for url, page in pages:
            response = writers[0].create_warc_record(
                url, "response", payload=io.BytesIO(page.encode()), http_headers=HEADERS
            )
            text = writers[1].create_warc_record(
                url,
                "conversion",
                payload=io.BytesIO(wet(page).encode()),
                warc_content_type="text/plain",
            )
            writers[0].write_record(response)
            writers[1].write_record(text)
    return paths


def ingested(folder: Path, archive: Path) -> dict[str, tuple[str, str]]:
    """Ingest an archive into a lake of its own; return title and text by address."""
    home = ("--home", str(folder / archive.name.split(".", 1)[1]))
    subprocess.run([*COMMAND, "ingest", str(archive), *home], check=True, capture_output=True)
    rejects = Counter(row["reason"] for row in query("select reason from rejects", home))
    print(archive.name, "rejects:", dict(rejects))
    rows = query("select url, title, text from articles", home)
    return {row["url"]: (row["title"], row["text"]) for row in rows}


def query(statement: str, home: tuple[str, str]) -> list[dict[str, Any]]:
    """Return a statement's rows."""
    command = [*COMMAND, "query", "--format", "json", statement, *home]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows: list[dict[str, Any]] = json.loads(output)
    return rows


if __name__ == "__main__":
    main()
