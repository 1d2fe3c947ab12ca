"""JSON files that hold articles: arrays, arrays in objects, single articles, lines."""

from __future__ import annotations

import gzip
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.tasks.sources import Limits, open_sources
from tests.sources.formats.table_files import located, rows_of

ROWS = [{"id": n, "title": f"Title {n}", "text": f"Text {n}, with a [ and a {{."} for n in range(5)]
TEXTS = [f"Title {n}\n\nText {n}, with a [ and a {{." for n in range(5)]
WHOLE = json.dumps(ROWS)


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        json.dumps(ROWS, indent=2),
        "\ufeff" + WHOLE,
        json.dumps({"count": 5, "articles": ROWS}),
        json.dumps({"meta": {"a": [1, {"b": []}]}, "data": {"posts": ROWS}}),
        json.dumps({"response": {"numFound": 5, "docs": ROWS}}),
        json.dumps({"hits": {"total": 5, "hits": [{"_id": "x", "_source": row} for row in ROWS]}}),
        "\n".join(map(json.dumps, ROWS)),
        "\n".join(json.dumps(row, indent=1) for row in ROWS),
        WHOLE.replace("}, {", "},\n\n , {"),
        WHOLE.replace("}]", "},\n]"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_articles_are_found_wherever_they_stand(tmp_path, content, encoding):
    (tmp_path / "x.json").write_bytes(content.encode(encoding))
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(content.encode(encoding)))
    assert rows_of(tmp_path / "x.json") == (TEXTS, [])
    assert rows_of(tmp_path) == (TEXTS * 2, [])


def test_one_article_is_one(tmp_path):
    article = {"title": "Crane", "maintext": "It moved.", "authors": [{"name": "A"}, {"name": "B"}],
               "items": [], "date_publish": "2024-05-01"}  # fmt: skip
    (tmp_path / "x.json").write_text(json.dumps(article))
    (source,) = open_sources([str(tmp_path)])
    (item,) = source.discover()
    assert (item.locator, item.hints.authors) == ("x.json!1", ("A", "B"))


@pytest.mark.parametrize(
    "content",
    [
        '{"name": "x", "scripts": {"a": "b"}}',
        "[1, 2]",
        "[]",
        "{}",
        "",
        '{"type": "FeatureCollection", "items": [{"a": 1}]}',
        "{oops",
    ],
)
def test_other_json_is_counted_unless_it_was_named(tmp_path, content):
    (tmp_path / "package.json").write_text(content)
    texts, missing = rows_of(tmp_path)
    assert (texts, [row.reason for row in missing]) == ([], ["no_articles"])
    texts, missing = rows_of(tmp_path / "package.json")
    assert not texts
    assert missing or content in ("[]", "")


def test_a_damaged_article_loses_itself(tmp_path):
    damaged = WHOLE.replace('"text": "Text 2', '"text" "Text 2')
    (tmp_path / "x.json").write_text(damaged)
    texts, missing = rows_of(tmp_path / "x.json")
    assert texts == [*TEXTS[:2], *TEXTS[3:]]
    assert located(missing) == [("3", "unreadable")]
    (tmp_path / "x.json").write_text(json.dumps([*ROWS[:2], "text", None, *ROWS[2:]]))
    texts, missing = rows_of(tmp_path / "x.json")
    assert (texts, located(missing)) == (TEXTS, [("3", "unreadable"), ("4", "unreadable")])


@pytest.mark.parametrize("cut", [1, 3, 40, 100, 200])
def test_a_cut_array_gives_what_is_whole_and_says_that_it_has_no_end(tmp_path, cut):
    (tmp_path / "x.json").write_text(WHOLE[:-cut])
    texts, missing = rows_of(tmp_path / "x.json")
    assert texts == TEXTS[: len(texts)]
    assert len(texts) >= 2
    assert missing[-1].reason in ("truncated", "unreadable")


def test_an_article_beyond_the_limit_is_a_row(tmp_path):
    rows = [ROWS[0], {"id": 1, "text": "x" * 300_000}]
    (tmp_path / "x.json").write_text(json.dumps(rows))
    texts, missing = rows_of(tmp_path / "x.json", limits=Limits(line=100_000))
    assert texts == TEXTS[:1]
    assert "larger than" in missing[0].detail


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(["text", "note", "list", "tags"]),
            st.text(max_size=20) | st.lists(st.dictionaries(st.text(max_size=3), st.integers())),
        ).map(lambda row: {**row, "text": f"A text. {row.get('text')}"}),
        min_size=1, max_size=6,
    ),
    indent=st.sampled_from([None, 1]),
    ascii_=st.booleans(),
)  # fmt: skip
def test_every_element_of_an_array_is_a_row(tmp_path, rows, indent, ascii_):
    written = json.dumps(rows, indent=indent, ensure_ascii=ascii_)
    (tmp_path / "x.json").write_text(written, encoding="utf-8", errors="replace")
    texts, missing = rows_of(tmp_path / "x.json")
    assert (len(texts), missing) == (len(rows), [])


@pytest.mark.parametrize(
    "piece", ['{"text": "x"}, ', '{"text": "x", ', '[{"a": ', "{", '"', "{}, ", "{]"]
)
def test_broken_json_costs_linear_time(tmp_path, piece):
    times = []
    for size in (20_000, 80_000):
        (tmp_path / "x.json").write_text("[" + piece * size)
        start = time.process_time()
        rows_of(tmp_path / "x.json")
        times.append(time.process_time() - start)
    assert times[1] < 10 * max(times[0], 0.02)
