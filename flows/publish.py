"""The flow that publishes committed rows in the file that analysts open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.states import Completed
from pydantic import Field

from copydesk.flows.notify import notify
from copydesk.flows.prefect_api.flow_run_locks import flow_run_alive
from copydesk.flows.prefect_api.retries import IDEMPOTENT, Waits, with_retries
from copydesk.flows.prefect_api.run_log import log_end, logged_run
from copydesk.flows.workspace import Workspace
from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.publish import publish as publishing
from copydesk.warehouse.publish.publish import Publication


@flow(name="publish")
def publish(
    home: Path = Path("copydesk-data"),
    lake: str | None = None,
    rebuild: bool = False,
    keep: Annotated[int, Field(ge=1)] = 3,
    retry_seconds: Waits = (),
) -> Publication:
    """Publish committed rows. Every run does this; use it after a repair, or on a schedule.

    Args:
        home: Folder that holds the published tables, and the lake unless that is elsewhere.
        lake: The lake's address, where it is not below the home folder.
        rebuild: Build from the lake alone, not on the last version.
        keep: Versions to keep, the new one included.
        retry_seconds: Seconds before each further attempt.
    """
    with flow_run_alive(home), logged_run("publish", str(home), lake=lake):
        publication = with_retries(
            lambda: build(Workspace(home, lake), rebuild, keep), retry_seconds
        )
        notify(home)
        summary = (
            f"version {publication.version}, {publication.counts.get('articles', 0):,} articles"
        )
        log_end(f"Completed: {summary}", version=publication.version, counts=publication.counts)
    return Completed(  # type: ignore[return-value]
        name=f"Completed: {summary}" if publication.changed else "Completed: nothing new",
        message=f"{summary} in {publication.path}",
        data=publication,
    )


@task(name="build", **IDEMPOTENT)
def build(workspace: Workspace, rebuild: bool, keep: int) -> Publication:
    """Build the next version beside the current one, and switch to it."""
    return publishing.publish(
        workspace.home, lake=workspace.open_lake(), rebuild=rebuild, keep=keep, comparison=COPIES
    )
