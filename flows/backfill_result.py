"""The outcome of a backfill, and its words for people."""

from __future__ import annotations

from dataclasses import dataclass

from copydesk.flows.backfill_slices import BackfillError
from copydesk.flows.display.summary import failure_line
from copydesk.schemas.plural import plural


@dataclass(frozen=True, slots=True)
class BackfillResult:
    """The outcome of a backfill: its finished slices, and items by fate.

    ``failed`` lists slices with unresolved failures and their reasons, from this run or an earlier
    one. ``may_pass`` counts those where another attempt may help; it cannot where the only problem
    is an item that does not exist. ``remaining`` counts the slices that the same command would
    process next.
    """

    name: str
    slices_done: int
    failed: tuple[str, ...]
    fates: dict[str, int]
    remaining: int = 0
    source: str = ""
    may_pass: int = 0

    def failure(self) -> str:
        """Return how many slices of which source failed, and why the first did."""
        reason = f"{plural(len(self.failed), 'slice')} not read completely: {self.failed[0]}"
        return failure_line(self.source, reason)

    def line(self) -> str:
        """Return the outcome as one line."""
        parts = [plural(self.slices_done, "slice")]
        fates = ("new", "revised", "rejected", "failed", "gone")
        parts += [f"{self.fates[fate]:,} {fate}" for fate in fates if self.fates.get(fate)]
        return ", ".join(parts) if self.slices_done else "nothing to do"


class SlicesFailed(BackfillError):  # noqa: N818  named for what happened
    """Some slices failed; the others are complete."""

    def __init__(self, result: BackfillResult) -> None:
        failures = "\n".join(f"  {failure}" for failure in result.failed[:5])
        super().__init__(
            f"{plural(len(result.failed), 'slice')} failed or not read completely; the same "
            f"command resumes them (with --only-failed, only them):\n{failures}"
        )
        self.result = result
