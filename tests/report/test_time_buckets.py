from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.report.time_buckets import MOST_STEPS, OUTLYING, steps

TODAY = date(2026, 3, 1)
DAYS = st.dates(date(1, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("back", "unit", "number"),
    [(0, "day", 1), (119, "day", 120), (120, "week", 18), (900, "month", 31), (9_000, "year", 26)],
)
def test_the_unit_grows_with_the_time(back: int, unit: str, number: int) -> None:
    buckets = steps({TODAY - timedelta(days=back): 1}, until=TODAY)
    assert (buckets.unit, len(buckets.starts)) == (unit, number)


@given(st.dictionaries(DAYS, st.integers(1, 1_000), max_size=30))
def test_every_day_has_a_step_but_a_hundredth_and_the_future(counts: dict[date, int]) -> None:
    buckets = steps(counts, until=TODAY)
    earlier_runs = {day: number for day, number in counts.items() if day <= TODAY}
    assert bool(buckets.starts) == bool(earlier_runs)
    if not earlier_runs:
        return
    assert len(buckets.starts) <= MOST_STEPS + 1 or buckets.unit == "year"
    retained = [day for day in earlier_runs if buckets.start(day) in set(buckets.starts)]
    left_out = sum(earlier_runs.values()) - sum(earlier_runs[day] for day in retained)
    # what is in the first step's week or month, but before the first day, is shown none the less
    assert left_out <= buckets.before <= OUTLYING * sum(earlier_runs.values())
    assert buckets.starts[-1] <= TODAY
    assert len({buckets.label(start) for start in buckets.starts}) == len(buckets.starts)


def test_a_wrong_year_does_not_stretch_the_time() -> None:
    counts = {TODAY - timedelta(days=back): 10 for back in range(30)} | {date(1970, 1, 1): 2}
    buckets = steps(counts, until=TODAY)
    assert (buckets.unit, len(buckets.starts), buckets.before) == ("day", 30, 2)
