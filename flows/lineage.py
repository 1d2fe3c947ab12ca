"""What runs make, as Prefect's assets: the lake, and the published file that is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flows.retries import IDEMPOTENT

if TYPE_CHECKING:
    from prefect import Task

P = ParamSpec("P")
R = TypeVar("R")


def lake_key(home: Path, lake: str | None) -> str:
    """Name the lake as an asset."""
    if lake is not None and "://" in lake:
        return lake.rstrip("/")
    return f"file://{(Path(lake) if lake else home / 'lake').resolve()}"


def tables_key(home: Path) -> str:
    """Name the published file as an asset."""
    return f"file://{home.resolve()}/serving/current.duckdb"


def making(task: Task[P, R], made: str, *, of: Sequence[str] = ()) -> Task[P, R]:
    """Let Prefect record that a task makes an asset, and of which others.

    A path that Prefect takes for no asset's key is made all the same, unrecorded.
    """
    from prefect.assets import Asset
    from prefect.tasks import MaterializingTask

    try:
        assets, sources = [Asset(key=made)], [Asset(key=key) for key in of]
    except ValueError:
        return task
    return MaterializingTask(
        fn=task.fn,
        name=task.name,
        assets=assets,
        asset_deps=list(sources),
        materialized_by="copydesk",
        **IDEMPOTENT,
    )
