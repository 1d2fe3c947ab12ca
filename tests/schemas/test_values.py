"""What no table, plan or JSON can hold is left behind where a value enters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import Hints, Reject, RejectReason
from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.json_form import from_json, to_json
from copydesk.schemas.values import instant, is_malformed, sound, split_address, web_address
from copydesk.tasks.ingest.plan import PlannedBatch
from copydesk.tasks.ingest.rows import Rows, read_hints, write_hints

ANY_TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\ud83d", "a\ude00b", "\ud83d\ude00", "\0", "x\0\udfff", "\udc80", "\ufeff", "\u202e"]
)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def holds(text: str | None) -> bool:
    return text is None or (text.encode() is not None and "\0" not in text)


@pytest.mark.parametrize("before", ["", "é" * 300, "漢" * 300, "😀" * 300])
@given(text=ANY_TEXT)
def test_texts_that_do_not_encode_are_told_in_any_width(before, text):
    whole = before + text
    assert sound(whole) == before + sound(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("copydesk.schemas.values._native", None)
        assert sound(whole) == before + sound(text)


@given(ANY_TEXT)
def test_sound_text_encodes_and_stays_as_it_is_where_it_can(text):
    created = sound(text)
    assert holds(created)
    assert sound(created) == created
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert created == text.replace("\0", "")


def test_halves_that_belong_together_become_a_character():
    assert sound("\ud83d\ude00") == "\U0001f600"
    assert sound("a\ud83d b") == "a\ufffd b"


def items():
    hints = st.builds(
        Hints,
        title=st.none() | ANY_TEXT,
        authors=st.lists(ANY_TEXT, max_size=2).map(tuple),
        published_at=st.none() | st.datetimes(timezones=st.timezones()),
        language=st.none() | ANY_TEXT,
        section=st.none() | ANY_TEXT,
        tags=st.lists(ANY_TEXT, max_size=2).map(tuple),
    )
    return st.builds(
        Item, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT,
        media_type=st.none() | ANY_TEXT, fingerprint=st.none() | ANY_TEXT,
        hints=st.none() | hints,
    )  # fmt: skip


@given(items(), ANY_TEXT, ANY_TEXT)
def test_what_a_reader_makes_is_planned_written_and_stored(item, text, other):
    missing = Missing(item, Fate.FAILED, "dns", text, NOW, {other: text})
    document = RawDocument(item, b"x", text, NOW, other, {text: other})
    batch = PlannedBatch(0, items=(item,), missing=(missing,), known={item.locator: missing.how})
    assert from_json(PlannedBatch, to_json(batch)) == batch
    assert read_hints(write_hints(item.hints)) == (item.hints if item.hints != Hints() else None)
    rows = Rows("run", 0, "1")
    rows.add_missing(missing)
    rows.add_reject(document, None, Reject(RejectReason.EMPTY, text, other))
    tables = rows.tables()
    assert len(tables["ledger"]) == 2
    assert len(tables["rejects"]) == 1
    json.dumps(tables["ledger"]["detail"].to_pylist(), ensure_ascii=False).encode()


@pytest.mark.parametrize("hours", [-14, 14])
@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
def test_a_moment_that_utc_does_not_have_is_none(moment, hours):
    local = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    created = instant(local)
    assert created is None or created.tzinfo is UTC
    assert Hints(published_at=local).published_at == created


MALFORMED = [
    "http://[::1", "http://[bad]/a", "http://a]b/", "http://\u2100.example/", "http://", "http:///a",
    "https://blog.example:65536/", "https://blog.example:99999999999/", "https://blog.example:x/",
    "https://blog.example:-1/", "http://a b/", "http://a\x01b/", "https://blog.example/\x00",
    "https://blog.example/\ud83d", "https://bl<og.example/", "http://[::1]]/", "http://%zz/",
    "https://a\x7f.example/", "https://blog.example/\x1b[2J",
]  # fmt: skip
OTHER = [
    "",
    "ftp://blog.example/",
    "javascript:alert(1)",
    "//blog.example/a",
    "a/b",
    "mailto:a@b.c",
]


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_address_is_none(address):
    assert web_address(address) is None
    assert is_malformed(address)


@pytest.mark.parametrize("address", OTHER)
def test_what_is_no_address_of_the_web_is_not_looked_at(address):
    assert web_address(address) is None
    assert not is_malformed(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://blog.example", "HTTP://Blog.Example:8080/a?b=c#d", "http://[::1]:80/a",
        "https://müller.example/straße", "https://blog.example/a b", "http://127.0.0.1:65535/",
        "https://u:p@blog.example/", "https://blog.example/a[1]?q=[x]", "https://日本.example/記事",
    ],
)  # fmt: skip
def test_an_address_that_somebody_could_ask_stays(address):
    assert web_address(f" \n{address}\t") == address


@given(st.text(max_size=40).map(lambda rest: f"http://{rest}") | st.text(max_size=40))
def test_no_text_makes_an_address_raise(text):
    split_address(text)
    address = web_address(text)
    assert address is None or split_address(address) is not None
