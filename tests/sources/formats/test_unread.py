"""Files that no reader knows are counted."""

from __future__ import annotations

from pathlib import Path

from copydesk.schemas.items import Fate, Item, Missing
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.formats.unread import GROUPS
from tests.sources.formats.archive_files import tar_of, zip_of

FILES = {"a.txt": b"Crane.", "b.pdf": b"%PDF", "c/d.PDF": b"%PDF", "c/noted": b"x", ".hidden": b"x"}
COUNTS = {"*.pdf": ("2 files of type .pdf", "b.pdf"), "*": ("1 file without a suffix", "c/noted")}


def unknown(path: Path) -> dict[str, tuple[str, str]]:
    """Give the rows by their places: what is counted, and the first file."""
    (source,) = open_sources([str(path)])
    rows = {}
    for row in source.discover():
        if isinstance(row, Missing):
            assert (row.fate, row.reason) == (Fate.SKIPPED, "unknown_type")
            count, _, first = row.detail.partition(": ")[2].partition(
                ", which no reader knows; the first is "
            )
            rows[row.item.locator.rpartition("!")[2]] = (count, first)
    return rows


def test_of_a_folder(tmp_path: Path):
    for name, body in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    assert unknown(tmp_path) == COUNTS


def test_of_archives(tmp_path: Path):
    (tmp_path / "x.zip").write_bytes(zip_of(FILES))
    assert unknown(tmp_path / "x.zip") == COUNTS
    (tmp_path / "x.tar").write_bytes(tar_of(FILES))
    assert unknown(tmp_path / "x.tar") == COUNTS


def test_many_suffixes_have_one_row_in_the_end(tmp_path: Path):
    files = {f"x.{n}": b"" for n in range(GROUPS + 30)}
    (tmp_path / "x.zip").write_bytes(zip_of(files))
    rows = unknown(tmp_path / "x.zip")
    assert len(rows) == GROUPS + 1
    assert rows["*…"] == ("30 files of other suffixes", f"x.{GROUPS}")


def test_a_file_that_is_named_is_read(tmp_path: Path):
    (tmp_path / "x.page").write_bytes(b"Crane.")
    for named in (tmp_path / "x.page", tmp_path / "*.page"):
        (source,) = open_sources([str(named)])
        assert [type(offer) for offer in source.discover()] == [Item]
