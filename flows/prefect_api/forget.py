"""Taking what was forgotten out of Prefect: the flow runs and artifacts that name it.

Prefect keeps the inputs that a flow was started with, and the page of a run tells which items gave
no article. Neither can be changed, so what names a removed article is deleted.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote

from copydesk.flows.prefect_api import connection
from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.ids import item_id
from copydesk.tasks.sources.files.paths import plain_path, source_name
from copydesk.warehouse.upkeep.erase_staged import names_removed

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import Artifact, FlowRun

    from copydesk.warehouse.upkeep.removals import Removal

FLOWS: Final = ("ingest", "backfill", "slice", "reclean", "maintain", "publish")
"""Flows of ours."""

PAGE: Final = 200
"""Rows of one answer, the most that Prefect's API gives."""

_MARKS: Final = re.compile(r"[\s|()\[\]<>\"'`]+")
_ESCAPED: Final = re.compile(r"\\([\\`*_\[\]|])")

Row = TypeVar("Row")


class PrefectKeeps(CopydeskError):  # noqa: N818  named for what is left to do
    """Prefect's API does not answer: what it has of a removed article is still there."""


@contextlib.contextmanager
def prefect_at_hand(home: Path) -> Iterator[Callable[[Removal], None]]:
    """Give what removes from Prefect; its API is found, or started when it is first needed."""
    with contextlib.ExitStack() as stack:
        reached: list[bool] = []

        def remove(removal: Removal) -> None:
            if not reached:
                reached.append(stack.enter_context(_reached(home)))
            if reached[0]:
                remove_from_prefect(removal)

        yield remove


@contextlib.contextmanager
def _reached(home: Path) -> Iterator[bool]:
    """Use the API that there is; False where no Prefect of this user ever ran a flow."""
    from prefect.settings import get_current_settings

    try:
        settings = get_current_settings()
        if connection.find_api() is None and not (Path(settings.home) / "prefect.db").exists():
            yield False
            return
        starting = connection.ApiStarting(home / "prefect-server.log")
        try:
            api = starting.wait()
        except BaseException:
            starting.stop()
            raise
    except connection.EngineError as error:
        raise PrefectKeeps(
            f"the lake and the tables are done; what Prefect keeps is still there: {error}\n"
            "The same command again completes the removal, and so does copydesk maintain."
        ) from error
    try:
        with connection.use(api):
            yield True
    finally:
        starting.stop()


def remove_from_prefect(removal: Removal) -> None:
    """Delete the flow runs and artifacts that name what is removed; the API is in use."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        ours = _flow_runs(client)
        readers = {run.id for run in ours if run.name in removal.runs}
        for artifact in _artifacts(client):
            of_reader = artifact.flow_run_id in readers
            if _mentions(str(artifact.data), removal, locators=of_reader):
                _gone(client.delete_artifact, artifact.id)
        for run in ours:
            if _names(client, run, removal, is_reader=run.id in readers):
                _gone(client.delete_flow_run, run.id)


def _names(client: SyncPrefectClient, run: FlowRun, removal: Removal, *, is_reader: bool) -> bool:
    """Tell whether a flow run's parameters, states or log name what is removed."""
    inputs = list(_texts(run.parameters))
    if any(names_removed(text, removal.names, of_reader=is_reader) for text in inputs):
        return True
    if any(_is_file_of(text, removal) for text in inputs):
        return True
    ended_badly = run.state is None or not run.state.is_completed()
    if not (is_reader or ended_badly or run.run_count > 1):
        return False
    states = client.read_flow_run_states(run.id)
    said = [run.name, *(f"{state.name} {state.message or ''}" for state in states)]
    said += [task.state.message or "" for task in _task_runs(client, run.id) if task.state]
    said += _log(client, run.id)
    return any(_mentions(text, removal, locators=is_reader) for text in said)


def _mentions(text: str, removal: Removal, *, locators: bool) -> bool:
    """Tell whether a text names it by its address, or by its place in a source that was read."""
    plain = _ESCAPED.sub(r"\1", text)
    words = {word.rstrip(".,:;") for word in (*_MARKS.split(plain), *_MARKS.split(text))}
    words |= {cell.strip() for cell in re.split(r"(?<!\\)\|", text)}
    words |= {_ESCAPED.sub(r"\1", word) for word in words}
    words |= {unquote(word) for word in words}
    if locators and not words.isdisjoint(removal.names):
        return True
    return any(names_removed(word, removal.names, of_reader=False) for word in words)


def _is_file_of(text: str, removal: Removal) -> bool:
    """Tell whether an input is the path of a removed file, of a folder that nobody named."""
    path = Path(text)
    if "://" in text or not path.name:
        return False
    parent = str(path.absolute().parent)
    return item_id(source_name(parent), plain_path(path.name)) in removal.items


def _texts(values: Any) -> Iterator[str]:
    """Give the strings of a flow run's parameters."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _texts(value)


def _flow_runs(client: SyncPrefectClient) -> list[FlowRun]:
    from prefect.client.schemas.filters import FlowFilter
    from prefect.client.schemas.sorting import FlowRunSort

    flows = FlowFilter.model_validate({"name": {"any_": list(FLOWS)}})
    return list(
        _pages(
            lambda offset: client.read_flow_runs(
                flow_filter=flows,
                sort=FlowRunSort.EXPECTED_START_TIME_ASC,
                limit=PAGE,
                offset=offset,
            )
        )
    )


def _artifacts(client: SyncPrefectClient) -> list[Artifact]:
    from prefect.client.schemas.filters import ArtifactFilter
    from prefect.client.schemas.sorting import ArtifactSort

    pages = ArtifactFilter.model_validate({"type": {"any_": ["markdown"]}})
    return list(
        _pages(
            lambda offset: client.read_artifacts(
                artifact_filter=pages, sort=ArtifactSort.CREATED_DESC, limit=PAGE, offset=offset
            )
        )
    )


def _task_runs(client: SyncPrefectClient, flow_run: UUID) -> Iterator[Any]:
    from prefect.client.schemas.filters import FlowRunFilter

    of_run = FlowRunFilter.model_validate({"id": {"any_": [str(flow_run)]}})
    return _pages(
        lambda offset: client.read_task_runs(flow_run_filter=of_run, limit=PAGE, offset=offset)
    )


def _log(client: SyncPrefectClient, flow_run: UUID) -> list[str]:
    from prefect.client.schemas.filters import LogFilter

    of_run = LogFilter.model_validate({"flow_run_id": {"any_": [str(flow_run)]}})
    lines = _pages(lambda offset: client.read_logs(log_filter=of_run, limit=PAGE, offset=offset))
    return [line.message for line in lines]


def _pages(read: Callable[[int], Sequence[Row]]) -> Iterator[Row]:
    for page in count():
        rows = read(page * PAGE)
        yield from rows
        if len(rows) < PAGE:
            return


def _gone(delete: Callable[[UUID], None], found: UUID) -> None:
    from prefect.exceptions import ObjectNotFound

    with contextlib.suppress(ObjectNotFound):  # by another process
        delete(found)
