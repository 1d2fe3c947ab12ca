from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from copydesk.tasks.report.health import health
from copydesk.tasks.report.model import Health

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELL: dict[str, Any] = {
    "last_tried": 40,
    "last_failed": 0,
    "last_rejected": 1,
    "usual_rejected": 0.02,
    "newest_at": NOW - timedelta(hours=5),
    "days": 30,
    "gap": 1.0,
    "runs": 30,
    "last_run_at": NOW - timedelta(hours=4),
    "abandoned_at": None,
    "abandoned_for": None,
}


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, Health.FRESH),
        ({"last_failed": 8}, Health.FAILING),
        ({"last_failed": 7}, Health.FRESH),
        ({"last_tried": 2, "last_failed": 1, "last_rejected": 0}, Health.FRESH),
        ({"last_tried": 1, "last_failed": 1, "last_rejected": 0}, Health.FAILING),
        ({"last_rejected": 12}, Health.REJECTING),
        ({"last_rejected": 12, "usual_rejected": 0.25}, Health.FRESH),
        ({"last_rejected": 40, "usual_rejected": 0.5}, Health.REJECTING),
        ({"newest_at": NOW - timedelta(days=2.9)}, Health.FRESH),
        ({"newest_at": NOW - timedelta(days=3.1)}, Health.QUIET),
        ({"newest_at": NOW - timedelta(days=20), "gap": 7.0}, Health.FRESH),
        ({"newest_at": NOW - timedelta(days=22), "gap": 7.0}, Health.QUIET),
        ({"newest_at": NOW - timedelta(days=400), "days": 1, "runs": 1, "gap": None}, Health.ONCE),
        ({"newest_at": None, "days": 0, "gap": None}, Health.EMPTY),
        ({"abandoned_at": NOW, "abandoned_for": "the disk is full"}, Health.BROKEN_OFF),
        ({"abandoned_at": NOW - timedelta(days=9)}, Health.FRESH),
        ({"last_tried": None}, Health.FRESH),
    ],
)
def test_the_states_of_a_source(change: dict[str, Any], state: Health) -> None:
    result, why = health(WELL | change, NOW)
    assert result is state
    assert bool(why) is (state is not Health.FRESH)


def test_the_reason_is_a_sentence_with_the_figures() -> None:
    assert health(WELL | {"last_rejected": 12}, NOW)[1] == (
        "12 of 40 items yielded no article in the last run, 2 % before: its pages may have changed."
    )
