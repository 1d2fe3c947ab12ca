"""The version of the published schema, and the record of what each version promised.

``docs/schema-policy.md`` says which changes need which version. The record holds every version;
``python -m training.schema_versions`` adds today's schema to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final

from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.published_views import VIEWS
from copydesk.schemas.table_model import Column, Table

SCHEMA_VERSION: Final = "1.2"
"""Major and minor number of the schema of the published tables and views."""

RECORD: Final = "schema-versions.json"

_DIGITS: Final = 8  # of a sentence's hash

Promise = dict[str, dict[str, str]]
"""Each table's columns with type, null, values and the hash of the sentence; ``""`` is the table's
own entry: its key and the hash of its sentence."""


class Level(StrEnum):
    """The version that a change of the schema needs."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A difference between two schemas; ``column`` is empty where it is of the table itself."""

    table: str
    column: str
    level: Level
    detail: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}".rstrip(".") + f": {self.detail} ({self.level})"


def published_tables() -> tuple[Table, ...]:
    """Return all published tables and views in the dictionary's order."""
    tables = PUBLISHED | VIEWS
    return (tables["articles"], *(table for name, table in tables.items() if name != "articles"))


def promise(tables: tuple[Table, ...] | None = None) -> Promise:
    """Return what the schema promises, by table and column."""
    return {
        table.name: {"": _table_entry(table)}
        | {column.name: _column_entry(column) for column in table.columns}
        for table in tables or published_tables()
    }


def recorded_versions() -> dict[str, Promise]:
    """Return what each recorded version promised, oldest first."""
    text = (files("copydesk.schemas") / "data" / RECORD).read_text(encoding="utf-8")
    versions: dict[str, Promise] = json.loads(text)
    return versions


def differences(before: Promise, after: Promise) -> list[SchemaChange]:
    """Return every change between two schemas with the version that it needs."""
    return [change for table in before | after for change in _of_table(table, before, after)]


def with_version(
    versions: Mapping[str, Promise], version: str, today: Promise
) -> dict[str, Promise]:
    """Return the record with another version.

    Raises:
        ValueError: the version is recorded with another schema, or is too low for what changed.
    """
    if version in versions:
        if changes := differences(versions[version], today):
            listed = "\n".join(map(str, changes))
            raise ValueError(f"schema {version} is recorded; raise SCHEMA_VERSION for\n{listed}")
        return dict(versions)
    if versions:
        latest = list(versions)[-1]
        changes = differences(versions[latest], today)
        level = Level.MAJOR if any(c.level is Level.MAJOR for c in changes) else Level.MINOR
        if version != (required := next_version(latest, level)):
            raise ValueError(
                f"what changed since schema {latest} makes it {required}, not {version}"
            )
    return {**versions, version: today}


def next_version(version: str, level: Level) -> str:
    """Return the version after ``version``."""
    major, minor = map(int, version.split("."))
    return f"{major + 1}.0" if level is Level.MAJOR else f"{major}.{minor + 1}"


def _table_entry(table: Table) -> str:
    return f"key {', '.join(table.key) or 'none'}; {_hashed(table.sentence)}"


def _column_entry(column: Column) -> str:
    null = "null" if column.nullable else "not null"
    values = f" of {', '.join(column.one_of)}" if column.one_of else ""
    return f"{column.kind.value} {null}{values}; {_hashed(column.sentence)}"


def _hashed(sentence: str) -> str:
    return hashlib.sha256(sentence.encode()).hexdigest()[:_DIGITS]


def _of_table(table: str, before: Promise, after: Promise) -> Iterator[SchemaChange]:
    if table not in after:
        yield SchemaChange(table, "", Level.MAJOR, "is gone")
        return
    if table not in before:
        yield SchemaChange(table, "", Level.MINOR, "is new")
        return
    old, new = before[table], after[table]
    for column in {**old, **new}:
        if column not in new:
            yield SchemaChange(table, column, Level.MAJOR, "is gone")
        elif column not in old:
            yield SchemaChange(table, column, Level.MINOR, "is new")
        elif old[column] != new[column]:
            yield from _of_column(table, column, old[column], new[column])


def _of_column(table: str, column: str, before: str, after: str) -> Iterator[SchemaChange]:
    (shape, meaning), (new_shape, new_meaning) = before.split("; "), after.split("; ")
    if shape != new_shape:
        level = Level.MINOR if _only_more_values(shape, new_shape) else Level.MAJOR
        yield SchemaChange(table, column, level, f"{shape} is now {new_shape}")
    if meaning != new_meaning:
        yield SchemaChange(table, column, Level.MINOR, "is described in other words")


def _only_more_values(before: str, after: str) -> bool:
    """Return whether a column's values were only added to, or nulls are no longer allowed."""
    (kind, _, values), (new_kind, _, new_values) = before.partition(" of "), after.partition(" of ")
    stricter = kind.replace(" null", " not null") == new_kind or kind == new_kind
    return stricter and set(values.split(", ")) <= set(new_values.split(", "))
