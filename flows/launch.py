"""Running a flow from the command line: plan while the Prefect API starts, then run."""

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
from copydesk.flows.engines.placement import HERE, Placement
from copydesk.flows.prefect_api import connection as engine
from copydesk.flows.requests import Request
from copydesk.flows.workspace import Workspace
from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from copydesk.flows.backfill import Filled
    from copydesk.flows.requests import Recleaning
    from copydesk.tasks.backfill.slices import Plan, Wish


class RunFailed(CopydeskError):  # noqa: N818  named for what happened
    """A run ended early; what it had staged is kept, and the same command goes on with it."""


@contextlib.contextmanager
def _starting_api(home: Path) -> Iterator[engine.ApiStarting]:
    """Let the API start beside what is done first; it is stopped when the block ends.

    An error that is none of ours is said to be a failed run.
    """
    starting = engine.ApiStarting(home / "prefect-server.log")
    try:
        yield starting
    except CopydeskError:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise RunFailed(
            f"the run failed: {cause}\nWhat it has done is kept, and the same command goes on "
            "with it; --verbose shows the engine's log."
        ) from error
    finally:
        progress().phase("Stopping")
        starting.stop()


def launch_ingest(
    request: Request,
    workspace: Workspace,
    *,
    workers: int | None = None,
    batch_size: int = 500,
    placement: Placement = HERE,
) -> Summary:
    """Ingest, and give the summary; the Prefect API is found, or started for this run alone.

    Raises:
        CopydeskError: an input does not exist, the API does not start, the workers of a cluster
            cannot do the run's batches (``PlacementError``), nothing could be read
            (``SourceFailed``), or the run failed (``RunFailed``).
    """
    begun = time.monotonic()
    with _starting_api(workspace.home) as starting:
        from copydesk.flows.run_setup import hand_over, prepare  # heavy: while the API starts

        if placement.cluster is not None:
            request = request.absolute()
            workspace = workspace.absolute()
        with prepare(
            request, workspace, batch_size=batch_size, now=datetime.now(UTC),
            on_work=placement.starter(workers),
        ) as prepared:  # fmt: skip
            progress().phase("Starting Prefect")
            with engine.use(starting.wait()), hand_over(prepared) as handover:
                from prefect.exceptions import MissingResult

                from copydesk.flows.ingest import ingest

                placement.check(request, workspace)
                placed = ingest.with_options(task_runner=placement.task_runner(workers))
                try:
                    summary = placed(request, workspace.home, workspace.lake, workers)
                except MissingResult:  # the API lost the answer, and the run is committed
                    if handover.summary is None:
                        raise
                    summary = handover.summary
    return dataclasses.replace(summary, seconds=time.monotonic() - begun)


def launch_reclean(
    asked: Recleaning,
    workspace: Workspace,
    *,
    workers: int | None = None,
    batch_size: int = 500,
    placement: Placement = HERE,
) -> Summary | None:
    """Clean kept documents again, and give the summary; None when none of them is older.

    Raises:
        CopydeskError: the same is held or at work, or as for ``launch_ingest``.
    """
    begun = time.monotonic()
    with _starting_api(workspace.home) as starting:
        from copydesk.flows.reclean_setup import prepare_reclean
        from copydesk.flows.run_setup import hand_over

        if placement.cluster is not None:
            workspace = workspace.absolute()
        now = datetime.now(UTC)
        with prepare_reclean(asked, workspace, batch_size=batch_size, now=now) as prepared:
            if prepared is None:
                return None
            progress().phase("Starting Prefect")
            with engine.use(starting.wait()), hand_over(prepared):
                from copydesk.flows.reclean import reclean

                placement.check(asked, workspace)
                placed = reclean.with_options(task_runner=placement.task_runner(workers))
                summary = placed(asked, workspace.home, workspace.lake, workers)
    return dataclasses.replace(summary, seconds=time.monotonic() - begun)


def launch_backfill(
    wish: Wish,
    workspace: Workspace,
    *,
    parallel: int,
    again: bool,
    only_failed: bool,
    workers: int | None,
    batch_size: int,
    placement: Placement = HERE,
    show: Callable[[Plan], None],
) -> Filled:
    """Fill a range of the past; ``show`` is given the plan before anything of it is done.

    Raises:
        CopydeskError: the source has no past, slices failed (``SlicesFailed``), or as for
            ``launch_ingest``.
    """
    with _starting_api(workspace.home) as starting:
        from copydesk.flows.backfill import at_work, backfill, begin
        from copydesk.flows.run_locks import is_alive

        if is_alive(workspace.home, wish.id):
            raise at_work(wish)  # before the plan that it goes by is made anew
        if placement.cluster is not None:
            workspace = workspace.absolute()
        plan = begin(workspace, wish, again=again)
        show(plan)
        progress().phase("Starting Prefect")
        with engine.use(starting.wait()):
            return backfill(
                wish.source,
                wish.first,
                wish.last,
                wish.by,
                wish.timezone,
                parallel,
                wish.undated,
                only_failed=only_failed,
                sources_file=Path(wish.sources_file) if wish.sources_file else None,
                allow_hosts=wish.allow_hosts,
                contact=wish.contact,
                home=workspace.home,
                lake=workspace.lake,
                workers=workers,
                batch_size=batch_size,
                engine=placement.engine,
                cluster=placement.cluster,
            )
