"""Reading from a bucket, on a local server that speaks S3."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile

import pytest

from schemas.items import Missing, RawDocument
from tasks.sources import SourceError, open_sources

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def options():
    server_of = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {
        "key": "test",
        "secret": "test",
        "client_kwargs": {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-west-1"},
    }
    system = s3fs.S3FileSystem(**options)
    system.mkdir("press")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("b.html", "<p>two")
    for name, body in {
        "in/a.txt": b"one",
        "in/2024/x.zip": archive.getvalue(),
        "in/rows.jsonl.gz": gzip.compress(b'{"id": "c", "text": "three"}'),
        "in/picture.png": b"x",
    }.items():
        system.pipe(f"press/{name}", body)
    yield options
    server.stop()


def test_a_folder_of_a_bucket(options):
    (source,) = open_sources(["s3://press/in/"], storage_options=options)
    source = pickle.loads(pickle.dumps(source))
    items = [one for one in source.discover() if not isinstance(one, Missing)]
    found = {d.url: d.body for d in source.acquire(items) if isinstance(d, RawDocument)}
    assert found == {
        "s3://press/in/2024/x.zip!b.html": b"<p>two",
        "s3://press/in/a.txt": b"one",
        "s3://press/in/rows.jsonl.gz!c": b"three",
    }
    assert [item.fingerprint for item in source.discover()] == [item.fingerprint for item in items]


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
