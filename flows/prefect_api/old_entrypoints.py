"""Finds deployments of earlier releases, which no worker can start any more.

Their entrypoint is ``flows.deployed.*``; current ones start with ``copydesk.``. A worker fails with
"No module named 'flows'", or imports a user's folder of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.flows.prefect_api.deployment_specs import TAG

OLD: Final = "flows.deployed."


def old_deployments() -> list[str]:
    """List the full names of deployments with old entrypoints on the Prefect API in use."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import DeploymentFilter

    tagged = DeploymentFilter.model_validate({"tags": {"all_": [TAG]}})
    with get_client(sync_client=True) as client:
        deployments = client.read_deployments(deployment_filter=tagged)
        flows = {flow.id: flow.name for flow in client.read_flows()}
    return sorted(
        f"{flows.get(deployment.flow_id, '?')}/{deployment.name}"
        for deployment in deployments
        if (deployment.entrypoint or "").startswith(OLD)
    )


def advice(names: Sequence[str]) -> str:
    """Say what is wrong with these deployments and how to fix it."""
    return (
        f"Deployed by an earlier release, so that no worker can start them: {', '.join(names)}."
        " `copydesk deploy` makes them anew (--prune deletes those of sources that are gone)."
    )
