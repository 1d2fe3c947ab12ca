"""Describe the deployments: each named source on its schedule, publish, maintain and backfill.

Pure: from ``sources.toml`` to descriptions. ``deploy`` in this folder passes them to Prefect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from copydesk.flows.prefect_api.retry_waits import SOURCE_WAITS, UPKEEP_WAITS
from copydesk.flows.workspace import Workspace
from copydesk.schemas.credentials import without_credentials
from copydesk.schemas.sources import SourcesFile, read_sources

QUEUE: Final = "default"
SLOW_QUEUE: Final = "backfill"
"""A queue of lower priority with one run at a time, so that backfills never delay schedules."""

TAG: Final = "copydesk"
DEFAULT_HOME_NAME: Final = "copydesk-data"
MAINTAIN_CRON: Final = "30 3 * * *"
"""Once a night, when few sites publish."""

POOL: Final[str] = SourcesFile().pool
"""The work pool where the sources file names none."""

FLOWS: Final = ("ingest", "publish", "maintain", "backfill")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment; by default, one of its runs executes at a time.

    ``parameters`` are plain values; a form in Prefect's pages asks for the others.
    ``one_at_a_time`` is false for the deployment that frees stuck slots, because nothing would free
    its own.
    """

    flow: str
    name: str
    project: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cron: str | None = None
    tags: tuple[str, ...] = (TAG,)
    queue: str = QUEUE
    one_at_a_time: bool = True
    pool: str = POOL

    @property
    def entrypoint(self) -> str:
        """Return the import path of its flow."""
        return f"copydesk.flows.deployed.{self.flow}"

    @property
    def collision(self) -> str:
        """Return what happens to a new run while another one executes.

        A scheduled run is skipped, since the next one follows. A run that a user started waits.
        """
        return "CANCEL_NEW" if self.cron else "ENQUEUE"

    @property
    def project_name(self) -> str:
        """Return its name in Prefect, prefixed with the project: projects may share a server."""
        return f"{self.project}.{self.name}"

    @property
    def full_name(self) -> str:
        """Return its full name in Prefect: flow/project.name."""
        return f"{self.flow}/{self.project_name}"

    @property
    def old_full_name(self) -> str:
        """Return its full name in earlier releases, without the project."""
        return f"{self.flow}/{self.name}"


def project_of(sources: SourcesFile, home: Path) -> str:
    """Return the project's name: from the sources file, or the home folder.

    A home with the default name is named after its parent folder.
    """
    if sources.project is not None:
        return sources.project
    folder = home.absolute()
    name = folder.parent.name if folder.name == DEFAULT_HOME_NAME else folder.name
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60] or TAG


def project_at(home: Path, sources_file: str | None) -> str:
    """Name the project of a home whose runs read this sources file."""
    file = None if sources_file is None else Path(sources_file)
    return project_of(read_sources(file) if file and file.exists() else SourcesFile(), home)


def deployments(
    sources: SourcesFile,
    *,
    file: Path,
    workspace: Workspace,
    maintain_cron: str | None = MAINTAIN_CRON,
    publish_cron: str | None = None,
) -> list[Deployment]:
    """Return the deployments; make paths absolute first, because they are used unchanged."""
    project = project_of(sources, workspace.home)
    workspace_parameters: dict[str, Any] = {"home": str(workspace.home)}
    workspace_parameters |= {"lake": workspace.lake} if workspace.lake else {}

    def with_waits(waits: Sequence[float], **others: Any) -> dict[str, Any]:
        return {**others, **workspace_parameters, "retry_seconds": list(waits)}

    each = [
        Deployment(
            "ingest",
            name,
            project,
            f"Ingests {', '.join(map(without_credentials, settings.inputs))}",
            with_waits(SOURCE_WAITS, request={"source": name, "sources_file": str(file)}),
            settings.schedule,
            (TAG, *settings.tags),
        )
        for name, settings in sources.sources.items()
    ]
    planned = [
        *each,
        Deployment(
            "ingest",
            "by-hand",
            project,
            "Ingests the inputs given as parameters: paths, archives, addresses.",
            with_waits(SOURCE_WAITS),
        ),
        Deployment(
            "publish",
            "publish",
            project,
            "Rebuilds the published file.",
            with_waits(UPKEEP_WAITS),
            publish_cron,
        ),
        Deployment(
            "maintain",
            "maintain",
            project,
            "Closes dead runs, frees their slots, maintains the lake.",
            with_waits(UPKEEP_WAITS),
            maintain_cron,
            one_at_a_time=False,
        ),
        Deployment(
            "backfill",
            "backfill",
            project,
            "Backfills a range of days, slice by slice.",
            with_waits(SOURCE_WAITS, sources_file=str(file)),
            queue=SLOW_QUEUE,
        ),
    ]
    return [replace(deployment, pool=sources.pool) for deployment in planned]


def prefect_yaml(planned: Sequence[Deployment]) -> str:
    """Return the deployments as a ``prefect.yaml``, for ``prefect deploy --all``."""
    import yaml  # type: ignore[import-untyped]

    head = (
        "# Deployments for `prefect deploy --all`, written by `copydesk deploy --yaml`.\n"
        f"# They run on a worker: prefect worker start --pool {planned[0].pool}\n"
    )
    rows = []
    for deployment in planned:
        row: dict[str, Any] = {
            "name": deployment.project_name,
            "description": deployment.description,
            "entrypoint": deployment.entrypoint,
            "tags": list(deployment.tags),
            "parameters": dict(deployment.parameters),
        }
        if deployment.cron:
            row["schedules"] = [{"cron": deployment.cron, "timezone": "UTC"}]
        if deployment.one_at_a_time:
            row["concurrency_limit"] = {"limit": 1, "collision_strategy": deployment.collision}
        row["work_pool"] = {"name": deployment.pool, "work_queue_name": deployment.queue}
        rows.append(row)
    text: str = yaml.safe_dump(
        {"name": "copydesk", "deployments": rows}, sort_keys=False, allow_unicode=True, width=100
    )
    return head + text
