from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterator

import fsspec
import pytest

from copydesk.schemas.items import Missing, RawDocument
from copydesk.tasks.sources import SourceError, open_sources


@pytest.fixture
def bucket() -> Iterator[str]:
    root = f"memory://{uuid.uuid4()}"
    system = fsspec.filesystem("memory")
    for name, body in {
        "in/a.txt": b"one",
        "in/sub/b.html.gz": gzip.compress(b"<p>two"),
        "in/rows.jsonl": b'{"id": "x", "text": "three"}',
        "in/.hidden.txt": b"h",
        "in/picture.png": b"p",
    }.items():
        system.pipe(f"{root}/{name}", body)
    yield root
    system.rm(root, recursive=True)


def read(address: str) -> dict[str, bytes]:
    (source,) = open_sources([address])
    items = [offer for offer in source.discover() if not isinstance(offer, Missing)]
    return {d.item.locator: d.body for d in source.acquire(items) if isinstance(d, RawDocument)}


def test_a_folder_a_pattern_and_a_file(bucket):
    everything = {"a.txt": b"one", "rows.jsonl!x": b"three", "sub/b.html.gz": b"<p>two"}
    assert read(f"{bucket}/in") == read(f"{bucket}/in/") == everything
    assert read(f"{bucket}/in/*.txt") == read(f"{bucket}/in/a.txt") == {"a.txt": b"one"}
    assert read(f"{bucket}/in/**/*.gz") == {"sub/b.html.gz": b"<p>two"}
    assert read(f"{bucket}/in/picture.png") == {"picture.png": b"p"}


def test_folder_and_file_agree_on_identity(bucket):
    collected = {
        (item.source, item.locator, item.url, item.fingerprint)
        for address in (f"{bucket}/in", f"{bucket}/in/a.txt", f"{bucket}/in/a*")
        for source in open_sources([address])
        for item in source.discover()
        if not isinstance(item, Missing) and item.locator == "a.txt"
    }
    assert len(collected) == 1
    assert collected.pop()[2] == f"{bucket}/in/a.txt"


def test_what_is_not_there_is_named(bucket):
    with pytest.raises(SourceError, match="nothing at memory://"):
        open_sources([f"{bucket}/in/nothing.txt"])
    with pytest.raises(SourceError, match="no file matches memory://"):
        open_sources([f"{bucket}/in/*.pdf"])
    with pytest.raises(SourceError, match="cannot read nonsense://x"):
        open_sources(["nonsense://x/y"])
