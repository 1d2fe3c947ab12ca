"""Descriptions of tables as plain data, without imports of database libraries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ColumnType(StrEnum):
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
    """A column: name, type, allowed values, and a sentence that defines it.

    ``one_of``, ``pattern`` (for the whole value) and ``minimum`` restrict values that are not null.
    """

    name: str
    kind: ColumnType
    sentence: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view: its columns in order, and a sentence that defines it.

    ``key`` names the columns whose values are unique within a batch or version.
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
        """Return a column by name; KeyError names the table."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def optional(column: Column) -> Column:
    """Return a nullable copy of a column."""
    return Column(
        column.name,
        column.kind,
        column.sentence,
        True,
        column.one_of,
        column.pattern,
        column.minimum,
    )
