"""What the published schema promises, version by version: docs/schema-policy.md."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest

from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.schema_version import (
    SCHEMA_VERSION,
    Level,
    differences,
    next_version,
    promise,
    published_tables,
    recorded_versions,
    with_version,
)
from copydesk.schemas.table_model import Column, ColumnType, Table

TODAY = promise()


def changed(table: str, column: str, **fields: object) -> dict[str, dict[str, str]]:
    """Today's schema with other fields of one column."""

    def columns(described: Table) -> tuple[Column, ...]:
        return tuple(
            dataclasses.replace(part, **fields) if part.name == column else part
            for part in described.columns
        )

    return promise(
        tuple(
            dataclasses.replace(described, columns=columns(described))
            if described.name == table
            else described
            for described in published_tables()
        )
    )


def with_column(table: Table) -> dict[str, dict[str, str]]:
    new = Column("colour", ColumnType.TEXT, "Its colour.", nullable=True)
    grown = dataclasses.replace(table, columns=(*table.columns, new))
    return promise(tuple(grown if t.name == table.name else t for t in published_tables()))


def test_the_schema_is_the_recorded_one():
    """A change needs a new SCHEMA_VERSION: ``python -m training.schema_versions``."""
    versions = recorded_versions()
    assert list(versions)[-1] == SCHEMA_VERSION
    changes = differences(versions[SCHEMA_VERSION], TODAY)
    assert not changes, "\n".join(map(str, changes))


def test_every_recorded_version_follows_the_policy():
    for (version, before), (following, after) in pairwise(recorded_versions().items()):
        levels = {change.level for change in differences(before, after)}
        assert following == next_version(
            version, Level.MAJOR if Level.MAJOR in levels else Level.MINOR
        )


@pytest.mark.parametrize(
    ("after", "level", "detail"),
    [
        (
            changed("articles", "word_count", sentence="Number of letters."),
            Level.MINOR,
            "other words",
        ),
        (changed("articles", "word_count", kind=ColumnType.TEXT), Level.MAJOR, "is now VARCHAR"),
        (changed("articles", "word_count", name="words"), Level.MAJOR, "is gone"),
        (changed("articles", "word_count", nullable=True), Level.MAJOR, "is now BIGINT null"),
        (changed("articles", "site", nullable=False), Level.MINOR, "is now VARCHAR not null"),
        (changed("duplicates", "relation", one_of=("exact",)), Level.MAJOR, "of exact"),
        (
            changed(
                "duplicates", "relation", one_of=("exact", "near", "contained", "contains", "x")
            ),
            Level.MINOR,
            "contains, x",
        ),
        (with_column(PUBLISHED["sources"]), Level.MINOR, "is new"),
        ({k: v for k, v in TODAY.items() if k != "outlets"}, Level.MAJOR, "is gone"),
        ({**TODAY, "sections": {"": "key none; 0"}}, Level.MINOR, "is new"),
    ],
)
def test_what_a_change_needs(after, level, detail):
    changes = differences(TODAY, after)
    assert max(change.level is Level.MAJOR for change in changes) == (level is Level.MAJOR)
    assert any(detail in str(change) for change in changes)
    with pytest.raises(ValueError, match=r"raise SCHEMA_VERSION for\n"):
        with_version({"1.0": TODAY}, "1.0", after)
    wrong, right = ("1.1", "2.0") if level is Level.MAJOR else ("2.0", "1.1")
    with pytest.raises(ValueError, match=f"makes it {right}, not {wrong}"):
        with_version({"1.0": TODAY}, wrong, after)
    assert list(with_version({"1.0": TODAY}, right, after)) == ["1.0", right]


def test_a_version_is_recorded_once():
    versions = with_version({}, "1.0", TODAY)
    assert with_version(versions, "1.0", TODAY) == versions
