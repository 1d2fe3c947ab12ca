"""Find deployments of earlier releases, which no worker can start any more.

Their entrypoint is ``flows.deployed.*``; current ones start with ``copydesk.``. A worker fails with
"No module named 'flows'", or imports a user's folder of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.flows.prefect_api.deployment_owners import server_deployments

OLD: Final = "flows.deployed."


def old_deployments() -> list[str]:
    """List the full names of deployments with old entrypoints on the Prefect API in use."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return sorted(
            deployment.full_name
            for deployment in server_deployments(client)
            if deployment.entrypoint.startswith(OLD)
        )


def advice(names: Sequence[str]) -> str:
    """Return a sentence on what is wrong with these deployments and how to fix it."""
    return (
        f"Deployed by an earlier release, so that no worker can start them: {', '.join(names)}."
        " `copydesk deploy` redeploys them (--prune deletes those of sources that no longer exist)."
    )
