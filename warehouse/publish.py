"""Publishing: a new version of the DuckDB file, from the lake, beside the one that is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Publication:
    """The version that readers see. ``changed`` is False when there was nothing to publish.

    ``counts`` are rows by table.
    """

    version: int
    path: Path
    changed: bool
    counts: Mapping[str, int]


def publish(
    home: Path, *, lake: Lake | None = None, rebuild: bool = False, keep: int = 3
) -> Publication:
    """Publish what is committed: build beside, then swap. PublishError leaves the old version.

    ``lake`` defaults to the one below ``home``. ``rebuild`` starts from the lake alone;
    otherwise the last version is copied and only what changed is put in. Of older versions
    ``keep`` stay, the new one included.
    """
    raise NotImplementedError


def rollback(home: Path, version: int | None = None) -> Publication:
    """Let readers see a kept version again: ``version``, or the one before the current."""
    raise NotImplementedError
