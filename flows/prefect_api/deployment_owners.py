"""Decide which deployments on a Prefect server belong to this home; projects may share a server."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.prefect_api.deployment_specs import TAG, Deployment
from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

PAGE: Final = 200
"""Rows in one response, the maximum of Prefect's API."""


class DeployError(CopydeskError):
    """A deployment cannot be made; the message names it and says what is wrong."""


@dataclass(frozen=True, slots=True)
class ServerDeployment:
    """A deployment of copydesk on a server; ``home`` is the home folder in its parameters.

    ``pool`` is its work pool; None if ``serve`` made it.
    """

    id: UUID
    full_name: str
    home: str | None
    paused: bool = False
    entrypoint: str = ""
    pool: str | None = None

    def is_of(self, home: Path) -> bool:
        """Return whether its runs write to this home."""
        return self.home is not None and Path(self.home).absolute() == home.absolute()


def is_of_home(home: Path, tags: Collection[str], parameters: Mapping[str, Any]) -> bool:
    """Return whether a deployment or its run has this project's tag and writes to this home."""
    path = parameters.get("home")
    return TAG in tags and path is not None and Path(path).absolute() == home.absolute()


def tagged_deployments(client: SyncPrefectClient) -> Iterator[DeploymentResponse]:
    """List the deployments of copydesk on the server, of all homes."""
    from prefect.client.schemas.filters import DeploymentFilter

    tagged = DeploymentFilter.model_validate({"tags": {"all_": [TAG]}})
    for offset in itertools.count(step=PAGE):
        page = client.read_deployments(deployment_filter=tagged, limit=PAGE, offset=offset)
        yield from page
        if len(page) < PAGE:
            return


def server_deployments(client: SyncPrefectClient) -> list[ServerDeployment]:
    """List the deployments of copydesk on the server with their full names."""
    flows: dict[UUID, str] = {}
    rows = []
    for deployment in tagged_deployments(client):
        if deployment.flow_id not in flows:
            flows[deployment.flow_id] = client.read_flow(deployment.flow_id).name
        home = deployment.parameters.get("home")
        rows.append(
            ServerDeployment(
                deployment.id,
                f"{flows[deployment.flow_id]}/{deployment.name}",
                None if home is None else str(home),
                deployment.paused,
                deployment.entrypoint or "",
                deployment.work_pool_name,
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Claim:
    """How a project's plan relates to the deployments on a server.

    ``superseded`` are this home's deployments named without the project, as in earlier releases, by
    the full names of their replacements. ``unplanned`` are the home's other deployments.
    """

    superseded: Mapping[str, ServerDeployment]
    unplanned: tuple[ServerDeployment, ...]


def claim(planned: Sequence[Deployment], existing: Iterable[ServerDeployment], home: Path) -> Claim:
    """Compare a plan with the server's deployments; those of other homes are not changed.

    Raises:
        DeployError: A planned name belongs to another home.
    """
    replacing = {deployment.old_full_name: deployment.full_name for deployment in planned}
    names = set(replacing.values())
    superseded, unplanned = {}, []
    for deployment in existing:
        if deployment.full_name in names:
            if not deployment.is_of(home):
                raise DeployError(
                    f"the deployment {deployment.full_name} on this Prefect server belongs to the "
                    f"home {deployment.home}: set another `project` in the sources file. If that "
                    f"home has moved here: prefect deployment delete {deployment.full_name}"
                )
        elif deployment.is_of(home):
            if (name := replacing.get(deployment.full_name)) is not None:
                superseded[name] = deployment
            else:
                unplanned.append(deployment)
    return Claim(superseded, tuple(unplanned))
