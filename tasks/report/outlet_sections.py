"""The report's tables by outlet: what became of their articles, and who repeats whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from copydesk.schemas.plural import plural
from copydesk.tasks.report.format import count, percent, short, visible
from copydesk.tasks.report.model import Number, Section, Table, Text

Rows = Sequence[Mapping[str, Any]]

_PAIRS: Final = 12
_SIDE: Final = 8
"""Outlets on each side of the matrix: those that repeat, and those that are repeated most."""

_COUNTS: Final = {
    "copies": "repeat another",
    "copied": "are repeated",
    "edited": "edited",
    "silently_edited": "edited silently",
    "gone": "taken down",
}


def outlets(rows: Rows) -> Section:
    """Build the section on the outlets and what became of their articles."""
    if not rows:
        return Section("outlets", "Outlets", empty="No articles yet.")
    table = Table(
        ("outlet", "articles", "words", *_COUNTS.values()),
        [
            (
                Text(visible(row["outlet"], 60)),
                Number(count(row["articles"])),
                Number(short(row["words"] or 0)),
                *(Number(count(row[name])) for name in _COUNTS),
            )
            for row in rows
        ],
        "What became of each outlet's articles",
    )
    first, total = rows[0], sum(row["articles"] for row in rows)
    finding = (
        f"{plural(len(rows), 'outlet')}; the largest, {visible(first['outlet'], 60)}, has "
        f"{percent(first['articles'], total)} of the articles."
    )
    return Section("outlets", "Outlets", finding, tables=[table])


def pair_table(rows: Rows) -> Table:
    """Return which outlet repeats which most often, and how fast; ``rows`` has most first."""
    return Table(
        ("outlet", "repeats", "articles", "median hours later"),
        [
            (
                Text(visible(row["outlet"], 60)),
                Text(visible(row["original_outlet"], 60)),
                Number(count(row["articles"])),
                Number(f"{row['lag_hours']:,.1f}"),
            )
            for row in rows[:_PAIRS]
        ],
        "Which outlet repeats which",
    )


def matrix(rows: Rows) -> Table:
    """Return the matrix of who repeats whom: copying outlets down, originals across."""
    copying, originals = Counter[str](), Counter[str]()
    cells = Counter[tuple[str, str]]()
    for row in rows:
        copying[row["outlet"]] += row["articles"]
        originals[row["original_outlet"]] += row["articles"]
        cells[row["outlet"], row["original_outlet"]] += row["articles"]
    across = [name for name, _ in originals.most_common(_SIDE)]
    return Table(
        ("repeats", *(visible(name, 40) for name in across)),
        [
            (
                Text(visible(outlet, 60)),
                *(
                    Number(count(number) if (number := cells[outlet, name]) else "–")
                    for name in across
                ),
            )
            for outlet, _ in copying.most_common(_SIDE)
        ],
        "Who repeats whom: copying outlets down, originals across",
    )
