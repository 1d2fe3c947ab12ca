"""The report page's data model: figures, charts and tables, in sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A text cell, possibly from an article; ``href`` is an http(s) address or empty."""

    words: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number cell, already formatted."""

    words: str


Cell = Text | Number


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; each column is all ``Text`` or all ``Number``."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""


class Form(StrEnum):
    """The form of a chart."""

    COLUMNS = "columns"  # over time, stacked; zoomable if there are many
    BARS = "bars"  # horizontal, stacked, one for each category
    POINTS = "points"  # one for each run: time, duration, size


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a chart, one per category; ``colour`` is an index into the page's palette."""

    name: str
    values: Sequence[float]
    colour: int


@dataclass(frozen=True, slots=True)
class Point:
    """A run: its end (ISO 8601), duration in seconds, number of items, and a note."""

    at: str
    seconds: float
    items: int
    note: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """Points of one kind; ``colour`` is an index into the page's palette."""

    name: str
    points: Sequence[Point]
    colour: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot, and a table with the same content for readers without the plot.

    Of charts with the same ``group`` one is shown at a time; ``label`` is its name in the
    selection.
    """

    name: str
    form: Form
    title: str
    unit: str
    table: Table
    categories: Sequence[str] = ()
    series: Sequence[Series] = ()
    clouds: Sequence[Cloud] = ()
    note: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the funnel.

    ``share`` is relative to the first step, 0 to 1; ``dropped`` describes what was lost before it.
    """

    name: str
    number: str
    share: float
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure at the top; ``note`` is shown below it."""

    name: str
    number: str
    note: str = ""


class Health(StrEnum):
    """The health of a source; the values are shown on the page."""

    FRESH = "fresh"
    QUIET = "quiet"
    REJECTING = "rejecting"
    FAILING = "failing"
    BROKEN_OFF = "broken off"
    ONCE = "read once"
    EMPTY = "no articles"


UNWELL = frozenset({Health.QUIET, Health.REJECTING, Health.FAILING, Health.BROKEN_OFF})
"""States that need attention."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source's row: health and reason, numbers, and counts of the last 30 days, oldest first."""

    name: str
    health: Health
    why: str
    articles: str
    copies: str
    newest: str
    last_run: str
    recent: Sequence[int]


@dataclass(frozen=True, slots=True)
class Example:
    """An input without an article, or a copy of an article."""

    title: Text
    detail: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A reason why inputs gave no article, with examples."""

    fate: str
    reason: str
    items: str
    sources: str
    last_seen: str
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Cluster:
    """An article that others repeat, with some of its copies."""

    lead: Example
    copies: str
    sources: str
    examples: Sequence[Example]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page.

    ``finding`` summarises the content in a sentence; ``empty`` replaces it if there is nothing to
    show.
    """

    name: str
    title: str
    finding: str = ""
    empty: str = ""
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    sources: Sequence[Source] = ()
    stages: Sequence[Stage] = ()
    missing: Sequence[Missing] = ()
    clusters: Sequence[Cluster] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole page."""

    title: str
    scope: str
    made_at: str
    version: str
    figures: Sequence[Figure]
    sections: Sequence[Section] = field(default=())
