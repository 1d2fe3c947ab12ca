"""The lake's version, in ``lake.json``: what a release reads, and how it brings older ones up.

A version is raised when a release writes what an older one would misread or miss. Columns and
tables that came later read as null and empty, so most steps have nothing to do but say so.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.storage import Store

RECORD: Final = "lake.json"


@dataclass(frozen=True, slots=True)
class Step:
    """What brings a lake to version ``to``.

    ``work`` changes what is stored; it may be killed and called again. Without it older rows are
    read as they are, and the first run that begins raises the version.
    """

    to: int
    says: str
    work: Callable[[Tables], None] | None = None


STEPS: tuple[Step, ...] = (
    Step(
        2,
        "texts have signatures, by which near copies are found and which forgetting erases;"
        " those stored before get theirs when they are cleaned again",
    ),
)
"""The steps from version 1, in order."""


def newest() -> int:
    """Give the version that this release writes."""
    return STEPS[-1].to if STEPS else 1


def steps_from(found: int) -> Sequence[Step]:
    """List the steps that a lake of a version lacks."""
    return [step for step in STEPS if step.to > found]


def new_record() -> bytes:
    """Write the record of a lake that is made now."""
    return _encode(newest(), uuid.uuid4().hex)


def read_record(root: str, record: bytes, *, outdated: bool = False) -> tuple[int, str]:
    """Give a lake's version and identity; LakeError where this release would misread it.

    ``outdated`` allows one that has to be migrated.
    """
    try:
        values = json.loads(record)
        found, identity = int(values["format"]), str(values["id"])
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"{root}/{RECORD} does not say the lake's version") from None
    if found > newest():
        raise LakeError(
            f"the lake at {root} has version {found}, this copydesk knows {newest()}: upgrade it"
        )
    if not outdated and any(step.work for step in steps_from(found)):
        raise LakeError(
            f"the lake at {root} has version {found}, this copydesk reads {newest()}:"
            " copydesk migrate brings it up"
        )
    return found, identity


def raise_version(store: Store, version: int, identity: str) -> None:
    """Record that a lake has a version."""
    store.put(RECORD, _encode(version, identity))
    store.sync([RECORD])


def _encode(version: int, identity: str) -> bytes:
    return json.dumps({"format": version, "id": identity}).encode()
