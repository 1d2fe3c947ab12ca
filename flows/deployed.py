"""The flows as deployments run them: with retries, and with an end to a run that hangs.

A person at the command line sees a failure at once; a schedule tries again by itself.
"""

from __future__ import annotations

from flows.backfill import backfill as backfill_flow
from flows.ingest import ingest as ingest_flow
from flows.maintain import maintain as maintain_flow
from flows.publish import publish as publish_flow

HOUR = 3600

ingest = ingest_flow.with_options(
    retries=2,
    retry_delay_seconds=120,  # a site that restarts is back by then
    timeout_seconds=6 * HOUR,  # the next run goes on where a run that was stopped stands
)
publish = publish_flow.with_options(retries=2, retry_delay_seconds=60, timeout_seconds=2 * HOUR)
maintain = maintain_flow.with_options(retries=1, retry_delay_seconds=300, timeout_seconds=6 * HOUR)
backfill = backfill_flow.with_options(
    retries=2, retry_delay_seconds=300, timeout_seconds=7 * 24 * HOUR
)
