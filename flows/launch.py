"""Running a flow from the command line: plan while the Prefect API starts, then run."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path

from flows import engine
from flows.progress import progress
from flows.request import Request
from flows.summary import Summary
from schemas.errors import CopydeskError


class RunFailed(CopydeskError):  # noqa: N818  named for what happened
    """A run ended early; what it had staged is kept, and the same command goes on with it."""


def launch_ingest(
    request: Request,
    *,
    home: Path,
    lake: str | None = None,
    workers: int | None = None,
    batch_size: int = 500,
) -> Summary:
    """Ingest, and give the summary; the Prefect API is found, or started for this run alone.

    Raises:
        CopydeskError: an input does not exist, the API does not start, nothing could be read
            (``SourceFailed``), or the run failed (``RunFailed``).
    """
    begun = time.monotonic()
    starting = engine.ApiStarting(home / "prefect-server.log")
    try:
        from flows.prepare import hand_over, prepare  # heavy: while the API starts

        with prepare(request, home, lake, batch_size=batch_size, now=datetime.now(UTC)) as prepared:
            progress().phase("Starting Prefect")
            with engine.use(starting.wait()), hand_over(prepared):
                from flows.ingest import ingest

                summary = ingest(request, home, lake, workers)
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
    return dataclasses.replace(summary, seconds=time.monotonic() - begun)
