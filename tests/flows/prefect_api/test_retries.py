"""A flow that tries again inside its run, and what it says when it gives up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.flows.backfill_slices import BackfillError, refuse_empty
from copydesk.flows.display.causes import cause
from copydesk.flows.display.summary import LINE_WIDTH, Summary, failure_line
from copydesk.flows.prefect_api.retries import JITTER, may_pass_in_flow, with_retries
from copydesk.flows.prefect_api.retry_waits import SOURCE_WAITS
from copydesk.flows.requests import IngestRequest
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.backfill.slices import BackfillScope, Plan, Slice
from copydesk.tasks.sources import SourceError
from copydesk.tasks.sources.dates.ranges import By
from copydesk.warehouse.errors import InvalidBatch, LakeError
from copydesk.warehouse.history.runs import Failure


def outcomes(*results: str | Exception) -> Callable[[], str]:
    """Make an attempt that ends in these ways, one after the other."""
    remaining = list(results)

    def attempt() -> str:
        result = remaining.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    return attempt


def tried(*results: str | Exception, waits: tuple[float, ...] = (10.0, 20.0)) -> tuple[str, list]:
    slept: list[float] = []
    last = with_retries(
        outcomes(*results),
        waits,
        lambda message: message if message != "read" else None,
        sleep=slept.append,
    )
    return last, slept


def test_what_succeeds_is_not_tried_again() -> None:
    assert tried("read") == ("read", [])


def test_each_further_attempt_waits_longer_and_the_last_result_counts() -> None:
    last, slept = tried("down", SourceError("no listing"), "read")
    assert last == "read"
    assert [wait * (1 - JITTER) <= value <= wait * (1 + JITTER)
            for wait, value in zip((10.0, 20.0), slept, strict=True)] == [True, True]  # fmt: skip
    assert tried("down", "down", "still down")[0] == "still down"
    with pytest.raises(LakeError, match="locked"):
        tried("down", "down", LakeError("locked"))


def test_what_does_not_pass_is_raised_at_once() -> None:
    for error in (InvalidBatch("bad", ()), CopydeskError("a rule is wrong"), TypeError("a bug")):
        with pytest.raises(type(error)):
            tried(error, "read")
    assert may_pass_in_flow(httpx.ConnectError("the server is restarted"))
    assert may_pass_in_flow(ConnectionResetError())


def test_the_waits_outlast_a_site_that_restarts_for_two_minutes() -> None:
    assert sum(SOURCE_WAITS) * (1 - JITTER) > 120


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure("refused", "blog.example", "all attempts failed"),
         "connection refused (blog.example)"),
        (Failure("refused", "blog.example", "[Errno 101] Network is unreachable"),
         "connection failed (blog.example)"),
        (Failure("http_503", "a.example", ""), "HTTP 503 Service Unavailable (a.example)"),
        (Failure("http_599", "a.example", ""), "HTTP 599 (a.example)"),
        (Failure("dns", "nowhere.example", ""), "host not found (nowhere.example)"),
        (Failure("read_error", "", "no permission"), "read error"),
        (Failure("", "", "the disk is gone"), "the disk is gone"),
        (Failure("", "", ""), "no reason given"),
    ],
)  # fmt: skip
def test_a_cause_is_said_in_words_with_its_host(failure: Failure, said: str) -> None:
    assert cause(failure) == said


def summary(fates: dict[str, int], source: str = "city-news") -> Summary:
    return Summary("r", Path("h"), "l", sum(fates.values()), fates, source=source,
                   cause="connection refused (blog.example)")  # fmt: skip


def test_a_failed_run_names_its_source_its_counts_and_its_cause() -> None:
    failed = summary({"failed": 3})
    assert failed.failed
    assert failed.failure() == "city-news: 3 of 3 items failed: connection refused (blog.example)"
    assert not summary({"failed": 3, "unchanged": 1}).failed
    assert summary({"failed": 3, "skipped": 1}).failed


@given(st.text(max_size=400), st.text(max_size=400))
def test_an_alert_is_one_short_line(source: str, why: str) -> None:
    line = failure_line(source, why)
    assert len(line) <= LINE_WIDTH
    assert line.splitlines() in ([], [line])


def test_a_request_is_named_by_its_source_or_its_inputs() -> None:
    assert IngestRequest((), "city-news").label() == "city-news"
    assert IngestRequest(("a/", "b/")).label() == "a/, b/"


def test_a_pattern_that_matches_nothing_is_refused_and_a_site_without_news_is_not() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    empty = (Slice(0, "s/1", "2026-01-01", 0),)
    with pytest.raises(BackfillError, match=r"raw/\*\.txt matches no file; 2 files without a day"):
        refuse_empty(
            Plan(
                BackfillScope("raw/*.txt", None, None, By.ARCHIVE),
                "s",
                "files",
                empty,
                now,
                undated=2,
            )
        )
    refuse_empty(
        Plan(
            BackfillScope("https://a.example/", None, None, By.ARCHIVE), "s", "articles", empty, now
        )
    )
    full = (*empty, Slice(1, "s/2", "2026-01-02", 1))
    refuse_empty(Plan(BackfillScope("raw/*.txt", None, None, By.ARCHIVE), "s", "files", full, now))
