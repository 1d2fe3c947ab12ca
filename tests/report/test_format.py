from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.report import format as words
from copydesk.tasks.report.page import embedded

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.text())
def test_foreign_text_is_one_line_without_controls(text: str) -> None:
    output = words.visible(text, 50)
    assert len(output) <= 50
    assert output.isprintable() or not text.isprintable()
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in output)
    assert not any(0x202A <= ord(sign) < 0x202F or 0x2066 <= ord(sign) < 0x206A for sign in output)


def test_controls_are_shown_and_turning_marks_are_not() -> None:
    assert words.visible("a\0b\x1b[31m\n c \u202etxt.exe\x85") == "a␀b␛[31m c txt.exe�"


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_embedded_json_ends_no_script_and_says_the_same(value: object) -> None:
    text = embedded(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://site.example/a?b=1", True),
        ("HTTP://site.example/", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("file:/etc/passwd", False),
        ("//site.example/", False),
        ("http://[broken", False),
    ],
)
def test_only_web_addresses_are_links(url: str, followed: bool) -> None:
    assert bool(words.link(url)) is followed


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 9, "0 %"), (1, 900, "< 1 %"), (899, 900, "> 99 %"), (9, 9, "100 %"), (1, 2, "50 %"),
     (0, 0, "–")],
)  # fmt: skip
def test_shares(part: int, whole: int, said: str) -> None:
    assert words.percent(part, whole) == said


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=26), "1 day ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(days=-3), "2026-03-04"),
    ],
)
def test_how_long_ago(back: timedelta, said: str) -> None:
    assert words.ago(NOW - back, NOW) == said


def test_durations_and_large_numbers() -> None:
    assert [words.lasting(item) for item in (0.24, 59.9, 60, 61, 7_320)] == [
        "0.2 s", "60 s", "1 min", "1 min 1 s", "2 h 2 min",
    ]  # fmt: skip
    assert [words.short(item) for item in (999_999, 1_234_567, 2.5e9)] == [
        "999,999", "1.23 million", "2.5 billion",
    ]  # fmt: skip
