"""Folders that are tables: the log decides, and folders named column=value give columns."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from copydesk.schemas.items import Item, Missing
from copydesk.tasks.sources import open_sources
from tests.sources.formats.table_files import located, rows_of


def table(*numbers: int, version: int = 1, language: str = "de") -> pa.Table:
    return pa.table({
        "id": [f"a{n}" for n in numbers],
        "text": [f"Text {n}, version {version}." for n in numbers],
        "language": [language] * len(numbers),
    })  # fmt: skip


def items_of(path, **options) -> list[Item]:
    (source,) = open_sources([str(path)], **options)
    return [offer for offer in source.discover() if isinstance(offer, Item)]


@pytest.mark.parametrize("partition_by", [None, ["language"]])
def test_the_log_decides_which_rows_a_delta_table_has(tmp_path, partition_by):
    path = str(tmp_path / "lake" / "articles")
    write_deltalake(path, table(*range(200)), partition_by=partition_by)
    DeltaTable(path).delete("id = 'a7'")
    write_deltalake(path, table(500, 501, language="fr"), mode="append")
    expected = {f"Text {n}, version 1." for n in [*range(7), *range(8, 200), 500, 501]}
    for place in (path, tmp_path, f"{path}/*.parquet"):
        texts, missing = rows_of(place)
        assert (set(texts), len(texts), missing) == (expected, 201, [])
    assert {item.hints.language for item in items_of(path)} == {"de", "fr"}
    write_deltalake(path, table(1, 2, version=2), mode="overwrite")
    assert sorted(rows_of(path)[0]) == ["Text 1, version 2.", "Text 2, version 2."]
    assert items_of(tmp_path)[0].locator == "lake/articles/_delta_log!a1"


def test_only_a_changed_row_of_a_delta_table_has_another_fingerprint(tmp_path):
    write_deltalake(str(tmp_path), table(1, 2, 3))
    before = {item.locator: item.fingerprint for item in items_of(tmp_path)}
    DeltaTable(tmp_path).update({"text": "'new'"}, predicate="id = 'a2'")
    after = {item.locator: item.fingerprint for item in items_of(tmp_path)}
    assert {name for name in before if before[name] != after[name]} == {"_delta_log!a2"}


def test_a_table_that_cannot_be_read_is_refused_by_name(tmp_path):
    write_deltalake(str(tmp_path / "a"), table(1))
    log = tmp_path / "a/_delta_log/00000000000000000001.json"
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["fromTheFuture"],
                "writerFeatures": ["fromTheFuture"]}  # fmt: skip
    log.write_text(json.dumps({"protocol": protocol}))
    (tmp_path / "b/_delta_log").mkdir(parents=True)
    pq.write_table(table(2), tmp_path / "b/loose.parquet")
    (tmp_path / "c/metadata").mkdir(parents=True)
    (tmp_path / "c/metadata/v1.metadata.json").write_text("{}")
    (tmp_path / "c/data").mkdir()
    pq.write_table(table(3), tmp_path / "c/data/0.parquet")
    (tmp_path / "d/.hoodie").mkdir(parents=True)
    pq.write_table(table(4), tmp_path / "d/0.parquet")
    pq.write_table(table(9), tmp_path / "e.parquet")
    texts, missing = rows_of(tmp_path)
    assert texts == ["Text 9, version 1."]
    names = ["a/_delta_log", "b/_delta_log", "c/metadata", "d/.hoodie"]
    assert [row.item.locator for row in missing] == names
    assert {row.reason for row in missing} == {"unreadable"}
    assert rows_of(tmp_path / "b/loose.parquet")[0] == ["Text 2, version 1."]  # named itself


def test_a_delta_table_in_a_bucket(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    write_deltalake(str(tmp_path / "t"), table(1))
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path / "t"), "/lake/t", recursive=True)
    memory.pipe("/lake/other/x.csv", b"id,text\n1,Beside.\n")
    try:
        texts, missing = rows_of("memory://lake")
        assert texts == ["Beside."]
        assert [row.item.locator for row in missing] == ["t/_delta_log"]
    finally:
        memory.rm("/lake", recursive=True)


@pytest.mark.parametrize("name", ["x.parquet", "x.csv", "x.jsonl"])
def test_folders_named_after_columns_give_columns(tmp_path, name):
    folders = {"language=de/section=Hafen%20%26%20See": "de", "language=fr/section=Port": "fr",
               "language=__HIVE_DEFAULT_PARTITION__/section=Other": None}  # fmt: skip
    for folder in folders:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True)
        if name.endswith("parquet"):
            pq.write_table(pa.table({"id": ["1"], "text": ["Text."]}), path)
        else:
            path.write_text(
                "id,text\n1,Text.\n" if name == "x.csv" else '{"id": 1, "text": "Text."}\n'
            )
    items = items_of(tmp_path)
    assert [item.hints.language for item in items] == [None, "de", "fr"]
    assert [item.hints.section for item in items] == ["Other", "Hafen & See", "Port"]
    (item,) = items_of(tmp_path / "language=de/section=Hafen%20%26%20See")
    assert (item.hints.language, item.hints.section) == ("de", "Hafen & See")
    assert rows_of(tmp_path)[0] == ["Text."] * 3
    (item,) = items_of(tmp_path / f"language=fr/section=Port/{name}", columns={"title": "section"})
    assert item.hints.title == "Port"


def test_a_column_of_the_file_counts_more_than_its_folder(tmp_path):
    (tmp_path / "title=Folder").mkdir()
    (tmp_path / "title=Folder/x.jsonl").write_text(
        '{"id": 1, "title": "Own", "text": "A."}\n{"id": 2, "title": null, "text": "B."}\n'
    )
    assert [item.hints.title for item in items_of(tmp_path)] == ["Own", "Folder"]


@pytest.mark.parametrize("empty", [1, 60])
def test_the_first_rows_may_lack_the_text(tmp_path, empty):
    lines = [json.dumps({"id": n, "title": "T"}) for n in range(empty)] + [
        '{"id": "x", "text": "Text."}'
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    texts, missing = rows_of(tmp_path / "x.jsonl")
    assert texts == ["Text."]
    assert located(missing) == [(str(n), "empty") for n in range(empty)]


def test_a_file_none_of_whose_rows_has_the_columns_says_so_once(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"id": 1, "a": 2}\n{oops\n' * 300)
    (source,) = open_sources([str(tmp_path)])
    offers = list(source.discover())
    assert all(isinstance(offer, Missing) for offer in offers)
    assert [offer.reason for offer in offers].count("no_columns") == 1
    assert len(offers) < 100
