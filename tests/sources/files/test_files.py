from __future__ import annotations

import bz2
import gzip
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.items import Fate, Missing, RawDocument
from copydesk.schemas.source_kinds import SourceKind
from copydesk.schemas.sources import SourceSettings
from copydesk.tasks.sources import Limits, SourceError, media_type_of, open_sources
from copydesk.tasks.sources.files.paths import pack_path, plain_path, unpack_path
from copydesk.tasks.sources.open_named import open_named
from copydesk.warehouse.storage.raw_files import zstd

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def noon() -> datetime:
    return NOON


def write(root: Path, **files: bytes) -> Path:
    for name, body in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return root


def locators(*inputs: str | Path) -> list[str]:
    sources = open_sources([str(path) for path in inputs])
    return [
        (path.item if isinstance(path, Missing) else path).locator
        for source in sources
        for path in source.discover()
    ]


def read(*inputs: str | Path, limits: Limits | None = None) -> list[RawDocument | Missing]:
    (source,) = open_sources([str(path) for path in inputs], limits=limits, clock=noon)
    items = [path for path in source.discover() if not isinstance(path, Missing)]
    return list(source.acquire(items))


def test_a_folder_gives_its_documents_in_sorted_order(tmp_path):
    write(tmp_path, b_txt=b"b", a_md=b"a", sub__c_html=b"c", picture_png=b"x", _hidden_txt=b"h")
    (source,) = open_sources([str(tmp_path)], clock=noon)
    *items, picture = source.discover()
    assert picture.reason == "unknown_type"
    assert [item.locator for item in items] == ["a.md", "b.txt", "sub/c.html"]
    assert [item.url for item in items] == ["file:a.md", "file:b.txt", "file:sub/c.html"]
    assert [item.media_type for item in items] == ["text/markdown", "text/plain", "text/html"]
    documents = list(source.acquire(items))
    assert [document.body for document in documents] == [b"a", b"b", b"c"]
    assert {document.observed_at for document in documents} == {NOON}


def test_folder_file_and_pattern_agree_on_source_and_identity(tmp_path):
    write(tmp_path, a_txt=b"a", b_txt=b"b")
    ways = [tmp_path, tmp_path / "a.txt", tmp_path / "a*.txt", f"file://{tmp_path}/a.txt"]
    collected = {
        (item.source, item.locator, item.url)
        for way in ways
        for source in open_sources([str(way)])
        for item in source.discover()
        if item.locator == "a.txt"
    }
    assert len(collected) == 1


def test_inputs_of_one_root_are_one_source_and_offer_a_file_once(tmp_path):
    write(tmp_path, a_txt=b"a", b_txt=b"b")
    sources = open_sources([str(tmp_path / "b.txt"), str(tmp_path), str(tmp_path / "b.txt")])
    assert len(sources) == 1
    assert [item.locator for item in sources[0].discover()] == ["b.txt", "a.txt"]


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("zst", zstd.compress)]
)
def test_compressed_documents(tmp_path, suffix, pack):
    body = "Größe\n".encode() * 1000
    (tmp_path / f"a.txt.{suffix}").write_bytes(pack(body))
    (tmp_path / f"damaged.txt.{suffix}").write_bytes(pack(body)[:-9])
    whole, damaged = read(tmp_path)
    assert isinstance(whole, RawDocument)
    assert (whole.body, whole.media_type) == (body, "text/plain")
    assert isinstance(damaged, Missing)
    assert (damaged.fate, damaged.reason) == (Fate.REJECTED, "truncated")


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("zst", zstd.compress)]
)
def test_a_compressed_document_is_not_unpacked_beyond_the_limit(tmp_path, suffix, pack):
    (tmp_path / f"a.txt.{suffix}").write_bytes(pack(bytes(2_000_000)))
    (missing,) = read(tmp_path, limits=Limits(document=1_999_999))
    assert isinstance(missing, Missing)
    assert (missing.fate, missing.reason) == (Fate.REJECTED, "too_large")
    (document,) = read(tmp_path, limits=Limits(document=2_000_000))
    assert isinstance(document, RawDocument)


def test_the_fingerprint_tells_a_change(tmp_path):
    write(tmp_path, a_txt=b"a")
    (source,) = open_sources([str(tmp_path)])
    (before,) = source.discover()
    assert list(source.discover()) == [before]
    os.utime(tmp_path / "a.txt", ns=(1, 1))
    (after,) = source.discover()
    assert before.fingerprint != after.fingerprint


def test_a_file_that_vanished_is_a_row(tmp_path):
    write(tmp_path, a_txt=b"a")
    (source,) = open_sources([str(tmp_path)])
    items = list(source.discover())
    (tmp_path / "a.txt").unlink()
    (missing,) = source.acquire(items)
    assert isinstance(missing, Missing)
    assert (missing.reason, missing.item.fingerprint) == ("unreadable", None)


def test_loops_broken_links_and_special_files_end_nothing(tmp_path):
    write(tmp_path, sub__a_txt=b"a")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "sub" / "self").symlink_to(tmp_path / "sub" / "self")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    (source,) = open_sources([str(tmp_path)])
    result = list(source.discover())
    assert [offer.locator for offer in result if not isinstance(offer, Missing)] == ["sub/a.txt"]
    assert {offer.item.locator for offer in result if isinstance(offer, Missing)} == {
        "broken.txt",
        "pipe.txt",
        "sub/self",
    }


def links(tmp_path: Path) -> tuple[Path, Path]:
    """Make a folder with links into it and out of it."""
    folder, outside = tmp_path / "in", tmp_path / "in-secret"
    write(folder, a_txt=b"own", sub__b_txt=b"below")
    write(outside, password_txt=b"secret", deep__c_txt=b"deep", picture_png=b"x")
    (folder / "inside.txt").symlink_to(folder / "a.txt")
    (folder / "again").symlink_to("sub")
    (folder / "out.txt").symlink_to("../in-secret/password.txt")
    (folder / "hop.txt").symlink_to(folder / "sub" / "hop.txt")
    (folder / "sub" / "hop.txt").symlink_to(outside / "password.txt")
    (folder / "sub" / "far").symlink_to(outside)
    (folder / "picture.png").symlink_to(outside / "picture.png")
    return folder, outside


def test_links_out_of_a_folder_are_refused_by_name(tmp_path):
    folder, _ = links(tmp_path)
    for inputs in (folder, folder / "**" / "*.txt"):
        (source,) = open_sources([str(inputs)])
        offers = list(source.discover())
        read_ = [offer.locator for offer in offers if not isinstance(offer, Missing)]
        assert read_ == ["a.txt", "again/b.txt", "inside.txt", "sub/b.txt"]
        refused = [offer for offer in offers if isinstance(offer, Missing)]
        names = ["again/far/", "again/hop.txt", "hop.txt", "out.txt", "sub/far/", "sub/hop.txt"]
        assert [row.item.locator for row in refused] == names
        assert {(row.fate, row.reason) for row in refused} == {(Fate.SKIPPED, "link")}


def test_links_that_a_person_names_are_followed(tmp_path):
    folder, _ = links(tmp_path)
    assert [d.body for d in read(folder / "out.txt", folder / "hop.txt")] == [b"secret"] * 2
    assert [d.body for d in read(folder / "sub" / "far" / "*.txt")] == [b"secret"]
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert b"own" in [d.body for d in read(link) if isinstance(d, RawDocument)]
    settings_ = SourceSettings(address=str(folder), follow_links=True)
    (source,) = open_named("s", settings_)
    items = [offer for offer in source.discover() if not isinstance(offer, Missing)]
    bodies = [d.body for d in source.acquire(items)]
    assert (bodies.count(b"secret"), bodies.count(b"deep")) == (6, 2)


def test_names_that_are_no_text(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9%.txt")).write_bytes(b"one")
    (tmp_path / "a\nb.txt").write_bytes(b"two")
    (tmp_path / "50%.txt").write_bytes(b"three")
    documents = read(tmp_path)
    collected = {d.item.locator: d.body for d in documents if isinstance(d, RawDocument)}
    assert collected == {"a%0Ab.txt": b"two", "caf%E9%25.txt": b"one", "50%.txt": b"three"}


@given(st.binary(max_size=20).filter(lambda name: 0 not in name))
def test_any_path_can_be_written_down(name):
    path = os.fsdecode(name)
    assert unpack_path(pack_path(path)) == path
    pack_path(path).encode()
    plain_path(path).encode()
    assert not any(ord(character) < 32 for character in plain_path(path))


def test_patterns(tmp_path):
    write(tmp_path, a_txt=b"", b_md=b"", x__c_txt=b"", x__y__d_txt=b"", _h__e_txt=b"")
    (tmp_path / "[draft].txt").touch()
    assert locators(tmp_path / "*.txt") == ["[draft].txt", "a.txt"]
    assert locators(tmp_path / "**" / "*.txt") == [
        "[draft].txt",
        "a.txt",
        "x/c.txt",
        "x/y/d.txt",
    ]
    assert locators(tmp_path / "x" / "**") == ["c.txt", "y/d.txt"]
    assert locators(tmp_path / "?") == ["x/c.txt", "x/y/d.txt"]
    assert locators(tmp_path / "[draft].txt") == ["[draft].txt"]


def test_a_named_file_is_read_whatever_its_suffix(tmp_path):
    write(tmp_path, notes_article=b"text")
    assert locators(tmp_path) == ["*.article"]
    (document,) = read(tmp_path / "notes.article")
    assert isinstance(document, RawDocument)
    assert (document.body, document.media_type) == (b"text", None)


def test_a_pipe_is_said_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "a.html")
    for named in (tmp_path, tmp_path / "a.html"):
        (source,) = open_sources([str(named)])
        (missing,) = source.discover()
        assert (missing.item.locator, missing.reason) == ("a.html", "unreadable")
        assert "a pipe" in missing.detail


def test_an_input_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"no file or folder .*nothing\.txt"):
        open_sources([str(tmp_path / "nothing.txt")])
    with pytest.raises(SourceError, match=r"no file matches .*\*\.html"):
        open_sources([str(tmp_path / "*.html")])


def test_no_more_than_is_wanted(tmp_path):
    write(tmp_path, a_txt=b"a", b_txt=b"b", c_txt=b"c")
    (tmp_path / "aa.txt").symlink_to(tmp_path / "nowhere")
    (source,) = open_sources([str(tmp_path)], item_limit=2)
    result = list(source.discover())
    assert [offer.locator for offer in result if not isinstance(offer, Missing)] == [
        "a.txt",
        "b.txt",
    ]
    assert len(result) == 3
    again = source.discover({"a.txt": {}, "b.txt": {}})
    assert [offer.locator for offer in again if not isinstance(offer, Missing)] == [
        "a.txt", "b.txt", "c.txt",
    ]  # fmt: skip


def test_one_name_is_for_one_folder(tmp_path):
    write(tmp_path, x__a_txt=b"", y__a_txt=b"")
    with pytest.raises(SourceError, match="several folders"):
        open_sources([str(tmp_path / "x"), str(tmp_path / "y")], name="mine")
    (source,) = open_sources([str(tmp_path / "x")], name="mine")
    assert source.name == "mine"


def test_one_name_is_not_for_files_and_the_web_at_once(tmp_path):
    with pytest.raises(SourceError, match="both files and addresses"):
        open_sources([str(tmp_path), "https://news.example/a"], name="mine")


def test_a_source_can_be_sent_to_another_process(tmp_path):
    write(tmp_path, a_txt=b"a")
    (source,) = open_sources([str(tmp_path)])
    items = list(source.discover())
    again = pickle.loads(pickle.dumps(source))
    assert [d.body for d in again.acquire(pickle.loads(pickle.dumps(items)))] == [b"a"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.TXT", "text/plain"), ("a.html.gz", "text/html"), ("a.b.md.zst", "text/markdown"),
     ("a.gz", None), ("a", None), (".txt", None), ("<stdin>", None)],
)  # fmt: skip
def test_media_type_of(name, media_type):
    assert media_type_of(name) == media_type


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://x.example/feed.json", SourceKind.FEED),
        ("https://x.example/blog/story.json", SourceKind.ADDRESSES),
        ("https://x.example/sitemap.xml", SourceKind.SITEMAP),
        ("https://x.example/export.csv", None),
        ("https://x.example/crawl.arc.gz", None),
    ],
)
def test_of_the_web_only_archives_and_tables_are_files(address, kind):
    (source,) = open_sources([address])
    assert getattr(source, "kind", None) == kind
