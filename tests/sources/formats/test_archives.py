from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.schemas.items import Fate, Missing, RawDocument
from copydesk.tasks.sources import Limits, open_sources
from copydesk.warehouse.storage.raw_files import zstd
from tests.sources.formats.archive_files import tar_of, zip_of

BODIES = {"a.txt": b"one", "sub/b.html": "<p>zwölf</p>".encode(), "c.md": b"# three\n" * 5000}


ARCHIVES = {
    "x.zip": zip_of,
    "x.tar": tar_of,
    "x.tar.gz": lambda m: tar_of(m, "w:gz"),
    "x.tgz": lambda m: tar_of(m, "w:gz"),
    "x.tar.bz2": lambda m: tar_of(m, "w:bz2"),
    "x.txz": lambda m: tar_of(m, "w:xz"),
    "x.tar.zst": lambda m: zstd.compress(tar_of(m)),
}


def read(path: Path, **options) -> tuple[dict[str, bytes], list[Missing]]:
    (source,) = open_sources([str(path)], **options)
    result = list(source.discover())
    results = list(source.acquire([offer for offer in result if not isinstance(offer, Missing)]))
    documents = {r.item.locator: r.body for r in results if isinstance(r, RawDocument)}
    return documents, [offer for offer in [*result, *results] if isinstance(offer, Missing)]


@pytest.mark.parametrize("name", ARCHIVES)
def test_members_are_read_wherever_a_batch_begins(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(ARCHIVES[name]({"picture.png": b"x", **BODIES, "._a.txt": b"resource"}))
    (source,) = open_sources([str(path)])
    *items, picture = source.discover()
    assert picture.reason == "unknown_type"
    assert [item.locator for item in items] == [f"{name}!{member}" for member in BODIES]
    assert [item.url for item in items] == [f"file:{name}!{member}" for member in BODIES]
    for order in (items, items[::-1], items[1:2], items[2:], items):
        assert [document.body for document in source.acquire(order)] == [
            BODIES[item.locator.partition("!")[2]] for item in order
        ]


@pytest.mark.parametrize("name", ARCHIVES)
def test_only_a_changed_member_has_another_fingerprint(tmp_path, name):
    path = tmp_path / name
    prints = []
    for bodies in (BODIES, {**BODIES, "a.txt": b"else"}):
        path.write_bytes(ARCHIVES[name](bodies))
        (source,) = open_sources([str(path)])
        prints.append([item.fingerprint for item in source.discover()])
        assert [d.body for d in source.acquire(list(source.discover()))] == [*bodies.values()]
    assert [a == b for a, b in zip(*prints, strict=True)] == [False, True, True]


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_member_beyond_the_limit_is_a_row(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(ARCHIVES[name]({"a.txt": b"one", "bomb.txt": bytes(21_000_000), "z.md": b"z"}))
    documents, missing = read(path)
    assert documents == {f"{name}!a.txt": b"one", f"{name}!z.md": b"z"}
    assert [(row.item.locator, row.reason) for row in missing] == [
        (f"{name}!bomb.txt", "too_large")
    ]


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.9])
def test_a_truncated_archive_gives_what_can_be_read(tmp_path, name, keep):
    whole = ARCHIVES[name](
        {f"{i}.txt": bytes(range(256)) * (i + 1) for i in range(9)} | {"z.txt": b"z" * 40_000}
    )
    path = tmp_path / name
    path.write_bytes(whole[: keep if isinstance(keep, int) else int(len(whole) * keep)])
    documents, missing = read(path)
    assert missing
    assert {row.reason for row in missing} <= {"truncated", "unreadable"}
    for locator, body in documents.items():
        number = int(locator.partition("!")[2].removesuffix(".txt"))
        assert body == bytes(range(256)) * (number + 1)


def test_members_that_point_elsewhere_are_only_names(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    names = {"../../escape.txt": b"1", "/etc/evil.txt": b"2", "C:\\evil.txt": b"3"}
    (folder / "x.zip").write_bytes(zip_of(names))
    (folder / "x.tar").write_bytes(tar_of(names))
    documents, missing = read(folder)
    assert sorted(documents.values()) == [b"1", b"1", b"2", b"2", b"3", b"3"]
    assert not missing
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "x.tar", "x.zip"]


def test_links_in_a_tar_are_not_followed(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            header = tarfile.TarInfo("a.txt")
            header.type = kind
            header.linkname = "/etc/passwd"
            archive.addfile(header)
    (tmp_path / "x.tar").write_bytes(buffer.getvalue())
    documents, missing = read(tmp_path)
    assert (documents, [row.reason for row in missing]) == ({}, ["link"] * 3)


def test_a_member_with_a_password_is_a_row(tmp_path):
    data = bytearray(zip_of({"a.txt": b"one"}))
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 8, 1)
    (tmp_path / "x.zip").write_bytes(data)
    _, (missing,) = read(tmp_path)
    assert (missing.fate, missing.reason) == (Fate.REJECTED, "encrypted")


def test_a_bad_checksum_is_a_row(tmp_path):
    data = zip_of({"a.txt": b"one" * 99, "b.txt": b"two" * 99})
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("a.txt", b"one" * 99)
        archive.writestr("b.txt", b"two" * 99)
    data = stored.getvalue().replace(b"oneone", b"onEone", 1)
    (tmp_path / "x.zip").write_bytes(data)
    documents, (missing,) = read(tmp_path)
    assert documents == {"x.zip!b.txt": b"two" * 99}
    assert missing.item.locator == "x.zip!a.txt"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(ARCHIVES)), st.data())
def test_no_damage_raises(tmp_path, name, data):
    whole = bytearray(ARCHIVES[name](BODIES))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(bytes(whole))
    documents, _ = read(path, limits=Limits(document=100_000))
    assert all(len(body) <= 100_000 for body in documents.values())
