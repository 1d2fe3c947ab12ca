"""The lake's format version, in ``lake.json``, and the steps that upgrade older lakes.

A release raises the version when older releases would misread or miss what it writes. New columns
and tables read as null and empty in older lakes, so most steps change nothing.
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
    """A step that upgrades a lake to version ``to``; ``says`` describes it.

    ``work`` changes stored files and can be repeated after a crash. Without it older rows are
    read as they are, and the next run that begins raises the version.
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
    """Return the format version that this release writes."""
    return STEPS[-1].to if STEPS else 1


def steps_from(version: int) -> Sequence[Step]:
    """List the steps that a lake of this version lacks."""
    return [step for step in STEPS if step.to > version]


def new_record() -> bytes:
    """Return the record of a new lake."""
    return _encode(newest(), uuid.uuid4().hex)


def read_record(root: str, record: bytes, *, outdated: bool = False) -> tuple[int, str]:
    """Parse a lake's record to its version and identity.

    Raises:
        LakeError: this release would misread the lake, or it has to be migrated first and
            ``outdated`` is false.
    """
    try:
        values = json.loads(record)
        version, identity = int(values["format"]), str(values["id"])
    except (ValueError, KeyError, TypeError):
        raise LakeError(f"{root}/{RECORD} does not say the lake's version") from None
    if version > newest():
        raise LakeError(
            f"the lake at {root} has version {version}, this copydesk knows {newest()}: upgrade it"
        )
    if not outdated and any(step.work for step in steps_from(version)):
        raise LakeError(
            f"the lake at {root} has version {version}, this copydesk reads {newest()}:"
            " copydesk migrate upgrades it"
        )
    return version, identity


def raise_version(store: Store, version: int, identity: str) -> None:
    """Record a lake's new version."""
    store.put(RECORD, _encode(version, identity))
    store.sync([RECORD])


def _encode(version: int, identity: str) -> bytes:
    return json.dumps({"format": version, "id": identity}).encode()
