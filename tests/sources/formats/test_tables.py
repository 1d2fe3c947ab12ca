from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources import Limits, SourceError, open_sources
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.column_names import map_columns

QUOTED = 'Some text,\nin "two" lines; ünder'
ROWS = [
    {"id": "one", "title": "First", "text": QUOTED, "author": "A. B."},
    {"id": "two", "title": "Second", "text": "<p>Hello <b>there</b></p>", "author": ""},
    {"id": "three", "title": "", "text": "Third\n\nthe body", "author": "C"},
]  # fmt: skip


def write_jsonl(path: Path, rows: list[dict]) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def write_csv(path: Path, rows: list[dict], encoding: str = "utf-8", delimiter: str = ",") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(path: Path, rows: list[dict]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)


WRITERS = {"x.jsonl": write_jsonl, "x.csv": write_csv, "x.parquet": write_parquet}


def offered(path: Path, **options) -> tuple[list[Item], list[Missing]]:
    (source,) = open_sources([str(path)], **options)
    result = list(source.discover())
    return (
        [offer for offer in result if not isinstance(offer, Missing)],
        [offer for offer in result if isinstance(offer, Missing)],
    )


def read(path: Path, **options) -> list[RawDocument | Missing]:
    (source,) = open_sources([str(path)], **options)
    return list(source.acquire(offered(path, **options)[0]))


@pytest.mark.parametrize("name", WRITERS)
def test_rows_become_documents(tmp_path, name):
    WRITERS[name](tmp_path / name, ROWS)
    items, missing = offered(tmp_path)
    assert not missing
    assert [item.locator for item in items] == [f"{name}!one", f"{name}!two", f"{name}!three"]
    assert items[0].url == f"file:{name}!one"
    assert items[0].hints is not None
    assert (items[0].hints.title, items[0].hints.authors) == ("First", ("A. B.",))
    (source,) = open_sources([str(tmp_path)])
    bodies = [d.body.decode() for d in source.acquire(items)]
    assert bodies[0] == 'First\n\nSome text,\nin "two" lines; ünder'
    assert "<h1>Second</h1>\n<p>Hello <b>there</b></p>" in bodies[1]
    assert bodies[2] == "Third\n\nthe body"
    for order in (items[::-1], items[1:2], [items[0], items[2]], items):
        collected = [d.item.locator for d in source.acquire(order) if isinstance(d, RawDocument)]
        assert collected == [item.locator for item in order]


@pytest.mark.parametrize("name", WRITERS)
def test_only_a_changed_row_has_another_fingerprint(tmp_path, name):
    WRITERS[name](tmp_path / name, ROWS)
    before, _ = offered(tmp_path)
    WRITERS[name](tmp_path / name, [{**ROWS[0], "text": "new"}, *ROWS[1:]])
    after, _ = offered(tmp_path)
    changed = [a.fingerprint != b.fingerprint for a, b in zip(before, after, strict=True)]
    assert changed == [True, False, False]


@pytest.mark.parametrize("name", WRITERS)
def test_rows_without_text_and_of_one_id_are_told_apart(tmp_path, name):
    rows = [ROWS[0], {**ROWS[0], "text": "another"}, {**ROWS[0], "text": " "}]
    WRITERS[name](tmp_path / name, rows)
    items, (empty,) = offered(tmp_path)
    assert [item.locator for item in items] == [f"{name}!one", f"{name}!one#2"]
    assert (empty.item.locator, empty.reason) == (f"{name}!one#3", "empty")


@pytest.mark.parametrize("name", WRITERS)
def test_columns_can_be_given(tmp_path, name):
    rows = [{"k": "1", "headl": "Title", "stuff": "Body one", "text": "not this"}]
    WRITERS[name](tmp_path / name, rows)
    columns = {"text": "stuff", "title": "headl", "id": "k"}
    (document,) = read(tmp_path, columns=columns)
    assert isinstance(document, RawDocument)
    assert (document.item.locator, document.body) == (f"{name}!1", b"Title\n\nBody one")


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_without_an_article_says_so_once(tmp_path, name):
    WRITERS[name](tmp_path / name, [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}])
    items, (missing,) = offered(tmp_path)
    assert not items
    assert missing.reason == "no_columns"
    assert "There are: a, b" in missing.detail
    _, (missing,) = offered(tmp_path, columns={"text": "c"})
    assert "no column 'c' for text. There are: a, b" in missing.detail


def test_an_unknown_field_is_refused():
    with pytest.raises(SourceError, match="'boddy' is not a field"):
        open_sources(["."], columns={"boddy": "x"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_of_spreadsheets(tmp_path, delimiter, encoding):
    write_csv(tmp_path / "x.csv", ROWS, encoding, delimiter)
    document, *_ = read(tmp_path)
    assert isinstance(document, RawDocument)
    assert "ünder" in document.body.decode()


def test_damaged_lines_are_rows(tmp_path):
    lines = [
        json.dumps(ROWS[0]),
        "{broken",
        "[1, 2]",
        "",
        "nul\x00",
        "[" * 99_999,
        json.dumps(ROWS[2]),
    ]
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress("\r\n".join(lines).encode()))
    items, missing = offered(tmp_path)
    assert [item.locator for item in items] == ["x.jsonl.gz!one", "x.jsonl.gz!three"]
    assert [row.item.locator[-1] for row in missing] == ["2", "3", "4", "5"]
    assert {row.reason for row in missing} == {"unreadable"}
    assert len(read(tmp_path)) == 2


def test_a_line_beyond_the_limit_is_a_row(tmp_path):
    rows = [ROWS[0], {"id": "long", "text": "x" * 5000}, ROWS[2]]
    write_jsonl(tmp_path / "x.jsonl", rows)
    items, (missing,) = offered(tmp_path, limits=Limits(line=1000))
    assert [item.locator for item in items] == ["x.jsonl!one", "x.jsonl!three"]
    assert "larger than 1,000 bytes" in missing.detail
    _, long, _ = read(tmp_path, limits=Limits(document=1000))
    assert isinstance(long, Missing)
    assert long.reason == "too_large"


def test_a_row_that_changed_since_is_not_taken_for_it(tmp_path):
    write_jsonl(tmp_path / "x.jsonl", ROWS)
    items, _ = offered(tmp_path)
    write_jsonl(tmp_path / "x.jsonl", [{**ROWS[0], "text": "other"}, ROWS[2]])
    (source,) = open_sources([str(tmp_path)])
    first, second, third = source.acquire(items)
    assert all(
        isinstance(item, Missing) and item.item.fingerprint is None for item in (first, third)
    )
    assert isinstance(second, Missing)


def test_html_markdown_url_and_dates(tmp_path):
    rows = [
        {"URL": "https://news.example/a", "HTML": "<!doctype html><p>Page</p>",
         "Date Published": "2024-05-01T10:00:00+02:00", "text": "extracted by another"},
        {"url": "javascript:alert(1)", "markdown": "# Head\n\nBody", "tags": ["a", None, "b"]},
    ]  # fmt: skip
    write_jsonl(tmp_path / "x.jsonl", rows)
    page, note = read(tmp_path)
    assert isinstance(page, RawDocument)
    assert isinstance(note, RawDocument)
    assert page.body == b"<!doctype html><p>Page</p>"
    assert page.url == "https://news.example/a"
    assert page.item.hints is not None
    assert page.item.hints.published_at == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert (note.media_type, note.url) == ("text/markdown; charset=utf-8", "file:x.jsonl!2")
    assert note.item.hints is not None
    assert note.item.hints.tags == ("a", "b")


def test_names_of_columns():
    assert map_columns(["Article Body", "x"], {})["text"] == "Article Body"
    assert map_columns(["content", "html"], {}) == {"html": "html", "text": "content"}
    with pytest.raises(ValueError, match="There are: none"):
        map_columns([], {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("Wed, 01 May 2024 10:00:00 GMT", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("Wed, 01 May 2024 10:00:00 +0200", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        (1714557600, datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("1714557600000", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (datetime(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("2024", None),
        ("soon", None),
        (True, None),
        (None, None),
    ],
)
def test_dates(value, expected):
    assert parse_date(value) == expected


@given(st.one_of(st.text(), st.floats(), st.integers(), st.datetimes(), st.dates(), st.none()))
def test_no_date_raises(value):
    date_read = parse_date(value)
    assert date_read is None or date_read.tzinfo is not None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(WRITERS)), st.data())
def test_no_damage_raises(tmp_path, name, data):
    path = tmp_path / name
    WRITERS[name](path, ROWS)
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    (source,) = open_sources([str(path)])
    items = [offer for offer in source.discover() if not isinstance(offer, Missing)]
    assert len(list(source.acquire(items))) == len(items)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(["id", "text", "title"]), st.text()), max_size=9)
)
def test_every_row_with_text_is_offered_and_read(tmp_path, rows):
    buffer = io.StringIO()
    rows = [{"id": "", "text": "", "title": "", **row} for row in rows]
    writer = csv.DictWriter(buffer, ["id", "text", "title"])
    writer.writeheader()
    writer.writerows(rows)
    write_jsonl(tmp_path / "x.jsonl", rows)
    with_text = sum(bool(row["text"].replace("\x00", "").strip()) for row in rows)
    items, missing = offered(tmp_path)
    without = len(rows) - with_text or not rows  # a table without rows is one itself
    assert (len(items), len(missing)) == (with_text, without)
    assert len({item.locator for item in items}) == len(items)
    assert all(isinstance(entry, RawDocument) for entry in read(tmp_path))
