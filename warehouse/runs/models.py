"""What passes between flows and the lake: plans, batches, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from copydesk.schemas.run_profile import Profile
from copydesk.warehouse.storage.raw_files import Raw

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run as it was begun.

    ``run_id`` is never used again, sorts by time (a ULID, or a timestamp and a random part)
    and holds letters, digits and ``._:+-`` alone. ``slice_key`` names what the run covers whole
    (a source and day, an archive): of the committed runs of a slice, the one begun last
    counts. ``parameters`` is JSON. ``items`` is the number planned, where it is known.
    """

    run_id: str
    flow: str
    source: str
    started_at: datetime
    parameters: str = "{}"
    slice_key: str | None = None
    cleaner_version: str | None = None
    host: str = ""
    pid: int = 0
    items: int | None = None


@dataclass(frozen=True, slots=True)
class BatchFrames:
    """One batch of a run: Arrow-backed frames (``copydesk.schemas.arrow.frame``) and the bytes.

    The ledger has one row for each item of the batch. Its fate is ``read`` for an item that has
    a row in ``observations``, else final. ``signatures`` and ``shingles`` are of the texts of
    ``observations``, with the lake's columns; without them the texts are compared with none.
    """

    observations: pd.DataFrame
    cuts: pd.DataFrame
    rejects: pd.DataFrame
    ledger: pd.DataFrame
    raw: Sequence[Raw] = ()
    signatures: pa.Table | None = None
    shingles: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A batch that is kept, outside the tables: its files (below the root) and rows by table."""

    run_id: str
    batch: int
    files: Mapping[str, str]
    rows: Mapping[str, int]
    raw_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sealed:
    """A run that is decided and not yet visible: what it will add.

    ``fates`` counts the ledger's rows, ``reasons`` the rejects (most frequent first). ``files``
    and ``rows`` are by table, ``profiles`` by source; of a re-cleaning, ``before`` are those of
    the same documents as they were read before.
    """

    run_id: str
    files: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, int]
    fates: Mapping[str, int]
    reasons: Mapping[str, int]
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    before: Mapping[str, Profile] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """Items of the run."""
        return sum(self.fates.values())


@dataclass(frozen=True, slots=True)
class Committed:
    """A run that is visible. ``already`` when an earlier call had committed it."""

    run_id: str
    fates: Mapping[str, int]
    finished_at: datetime
    already: bool = False
