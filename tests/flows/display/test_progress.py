"""How much of a phase is left: what was done by an earlier attempt says nothing about the speed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.flows.display.progress import in_words, progress, remaining_seconds
from copydesk.flows.prefect_api import run_log


def test_the_log_says_about_how_long_the_rest_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(run_log, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    monkeypatch.setattr(
        run_log, "log_event", lambda _, message, **_fields: messages.append(message)
    )
    with run_log.logged_run("backfill", "news"):
        progress().phase("Slices", total=50, done=10)
        for _ in range(4):  # each after a hundred seconds more
            progress().advance(5)
        progress().phase("Publishing")
    assert messages[1:4] == [
        "Slices: 15 of 50 items after 100 s, about 12 min left",
        "Slices: 20 of 50 items after 200 s, about 10 min left",
        "Slices: 30 of 50 items after 400 s, about 7 min left",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (119, "119 s"), (121, "2 min"), (7_100, "118 min"), (9_000, "2 h")],
)
def test_a_duration_is_said_in_one_unit(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0, 1e9))
def test_what_is_left_is_unknown_or_not_below_nothing(done: int, total: int, passed: float) -> None:
    left = remaining_seconds(done, total, passed)
    assert left is None or left >= 0
    if done and done == total:
        assert left == 0
