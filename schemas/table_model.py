"""The form in which tables are described: plain data, so that a description costs no import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A column's type, by its name in DuckDB."""

    BYTES = "BLOB"
    DATE = "DATE"
    INTEGER = "BIGINT"
    MAP = "MAP(VARCHAR, VARCHAR)"
    REAL = "DOUBLE"
    TEXT = "VARCHAR"
    TEXTS = "VARCHAR[]"
    TIME = "TIMESTAMP WITH TIME ZONE"
    TRUTH = "BOOLEAN"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, what it may hold and one sentence that says what it is.

    ``one_of``, ``pattern`` (of the whole value) and ``minimum`` bind the values that are not
    null.
    """

    name: str
    kind: Kind
    sentence: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table (or a view) with its columns in order and one sentence.

    ``key`` names the columns that tell its rows apart, where a batch or a version must not
    hold two of them.
    """

    name: str
    sentence: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Find a column; KeyError names the table."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def optional(column: Column) -> Column:
    """Give the same column where null is allowed."""
    return Column(
        column.name,
        column.kind,
        column.sentence,
        True,
        column.one_of,
        column.pattern,
        column.minimum,
    )
