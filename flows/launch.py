"""Run flows from the command line: plan while the Prefect API starts, then run."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.flows.display.progress import progress
from copydesk.flows.display.summary import Summary
from copydesk.flows.early_start import server_log
from copydesk.flows.engines.placement import HERE, Placement
from copydesk.flows.prefect_api import connection
from copydesk.flows.requests import IngestRequest
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.workers.without_pandas import leave_out_pandas

if TYPE_CHECKING:
    from copydesk.flows.backfill_result import BackfillResult
    from copydesk.flows.requests import RecleanRequest
    from copydesk.tasks.backfill.slices import BackfillScope, Plan


class RunFailed(CopydeskError):  # noqa: N818  named for what happened
    """A run ended early; what it had staged is kept, and the same command resumes it."""


@contextlib.contextmanager
def _starting_api(home: Path) -> Iterator[connection.ApiStarting]:
    """Start the API in the background of this block; stop it at the end.

    Wraps unexpected exceptions in RunFailed.
    """
    leave_out_pandas()
    starting = connection.ApiStarting(server_log(home))
    try:
        yield starting
    except CopydeskError:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise RunFailed(
            f"the run failed: {cause}\nFinished batches are kept, and the same command "
            "resumes it; --verbose shows Prefect's log."
        ) from error
    finally:
        progress().phase("Stopping")
        starting.stop()


def launch_ingest(
    request: IngestRequest,
    workspace: Workspace,
    *,
    workers: int | None = None,
    batch_size: int = 500,
    placement: Placement = HERE,
) -> Summary:
    """Run an ingest and return its summary; the Prefect API is found, or started for this run.

    Raises:
        CopydeskError: an input does not exist, the API does not start, the workers of a cluster
            cannot do the run's batches (``PlacementError``), nothing could be read
            (``SourceFailed``), or the run failed (``RunFailed``).
    """
    started = time.monotonic()
    with _starting_api(workspace.home) as starting:
        from copydesk.flows.batches import begun_early
        from copydesk.flows.run_setup import hand_over, prepare  # slow, while the API starts

        if placement.cluster is not None:
            request = request.absolute()
            workspace = workspace.absolute()
        with prepare(
            request, workspace, batch_size=batch_size, now=datetime.now(UTC),
            on_work=placement.starter(workers),
        ) as prepared:  # fmt: skip
            progress().phase("Starting Prefect")
            with contextlib.ExitStack() as stack:
                if placement.cleans_here:
                    stack.enter_context(begun_early(request, workspace, prepared, workers))
                stack.enter_context(connection.use(starting.wait()))
                handover = stack.enter_context(hand_over(prepared))
                from prefect.exceptions import MissingResult

                from copydesk.flows.ingest import ingest

                placement.check(request, workspace)
                flow = ingest.with_options(task_runner=placement.task_runner(workers))
                try:
                    summary = flow(request, workspace.home, workspace.lake, workers)
                except MissingResult:  # the API lost the result, and the run is committed
                    if handover.summary is None:
                        raise
                    summary = handover.summary
    return dataclasses.replace(summary, seconds=time.monotonic() - started)


def launch_reclean(
    request: RecleanRequest,
    workspace: Workspace,
    *,
    workers: int | None = None,
    batch_size: int = 500,
    placement: Placement = HERE,
) -> Summary | None:
    """Clean stored documents again and return the summary; None when none is outdated.

    Raises:
        CopydeskError: a run of the same request is held or running, or as for ``launch_ingest``.
    """
    started = time.monotonic()
    with _starting_api(workspace.home) as starting:
        from copydesk.flows.reclean_setup import prepare_reclean
        from copydesk.flows.run_setup import hand_over

        if placement.cluster is not None:
            workspace = workspace.absolute()
        now = datetime.now(UTC)
        with prepare_reclean(request, workspace, batch_size=batch_size, now=now) as prepared:
            if prepared is None:
                return None
            progress().phase("Starting Prefect")
            with connection.use(starting.wait()), hand_over(prepared):
                from copydesk.flows.reclean import reclean

                placement.check(request, workspace)
                flow = reclean.with_options(task_runner=placement.task_runner(workers))
                summary = flow(request, workspace.home, workspace.lake, workers)
    return dataclasses.replace(summary, seconds=time.monotonic() - started)


def launch_backfill(
    scope: BackfillScope,
    workspace: Workspace,
    *,
    parallel: int,
    again: bool,
    only_failed: bool,
    workers: int | None,
    batch_size: int,
    placement: Placement = HERE,
    show: Callable[[Plan], None],
) -> BackfillResult:
    """Run a backfill; ``show`` receives the plan before any slice starts.

    Raises:
        CopydeskError: the source cannot list its past, slices failed (``SlicesFailed``), or as for
            ``launch_ingest``.
    """
    with _starting_api(workspace.home) as starting:
        from copydesk.flows.backfill import already_running, backfill, load_or_make_plan
        from copydesk.flows.run_locks import is_alive

        if is_alive(workspace.home, scope.id):
            raise already_running(scope)  # before a new plan replaces the one that it uses
        if placement.cluster is not None:
            workspace = workspace.absolute()
        plan = load_or_make_plan(workspace, scope, again=again)
        show(plan)
        progress().phase("Starting Prefect")
        with connection.use(starting.wait()):
            return backfill(
                scope.source,
                scope.first,
                scope.last,
                scope.by,
                scope.timezone,
                parallel,
                scope.undated,
                only_failed=only_failed,
                sources_file=Path(scope.sources_file) if scope.sources_file else None,
                allow_hosts=scope.allow_hosts,
                contact=scope.contact,
                home=workspace.home,
                lake=workspace.lake,
                workers=workers,
                batch_size=batch_size,
                engine=placement.engine,
                cluster=placement.cluster,
            )
