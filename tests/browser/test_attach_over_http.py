"""A published file on a static server, attached in a browser: DuckDB-Wasm reads it by ranges."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from copydesk.warehouse import connect
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.browser.chromium import PATIENCE, Page
from tests.servers.ranges import serving
from tests.warehouse.sample import Look, ingest

FILE = "/current.duckdb"
SEARCH = "SELECT title FROM search('lighthouse', hits := 3) ORDER BY ALL"


def stocked(home: Path) -> Path:
    """Publish articles that are long enough for a file of several megabytes."""
    words = [f"word{number * 7919 % 9973}" for number in range(9973)]
    lake = Lake.open(home / "lake")
    looks = [
        Look(f"p{number}", number, " ".join(words[number * 31 % 9000 :][:500]), f"Story {number}")
        for number in range(700)
    ]
    looks.append(Look("keeper", 0, "The keeper of the lighthouse left in June.", "The keeper"))
    ingest(lake, "r1", looks)
    publish(home, lake=lake)
    return home


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm")
def test_a_search_over_http_reads_a_part_of_the_file(tab: Page, tmp_path: Path) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "@duckdb/duckdb-wasm@1.32.0"]
    result = subprocess.run(
        command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=300
    )
    if result.returncode:
        pytest.skip(f"the client could not be installed: {result.stderr.strip()[-200:]}")
    home = stocked(tmp_path / "home")
    roots = {
        "/node_modules/": tmp_path / "node_modules",
        "/attach.html": Path(__file__).with_name("attach.html"),
        FILE: home / "serving" / "current.duckdb",
    }
    size = roots[FILE].stat().st_size
    with serving(roots) as server:
        tab.call("Page.navigate", url=f"{server.address}/attach.html")
        end = time.monotonic() + PATIENCE
        while tab.run("typeof ask") != "function" and time.monotonic() < end:
            time.sleep(0.1)
        answer = json.loads(tab.run(f"ask({json.dumps(SEARCH)})"))
        read = server.sent[FILE]
        assert FILE not in server.whole
    with connect(home) as connection:
        assert (
            [tuple(row) for row in answer] == connection.sql(SEARCH).fetchall() == [("The keeper",)]
        )
    assert size > 3_000_000  # of a small file, a search reads most
    assert 0 < read < 0.9 * size
