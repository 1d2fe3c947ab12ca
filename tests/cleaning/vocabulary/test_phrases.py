from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.vocabulary.phrases import (
    Vocabulary,
    line_key,
    pattern_key,
    read_rows,
    shipped,
)

SMALL = Vocabulary(
    (kind, pattern_key(pattern))
    for kind, pattern in [
        ("comments", "Leave a Reply"),
        ("form", "Cancel reply"),
        ("comments", "{n} responses to {x}"),
        ("action", "{x} says:"),
        ("comments", "{x}への{n}件の返信"),
        ("share", "Share"),
        ("share", "Print"),
        ("label", "Comment"),
        ("comments", "Comment"),
    ]
)


@pytest.mark.parametrize(
    ("line", "kind", "whole"),
    [
        ("LEAVE A REPLY", "comments", True),
        ("Leave a Reply Cancel reply", "form", True),
        ("1,204 responses to “A day out”", "comments", False),
        ("Marta says:", "action", False),
        ("「夜市」への3件の返信", "comments", False),
        ("Share · Print", "share", True),
        ("Comment *", "label", True),  # of two classes the one that says less
    ],
)
def test_matches(line: str, kind: str, whole: bool) -> None:
    match = SMALL.match(line_key(line))
    assert match is not None
    assert (match.kind, match.whole) == (kind, whole)


@pytest.mark.parametrize(
    "line",
    ["", "Leave a reply, she said", "responses to the crisis", "says", "Sharing", "Printer"],
)
def test_no_match(line: str) -> None:
    assert SMALL.match(line_key(line)) is None


def test_a_language_can_be_left_out() -> None:
    everything, without = read_rows(), read_rows(frozenset({"de"}))
    left_out = set(everything) - set(without)
    assert ("comments", "schreibe einen kommentar") in left_out
    assert ("comments", "leave a reply") not in left_out


def test_every_shipped_phrase_is_found() -> None:
    rows = read_rows()
    phrases = shipped()
    assert len({kind for kind, _ in rows}) == 12
    for _, key in rows[::7]:
        if not key.startswith("{x}") and key.count("{x}") <= 1:
            line = key.replace("{x}", "qzx")
            assert phrases.match(line) is not None, key


@given(st.text(max_size=120))
def test_total(line: str) -> None:
    shipped().match(line_key(line))
