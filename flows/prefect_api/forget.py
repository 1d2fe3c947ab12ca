"""Delete the flow runs and artifacts in Prefect that name a removed article.

Prefect keeps each flow run's parameters, and a run's page lists items without an article. Neither
can be edited, so whatever names a removed article is deleted.
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
from copydesk.flows.prefect_api.temporary_server import PrefectApiError
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
"""Names of this project's flows."""

PAGE: Final = 200
"""Rows in one response, the maximum of Prefect's API."""

_MARKS: Final = re.compile(r"[\s|()\[\]<>\"'`]+")
_ESCAPED: Final = re.compile(r"\\([\\`*_\[\]|])")

Row = TypeVar("Row")


class PrefectNotCleaned(CopydeskError):  # noqa: N818  named for what is left to do
    """Prefect's API does not answer, so records of a removed article remain there."""


@contextlib.contextmanager
def prefect_removal(home: Path) -> Iterator[Callable[[Removal], None]]:
    """Yield a function that removes articles from Prefect; its first call finds or starts the API.

    If this user's Prefect has never run a flow, nothing is done.
    """
    with contextlib.ExitStack() as stack:
        apis: list[connection.Api | None] = []

        def remove(removal: Removal) -> None:
            if not apis:
                apis.append(stack.enter_context(_api_for_removal(home)))
            if apis[0] is not None:
                remove_from_prefect(removal)

        yield remove


@contextlib.contextmanager
def _api_for_removal(home: Path) -> Iterator[connection.Api | None]:
    with contextlib.ExitStack() as stack:
        existing = connection.use_existing(start_log=home / "prefect-server.log")
        try:
            api = stack.enter_context(existing)
        except PrefectApiError as error:
            raise PrefectNotCleaned(
                f"the lake and the tables are done, but Prefect's records remain: {error}\n"
                "Repeat the command, or run copydesk maintain, to complete the removal."
            ) from error
        yield api


def remove_from_prefect(removal: Removal) -> None:
    """Delete the flow runs and artifacts that name removed articles, on the API in use."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        flow_runs = _flow_runs(client)
        readers = {run.id for run in flow_runs if run.name in removal.runs}
        for artifact in _artifacts(client):
            of_reader = artifact.flow_run_id in readers
            if _mentions(str(artifact.data), removal, locators=of_reader):
                _gone(client.delete_artifact, artifact.id)
        for run in flow_runs:
            if _names(client, run, removal, is_reader=run.id in readers):
                _gone(client.delete_flow_run, run.id)


def _names(client: SyncPrefectClient, run: FlowRun, removal: Removal, *, is_reader: bool) -> bool:
    """Return whether a flow run's parameters, states or log name a removed article."""
    inputs = list(_texts(run.parameters))
    if any(names_removed(text, removal.names, of_reader=is_reader) for text in inputs):
        return True
    if any(_is_file_of(text, removal) for text in inputs):
        return True
    ended_badly = run.state is None or not run.state.is_completed()
    if not (is_reader or ended_badly or run.run_count > 1):
        return False
    states = client.read_flow_run_states(run.id)
    texts = [run.name, *(f"{state.name} {state.message or ''}" for state in states)]
    texts += [task.state.message or "" for task in _task_runs(client, run.id) if task.state]
    texts += _log(client, run.id)
    return any(_mentions(text, removal, locators=is_reader) for text in texts)


def _mentions(text: str, removal: Removal, *, locators: bool) -> bool:
    """Return whether a text has a removed article's address or, with ``locators``, its locator."""
    plain = _ESCAPED.sub(r"\1", text)
    words = {word.rstrip(".,:;") for word in (*_MARKS.split(plain), *_MARKS.split(text))}
    words |= {cell.strip() for cell in re.split(r"(?<!\\)\|", text)}
    words |= {_ESCAPED.sub(r"\1", word) for word in words}
    words |= {unquote(word) for word in words}
    if locators and not words.isdisjoint(removal.names):
        return True
    return any(names_removed(word, removal.names, of_reader=False) for word in words)


def _is_file_of(text: str, removal: Removal) -> bool:
    """Return whether an input is the path of a removed file in a folder that is no named source."""
    path = Path(text)
    if "://" in text or not path.name:
        return False
    parent = str(path.absolute().parent)
    return item_id(source_name(parent), plain_path(path.name)) in removal.items


def _texts(values: Any) -> Iterator[str]:
    """List the strings in a flow run's parameters."""
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


def _gone(delete: Callable[[UUID], None], row_id: UUID) -> None:
    from prefect.exceptions import ObjectNotFound

    with contextlib.suppress(ObjectNotFound):  # deleted by another process
        delete(row_id)
