"""Report sections about time: articles by day, and the runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from copydesk.schemas.plural import plural
from copydesk.tasks.report.format import count, lasting, moment, visible
from copydesk.tasks.report.model import (
    Chart,
    Cloud,
    Form,
    Number,
    Point,
    Section,
    Series,
    Table,
    Text,
)
from copydesk.tasks.report.time_buckets import Steps, steps

Rows = Sequence[Mapping[str, Any]]

OTHERS: Final = "other sources"
OTHER_OUTLETS: Final = "other outlets"
_REST: Final = frozenset({OTHERS, OTHER_OUTLETS})
COLOURS: Final = 8
"""Number of colours in the page's palette; the last is grey, for the rest."""

BROUGHT: Final = {"new": 0, "revised": 4, "duplicate": 3, "rejected": 1, "failed": 5, "gone": 6}
"""The fates shown in a run's day, with their colours; unchanged items are only in the table."""

TABLE_RUNS: Final = 40
"""Rows of the table of runs, which fit a few screens; the plot shows all requested runs."""

_CLOCKS: Final = {
    "seen": ("first seen", "Articles by the {unit} when they were first seen"),
    "published": ("published", "Articles by the {unit} of publication"),
}


def articles_by_day(rows: Rows, *, now: datetime) -> Section:
    """Build the section on new articles by source: when first seen, and when published."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["clock"] == "seen":
            sums[row["label"] or OTHERS]["articles"] += row["articles"]
    order = ranked(sums)  # one order for both charts, so that a source keeps its colour
    charts = [
        chart
        for clock in _CLOCKS
        if (chart := _by_day(rows, clock, order, until=now.date())) is not None
    ]
    section = Section("articles", "Articles over time", empty="No articles yet.", charts=charts)
    if not charts:
        return section
    by_day = Counter[date]()
    for row in rows:
        if row["clock"] == "seen":
            by_day[row["day"]] += row["articles"]
    busiest, highest = max(by_day.items(), key=lambda entry: (entry[1], entry[0]))
    finding = (
        f"{plural(sum(by_day.values()), 'article')} were first seen on "
        f"{plural(len(by_day), 'day')}; "
        f"the busiest was {busiest:%A, %-d %B %Y} with {highest:,}."
        if len(by_day) > 1
        else f"All were first seen on {busiest:%A, %-d %B %Y}."
    )
    return Section("articles", "Articles over time", finding, charts=charts)


def _by_day(rows: Rows, clock: str, order: Sequence[str], *, until: date) -> Chart | None:
    clock_rows = [row for row in rows if row["clock"] == clock]
    totals = Counter[date]()
    for row in clock_rows:
        totals[row["day"]] += row["articles"]
    axis = steps(totals, until=until)
    if not axis.starts:
        return None
    counted: dict[str, Counter[date]] = defaultdict(Counter)
    later = 0
    for row in clock_rows:
        if row["day"] > until:
            later += row["articles"]
        elif row["day"] >= axis.starts[0]:
            counted[row["label"] or OTHERS][axis.start(row["day"])] += row["articles"]
    notes = []
    if axis.before:
        notes.append(f"{plural(axis.before, 'article')} before {axis.label(axis.starts[0])}")
    if later:
        notes.append(f"{plural(later, 'article')} after today")
    label, title = _CLOCKS[clock]
    return columns(
        f"days-{clock}",
        title.format(unit=axis.unit),
        axis,
        {name: counted[name] for name in order if counted[name]},
        unit="articles",
        colours={
            name: COLOURS - 1 if name == OTHERS else index for index, name in enumerate(order)
        },
        label=label,
        note=f"Not shown: {', '.join(notes)}." if notes else "",
    )


def ranked(counted: Mapping[str, Counter[Any]]) -> list[str]:
    """Return the names by descending sum, the group of others last."""
    return sorted(counted, key=lambda name: (name in _REST, -sum(counted[name].values()), name))


def columns(
    name: str,
    title: str,
    axis: Steps,
    counted: Mapping[str, Counter[date]],
    *,
    unit: str,
    colours: Mapping[str, int],
    label: str = "",
    note: str = "",
) -> Chart:
    """Build a chart over time; its table omits steps without counts."""
    series = [
        Series(
            key,
            [counts[start] for start in axis.starts],
            colours[key],
        )
        for key, counts in counted.items()
    ]
    total = [sum(group.values[step] for group in series) for step in range(len(axis.starts))]
    table = Table(
        (axis.unit, *(group.name for group in series), "all"),
        [
            (
                Text(axis.label(start)),
                *(Number(count(group.values[step])) for group in series),
                Number(count(total[step])),
            )
            for step, start in reversed(list(enumerate(axis.starts)))
            if total[step]
        ],
        title,
    )
    labels = [axis.label(start) for start in axis.starts]
    return Chart(
        name, Form.COLUMNS, title, unit, table, labels, series, note=note, label=label
    )  # fmt: skip


def runs(rows: Rows, by_day: Rows, *, now: datetime) -> Section:
    """Build the section on what runs brought and how long they took."""
    if not rows:
        return Section("runs", "Runs", empty="No runs in this period.")
    committed = [row for row in rows if row["state"] == "committed"]
    given_up = len(rows) - len(committed)
    slowest = max(committed, key=lambda row: row["seconds"], default=None)
    finding = f"{plural(len(committed), 'run')} committed"
    finding += f", {given_up:,} {'was' if given_up == 1 else 'were'} abandoned" if given_up else ""
    if slowest is not None and len(committed) > 1:
        middle = sorted(row["seconds"] for row in committed)[len(committed) // 2]
        finding += (
            f"; half took {lasting(middle)} or less, the longest {lasting(slowest['seconds'])} "
            f"for {plural(slowest['items'], 'item')} of {visible(slowest['source'], 60)}"
        )
    charts = [chart for chart in (_brought(by_day, now=now), _durations(rows)) if chart is not None]
    return Section("runs", "Runs", f"{finding}.", charts=charts, tables=[_newest(rows)])


def _brought(by_day: Rows, *, now: datetime) -> Chart | None:
    counted: dict[str, Counter[date]] = {fate: Counter() for fate in BROUGHT}
    totals = Counter[date]()
    brought = [row for row in by_day if row["fate"] in BROUGHT]
    for row in brought:
        totals[row["day"]] += row["items"]
    axis = steps(totals, until=max([now.date(), *totals]))
    for row in brought:
        if row["day"] >= axis.starts[0]:
            counted[row["fate"]][axis.start(row["day"])] += row["items"]
    if not axis.starts:
        return None
    return columns(
        "brought",
        f"Items of runs, by {axis.unit}",
        axis,
        {fate: counts for fate, counts in counted.items() if counts},
        unit="items",
        colours=BROUGHT,
        note="Unchanged items are left out.",
    )


def _durations(rows: Rows) -> Chart:
    kinds = {"committed": ("committed", 0), "abandoned": ("abandoned", 1)}
    clouds = [
        Cloud(
            name,
            [
                Point(
                    row["finished_at"].isoformat(timespec="seconds"),
                    max(round(row["seconds"], 1), 0.1),
                    row["items"],
                    visible(row["source"], 60),
                )
                for row in reversed(rows)
                if row["state"] == state
            ],
            colour,
        )
        for state, (name, colour) in kinds.items()
    ]
    table = Table(
        ("ended", "source", "took", "items"),
        [
            (
                Text(moment(row["finished_at"])),
                Text(visible(row["source"], 60)),
                Number(lasting(row["seconds"])),
                Number(count(row["items"])),
            )
            for row in rows[:TABLE_RUNS]
        ],
        "How long runs took",
    )
    return Chart(
        "durations",
        Form.POINTS,
        "How long runs took",
        "seconds",
        table,
        clouds=[cloud for cloud in clouds if cloud.points],
        note="A point is a run, as large as it has items; the lines: a second, a minute, an hour.",
    )


def _newest(rows: Rows) -> Table:
    return Table(
        ("ended", "source", "state", "took", "items", "new", "revised", "copies", "rejected",
         "failed", "unchanged"),
        [
            (
                Text(moment(row["finished_at"])),
                Text(visible(row["source"], 60)),
                Text("committed", note="" if row["counted"] else "replaced by a later run")
                if row["state"] == "committed"
                else Text("abandoned", note=visible(row["reason"] or "")),
                Number(lasting(row["seconds"])),
                Number(count(row["items"])),
                *(Number(count(row[fate])) for fate in
                  ("new", "revised", "duplicate", "rejected", "failed")),
                Number(count(row["unchanged"] + row["not_modified"])),
            )
            for row in rows[:TABLE_RUNS]
        ],
        "The newest runs",
    )  # fmt: skip
