"""The quality gates' verdict on a sealed run: a small file, until the run has ended.

It is written once, before the commit, so that a repeated commit is not judged again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from copydesk.schemas.json_form import from_json, to_json
from copydesk.warehouse.storage.storage import Store

FOLDER: Final = "_held"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gates' findings, a sentence each; ``held`` until somebody releases or drops the run.

    ``released`` says that somebody has.
    """

    run_id: str
    held: bool
    findings: tuple[str, ...]
    judged_at: datetime
    released: bool = False


def put_verdict(store: Store, verdict: Verdict) -> Verdict:
    """Store a run's verdict unless it has one, and return the one in force."""
    if store.put_new(_file(verdict.run_id), to_json(verdict)):
        return verdict
    return read_verdict(store, verdict.run_id) or verdict


def read_verdict(store: Store, run_id: str) -> Verdict | None:
    """Read a run's verdict; None before it is judged."""
    data = store.get(_file(run_id))
    return None if data is None else from_json(Verdict, data)


def replace_verdict(store: Store, verdict: Verdict) -> None:
    """Replace a run's verdict: somebody has released the run."""
    store.put(_file(verdict.run_id), to_json(verdict))


def drop_verdict(store: Store, run_id: str) -> None:
    """Delete the verdict of a run that has ended."""
    store.delete([_file(run_id)])


def _file(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"
