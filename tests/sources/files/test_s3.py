"""Reading from a bucket, on a local server that speaks S3."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from typing import Any

import pytest

from copydesk.schemas.items import Missing, RawDocument
from copydesk.tasks.sources import SourceError, open_sources
from tests.servers.s3 import S3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def options(s3: S3) -> dict[str, Any]:
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("b.html", "<p>two")
    s3.fill(
        "press",
        {
            "in/a.txt": b"one",
            "in/2024/x.zip": archive.getvalue(),
            "in/rows.jsonl.gz": gzip.compress(b'{"id": "c", "text": "three"}'),
            "in/picture.png": b"x",
        },
    )
    return s3.reading


def test_a_folder_of_a_bucket(options):
    (source,) = open_sources(["s3://press/in/"], storage_options=options)
    source = pickle.loads(pickle.dumps(source))
    items = [offer for offer in source.discover() if not isinstance(offer, Missing)]
    collected = {d.url: d.body for d in source.acquire(items) if isinstance(d, RawDocument)}
    assert collected == {
        "s3://press/in/2024/x.zip!b.html": b"<p>two",
        "s3://press/in/a.txt": b"one",
        "s3://press/in/rows.jsonl.gz!c": b"three",
    }
    again = [offer for offer in source.discover() if not isinstance(offer, Missing)]
    assert [item.fingerprint for item in again] == [item.fingerprint for item in items]


def test_a_pattern_and_a_file(options):
    for address in ("s3://press/in/*.txt", "s3://press/in/a.txt"):
        (source,) = open_sources([address], storage_options=options)
        (item,) = source.discover()
        assert item.locator == "a.txt"
    assert len({item.fingerprint}) == 1


def test_what_is_not_there_is_named(options):
    for address in ("s3://press/nothing.txt", "s3://nowhere/a.txt", "s3://press/*.pdf"):
        with pytest.raises(SourceError, match="s3://"):
            open_sources([address], storage_options=options)
