"""Group daily counts into at most ``MOST_STEPS`` days, weeks, months or years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MOST_STEPS: Final = 120
"""Maximum columns: as many as a page of 1,280 pixels shows with gaps."""

OUTLYING: Final = 0.01
"""Share of the counts that may precede the first step, if including them would stretch the axis."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Consecutive steps of time, oldest first; ``unit`` is day, week, month or year."""

    unit: str
    starts: tuple[date, ...]
    before: int = 0

    def label(self, at: date) -> str:
        """Return a step's name in ISO 8601; a week is named by its Monday."""
        return {"month": f"{at:%Y-%m}", "year": f"{at:%Y}"}.get(self.unit, at.isoformat())

    def start(self, day: date) -> date:
        """Return the first day of the step that contains a day."""
        return _start(day, self.unit)


def steps(counts: Mapping[date, int], *, until: date) -> Steps:
    """Choose the steps for daily counts; days after ``until`` belong to no step.

    Up to a hundredth of the counts is omitted at the beginning, and counted in ``before``, if it
    alone would at least double the length: some pages give wrong years.
    """
    days = sorted(day for day in counts if day <= until)
    if not days:
        return Steps("day", ())
    first = _without_outliers(counts, days, until)
    before = sum(counts[day] for day in days if day < first)
    unit = next(
        (unit for unit, size in (("day", 1), ("week", 7), ("month", 30))
         if (until - first).days / size < MOST_STEPS),
        "year",
    )  # fmt: skip
    starts = [_start(first, unit)]
    while (following := _next(starts[-1], unit)) <= until:
        starts.append(following)
    return Steps(unit, tuple(starts), before)


def _without_outliers(counts: Mapping[date, int], days: list[date], until: date) -> date:
    allowed = OUTLYING * sum(counts[day] for day in days)
    counted = 0
    for day in days:
        counted += counts[day]
        if counted > allowed:
            shorter = 2 * ((until - day).days + 1) <= (until - days[0]).days
            return day if shorter else days[0]
    return days[0]


def _start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _next(start: date, unit: str) -> date:
    if unit == "month":
        return (start + timedelta(days=31)).replace(day=1)
    if unit == "year":
        return start.replace(year=start.year + 1)
    return start + timedelta(days=7 if unit == "week" else 1)
