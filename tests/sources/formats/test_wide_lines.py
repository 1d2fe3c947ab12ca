"""JSON Lines in UTF-16, as PowerShell writes them, and those of Elasticsearch's tools."""

from __future__ import annotations

import codecs
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.tasks.sources import Limits
from tests.sources.formats.table_files import located, rows_of

ENDS = "\u0a0a\u010a\u0a00\u0a0d"  # an octet of each is that of a line feed
LE, BE = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


def _lines(texts: list[str], end: str = "\n") -> str:
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + end for text in texts)


@given(
    texts=st.lists(st.text(st.sampled_from("ab é漢😀" + ENDS), min_size=1), min_size=1, max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(
        [("utf-16-le", LE), ("utf-16-le", b""), ("utf-16-be", BE), ("utf-16-be", b"")]
    ),
    is_packed=st.booleans(),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_line_is_a_row(tmp_path, texts, end, encoding, is_packed):
    texts = [f"Crane {text}." for text in texts]
    name, mark = encoding
    data = mark + _lines(texts, end).encode(name)
    path = tmp_path / ("x.jsonl.gz" if is_packed else "x.jsonl")
    path.write_bytes(gzip.compress(data) if is_packed else data)
    assert rows_of(path) == (texts, [])


def test_a_damaged_line_is_lost_alone(tmp_path: Path):
    lines = _lines(["One."]) + '{"text": "cut\n' + _lines(["Two."])
    (tmp_path / "x.jsonl").write_bytes(lines.encode("utf-16"))
    texts, missing = rows_of(tmp_path / "x.jsonl")
    assert texts == ["One.", "Two."]
    assert [reason for _, reason in located(missing)] == ["unreadable"]


@pytest.mark.parametrize("filling", ["\u0a0a", "a", "\u0a00"])
def test_a_line_that_is_too_long_is_lost_alone(tmp_path: Path, filling: str):
    data = _lines(["One.", filling * 5000, "Two."]).encode("utf-16-le")
    (tmp_path / "x.jsonl").write_bytes(data)
    texts, missing = rows_of(tmp_path / "x.jsonl", limits=Limits(line=1000))
    assert texts == ["One.", "Two."]
    assert {reason for _, reason in located(missing)} == {"unreadable"}
    assert "larger than 1,000 bytes" in missing[0].detail


def test_hits_of_elasticsearch_are_their_sources(tmp_path: Path):
    hits = [{"_index": "a", "_id": str(n), "_source": {"text": f"Crane {n}."}} for n in range(3)]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, hits)))
    assert rows_of(tmp_path / "x.jsonl") == ([f"Crane {n}." for n in range(3)], [])
