"""Which of two documents with one canonical address is current: by the request, not by chance."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk.flows.ingest import clean_batch
from copydesk.flows.pipeline import commit_run
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse import connect
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.upkeep.doctor import examine

ADDRESS = "https://ferry.example/piano"
SENTENCE = "The ferry {n} left the pier at noon with twelve people and a piano for the school. "


def page(word: str) -> str:
    text = "".join(f"<p>{SENTENCE.format(n=n) * 2}</p>" for n in range(6))
    return (
        f"<!doctype html><title>The ferry</title><link rel=canonical href={ADDRESS}>"
        f"<main><article><h1>The ferry</h1>{text}<p>The {word} came last.</p></article></main>"
    )


def run(home: Path, *inputs: Path, backwards: bool = False, size: int = 1) -> None:
    """Ingest with batches that end in the order of the request, or in the opposite one."""
    workspace = Workspace(home)
    request = IngestRequest(tuple(map(str, inputs)), source="ferries")
    with prepare(request, workspace, batch_size=size, now=datetime.now(UTC)) as prepared:
        numbers = list(prepared.todo)
        for number in reversed(numbers) if backwards else numbers:
            clean_batch.fn(workspace, prepared.run_id, request, number)
        commit_run.fn(workspace, prepared.run_id, {})
    publish(home, lake=workspace.open_lake(), comparison=COPIES)


def words(home: Path) -> list[str]:
    """Give the last word of each revision, the oldest first."""
    with connect(home) as connection:
        rows = connection.execute("SELECT text FROM revisions ORDER BY revision").fetchall()
        (current,) = connection.execute("SELECT text FROM articles").fetchall()
    texts = [text.split()[-3] for (text,) in rows]
    assert current[0].split()[-3] == texts[-1]
    assert examine(home, lake=Workspace(home).open_lake(), deep=True) == []
    return texts


@pytest.mark.parametrize("backwards", [False, True])
def test_files_of_a_folder_are_in_the_order_of_their_names(tmp_path: Path, backwards: bool) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, word in (("a", "tuner"), ("c", "tenor")):
        (folder / f"{name}.html").write_text(page(word))
    home = tmp_path / "home"
    run(home, folder, backwards=backwards)
    assert words(home) == ["tuner", "tenor"]
    run(home, folder, backwards=not backwards)  # all are unchanged
    assert words(home)[-1] == "tenor"
    (folder / "a.html").write_text(page("captain"))  # c is later in the request, also now
    run(home, folder, backwards=backwards)
    run(home, folder, backwards=not backwards)
    assert words(home)[-1] == "tenor"


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_the_inputs_counts(tmp_path: Path, backwards: bool) -> None:
    for name, word in (("a", "tuner"), ("b", "tenor")):
        row = {"html": page(word), "url": f"{ADDRESS}?{word}"}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row))
    run(tmp_path / "home", tmp_path / "b.jsonl", tmp_path / "a.jsonl", backwards=backwards)
    assert words(tmp_path / "home") == ["tenor", "tuner"]


@pytest.mark.parametrize("backwards", [False, True])
def test_rows_of_a_file_are_in_their_order(tmp_path: Path, backwards: bool) -> None:
    rows = [{"html": page(word), "url": f"{ADDRESS}?{word}"} for word in ("tuner", "tenor")]
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    run(tmp_path / "home", file, backwards=backwards)
    assert words(tmp_path / "home") == ["tuner", "tenor"]


def test_documents_with_times_of_their_own_keep_them(tmp_path: Path) -> None:
    def record(word: str, day: int) -> bytes:
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(word).encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {ADDRESS}?{word}\r\n"
            f"WARC-Date: 2026-01-{day:02}T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{word}>\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n"
        )
        return head.encode() + b"\r\n" + body + b"\r\n\r\n"

    archive = tmp_path / "crawl.warc"
    archive.write_bytes(record("tenor", 9) + record("tuner", 2) + record("teacher", 5))
    home = tmp_path / "home"
    run(home, archive, backwards=True)
    assert words(home) == ["tuner", "teacher", "tenor"]
