"""Deployments that a release before the one import name made: no worker can start them any more.

Their entrypoint is ``flows.deployed.*``; today's begin with ``copydesk.``. A worker that meets one
says "No module named 'flows'", or imports a folder of the user's of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.flows.prefect_api.deployment_specs import TAG

OLD: Final = "flows.deployed."


def old_deployments() -> list[str]:
    """List, by full name, the deployments of old entrypoints on the Prefect API that is in use."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import DeploymentFilter

    ours = DeploymentFilter.model_validate({"tags": {"all_": [TAG]}})
    with get_client(sync_client=True) as client:
        deployments = client.read_deployments(deployment_filter=ours)
        flows = {flow.id: flow.name for flow in client.read_flows()}
    return sorted(
        f"{flows.get(deployment.flow_id, '?')}/{deployment.name}"
        for deployment in deployments
        if (deployment.entrypoint or "").startswith(OLD)
    )


def advice(names: Sequence[str]) -> str:
    """Say what is wrong with these deployments and what to do."""
    return (
        f"Deployed by an earlier release, so that no worker can start them: {', '.join(names)}."
        " `copydesk deploy` makes them anew (--prune deletes those of sources that are gone)."
    )
