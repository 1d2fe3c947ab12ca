"""What lies in the lake as JSON: read as it was written, by this release and by the one before."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from copydesk.schemas.article import Hints
from copydesk.schemas.items import Item
from copydesk.schemas.json_form import from_json, to_json
from copydesk.warehouse.runs.models import RunPlan, StagedBatch
from copydesk.warehouse.runs.verdict import Verdict
from copydesk.warehouse.upkeep.removals import Removal, Request

WHEN = datetime(2026, 3, 1, 8, 30, 0, 120_000, tzinfo=UTC)
VALUES = (
    RunPlan("r1", "ingest", "Küste, zwei", WHEN, '{"inputs": ["a"]}', None, "3", "host", 7, None),
    StagedBatch("r1", 3, {"cuts": "_staging/x"}, {"cuts": 2, "ledger": 0}, 120),
    Verdict("r1", True, ("zu kurz: 40 %", ""), WHEN),
    Removal(
        "forget-1", Request(url="https://a.example/ü"), WHEN, "/home", None,
        frozenset({"a", "b"}), ranges=frozenset({("f", 1, 2), ("f", 3, 4)}),
    ),
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_it_is_read_as_it_was_written(value: Any) -> None:
    assert from_json(type(value), to_json(value)) == value


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_earlier_releases_wrote_is_read(value: Any) -> None:
    """They wrote a dataclass as a dictionary, sets sorted, moments in ISO 8601."""
    written = json.dumps(dataclasses.asdict(value), default=_older) + "\n"
    assert from_json(type(value), written) == value


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_fields_of_a_later_release_are_left_out(value: Any) -> None:
    values = json.loads(to_json(value)) | {"of_a_later_release": [1]}
    assert from_json(type(value), json.dumps(values)) == value


def test_a_moment_keeps_its_instant_and_lists_their_order() -> None:
    away = WHEN.astimezone(timezone(timedelta(hours=5, minutes=30)))
    items = [Item("s", str(n), "u", "h", hints=Hints(published_at=away)) for n in (2, 1)]
    data = to_json(items, form=list[Item], without_defaults=True)
    assert b"media_type" not in data
    assert from_json(list[Item], data) == items


def _older(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else sorted(value)  # type: ignore[call-overload]
