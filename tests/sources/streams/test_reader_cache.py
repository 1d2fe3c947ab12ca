from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from copydesk.schemas.items import Item, RawDocument
from copydesk.tasks.sources.file_source import FileSource
from copydesk.tasks.sources.files.folder import Folder
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.streams.reader_cache import ReaderPool

opened: list[str] = []


@dataclass(frozen=True)
class CountingFolder(Folder):
    def open(self, path: str) -> BinaryIO:
        opened.append(path)
        return super().open(path)


def texts(count: int) -> list[str]:
    return [f"text number {n}" for n in range(count)]


def write(folder: Path, name: str, count: int) -> None:
    if name.endswith("jsonl.gz"):
        lines = "\n".join(json.dumps({"id": n, "text": t}) for n, t in enumerate(texts(count)))
        (folder / name).write_bytes(gzip.compress(lines.encode()))
    elif name.endswith("csv"):
        lines = "\n".join(f"{n},{t}" for n, t in enumerate(texts(count)))
        (folder / name).write_text(f"id,text\n{lines}")
    else:
        with tarfile.open(folder / name, "w:gz") as archive:
            for n, text in enumerate(texts(count)):
                header = tarfile.TarInfo(f"{n}.txt")
                header.size = len(text)
                archive.addfile(header, io.BytesIO(text.encode()))


def batches(source: FileSource, size: int) -> list[list[Item]]:
    items = [offer for offer in source.discover() if isinstance(offer, Item)]
    return [items[i : i + size] for i in range(0, len(items), size)]


def read(source: FileSource, batch: list[Item]) -> list[str]:
    return [d.body.decode() for d in source.acquire(batch) if isinstance(d, RawDocument)]


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.csv", "x.tar.gz"])
def test_batches_in_order_go_through_a_file_once(tmp_path, name):
    write(tmp_path, name, 60)
    source = FileSource(Reading("x", CountingFolder(str(tmp_path))))
    parts = batches(source, 7)
    opened.clear()
    assert [text for part in parts for text in read(source, part)] == texts(60)
    assert len(opened) == 1


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.csv", "x.tar.gz"])
def test_batches_at_once_and_in_any_order_read_the_same(tmp_path, name):
    write(tmp_path, name, 200)
    source = FileSource(Reading("x", Folder(str(tmp_path))))
    parts = batches(source, 9)
    order = random.Random(1).sample(range(len(parts)), len(parts))
    with ThreadPoolExecutor(4) as pool:
        by_number = dict(zip(order, pool.map(lambda n: read(source, parts[n]), order), strict=True))
    assert [text for n in range(len(parts)) for text in by_number[n]] == texts(200)


def test_a_file_that_was_replaced_is_read_anew(tmp_path):
    write(tmp_path, "x.jsonl.gz", 20)
    source = FileSource(Reading("x", Folder(str(tmp_path))))
    first = batches(source, 5)
    read(source, first[0])
    write(tmp_path, "x.jsonl.gz", 30)
    assert [text for part in batches(source, 5) for text in read(source, part)] == texts(30)


def test_a_lot_gives_the_nearest_and_closes_the_oldest():
    lot: ReaderPool[io.BytesIO] = ReaderPool(limit=2)
    first, two, three = io.BytesIO(), io.BytesIO(), io.BytesIO()
    lot.put("a", 5, first)
    lot.put("a", 9, two)
    assert lot.take("a", 4) is None
    assert lot.take("b", 9) is None
    assert lot.take("a", 20) is two
    lot.put("a", 9, two)
    lot.put("b", 1, three)
    assert first.closed
    lot.clear()
    assert two.closed
    assert three.closed
