"""What a report's page is made of: figures, charts, tables, in sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """A cell of words, perhaps from an article; ``href`` is an http(s) address or empty."""

    words: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A cell of a number, as it is written."""

    words: str


Cell = Text | Number


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; a column is all ``Text`` or all ``Number``."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""


class Form(StrEnum):
    """How a chart is drawn."""

    COLUMNS = "columns"  # over time, stacked, with a zoom where there are many
    BARS = "bars"  # lying, stacked, one for each category
    POINTS = "points"  # one for each run: time, duration, size


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a chart, one for each category; ``colour`` numbers the page's palette from 0."""

    name: str
    values: Sequence[float]
    colour: int


@dataclass(frozen=True, slots=True)
class Point:
    """A run: when it ended (ISO 8601), its seconds, its items, and what else to say."""

    at: str
    seconds: float
    items: int
    note: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """Points of one kind; ``colour`` numbers the page's palette from 0."""

    name: str
    points: Sequence[Point]
    colour: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One plot, with its table: what it shows must be readable without it.

    ``group`` is the charts of which one is shown at a time; ``label`` is its name among them.
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

    ``share`` is of the first step, 0 to 1; ``dropped`` says what left before this step.
    """

    name: str
    number: str
    share: float
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the head row; ``note`` stands below it."""

    name: str
    number: str
    note: str = ""


class Health(StrEnum):
    """How a source is; the words are shown."""

    FRESH = "fresh"
    QUIET = "quiet"
    REJECTING = "rejecting"
    FAILING = "failing"
    BROKEN_OFF = "broken off"
    ONCE = "read once"
    EMPTY = "no articles"


UNWELL = frozenset({Health.QUIET, Health.REJECTING, Health.FAILING, Health.BROKEN_OFF})
"""States that somebody should look at."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source's row: its health with the reason, its numbers, its last 30 days (oldest first)."""

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
    """An input that gave no article, or one of the copies of an article."""

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
    """An article that others repeat, with some of them."""

    lead: Example
    copies: str
    sources: str
    examples: Sequence[Example]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    ``finding`` says in a sentence what there is to see, ``empty`` that there is nothing.
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
    """The page."""

    title: str
    scope: str
    made_at: str
    version: str
    figures: Sequence[Figure]
    sections: Sequence[Section] = field(default=())
