"""The flows as deployments run them, with a time limit.

Deployments retry by their parameters (``prefect_api.deployment_specs``); the command line does not,
since the user sees the failure. Prefect's own retries are not used: see ``prefect_api.retries``.
"""

from __future__ import annotations

from copydesk.flows.backfill import backfill as backfill_flow
from copydesk.flows.ingest import ingest as ingest_flow
from copydesk.flows.maintain import maintain as maintain_flow
from copydesk.flows.publish import publish as publish_flow

HOUR = 3600

ingest = ingest_flow.with_options(
    timeout_seconds=6 * HOUR,  # the next run resumes it
)
publish = publish_flow.with_options(timeout_seconds=2 * HOUR)
maintain = maintain_flow.with_options(timeout_seconds=6 * HOUR)
backfill = backfill_flow.with_options(timeout_seconds=7 * 24 * HOUR)
