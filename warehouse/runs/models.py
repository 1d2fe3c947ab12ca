"""What flows and the lake exchange: plans, batches and results of runs."""

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
    """The plan of a run.

    ``run_id`` is unique, sorts by time (a ULID, or a timestamp and a random part) and contains only
    letters, digits and ``._:+-``. ``slice_key`` names what the run covers completely (a source and
    day, an archive): of a slice's committed runs, the one that began last counts. ``parameters`` is
    JSON. ``items`` is the number of planned items, where known. While ``is_planning``, batches are
    still added to the plan, and the run cannot be sealed.
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
    is_planning: bool = False


@dataclass(frozen=True, slots=True)
class BatchFrames:
    """One batch of a run: Arrow tables or Arrow-backed frames, and raw bytes.

    They are made by ``arrow_rows`` or ``frame`` of ``copydesk.schemas.arrow``.

    The ledger has one row for each item of the batch. An item with a row in ``observations`` has
    the fate ``read``; every other fate is final. ``signatures`` and ``shingles`` belong to the
    texts of ``observations`` and have the lake's columns; without them near copies of the texts are
    not found.
    """

    observations: pd.DataFrame | pa.Table
    cuts: pd.DataFrame | pa.Table
    rejects: pd.DataFrame | pa.Table
    ledger: pd.DataFrame | pa.Table
    raw: Sequence[Raw] = ()
    signatures: pa.Table | None = None
    shingles: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class StagedBatch:
    """A batch stored outside the tables.

    Its files (paths below the root) and row counts by table.
    """

    run_id: str
    batch: int
    files: Mapping[str, str]
    rows: Mapping[str, int]
    raw_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealed run will add: fixed, and not yet visible.

    ``fates`` counts the ledger's rows, ``reasons`` the rejects (most frequent first). ``files`` and
    ``rows`` are by table, ``profiles`` by source. For a re-cleaning, ``before`` has the profiles of
    the same documents in their earlier reading.
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
        """Number of items in the run."""
        return sum(self.fates.values())


@dataclass(frozen=True, slots=True)
class Committed:
    """A committed run; ``already`` is true when an earlier call had committed it."""

    run_id: str
    fates: Mapping[str, int]
    finished_at: datetime
    already: bool = False
