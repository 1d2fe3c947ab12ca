"""The summary of a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.items import REFUSED, UNKNOWN_TYPE
from copydesk.schemas.plural import plural
from copydesk.tasks.sources.source import LISTING

if TYPE_CHECKING:
    from copydesk.flows.workspace import Workspace
    from copydesk.warehouse.publish.publish import Publication
    from copydesk.warehouse.runs.models import Sealed
    from copydesk.warehouse.runs.verdict import Verdict

REASONS_SHOWN = 5
SOURCE_WIDTH = 60
LINE_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of a run.

    ``fates`` counts its input items by fate, ``reasons`` its rejects, ``skipped`` what it skipped
    by reason; ``refusals`` say how refused addresses can be allowed. ``stopped_rules`` counts the
    pages on which a site rule matched nothing, by the rule's name and fields. ``warnings`` are the
    findings of quality gates; a ``held`` run awaits release and is not visible. ``gone`` counts
    documents that could not be cleaned again because their bytes were deleted. ``cause`` is the
    most frequent reason of failures, with its host. ``unplanned`` says which sources could not be
    listed, and why; ``stalled`` that listing one of them never ended.
    """

    run_id: str
    home: Path
    lake: str
    items: int
    fates: Mapping[str, int]
    reasons: Mapping[str, int] = field(default_factory=dict)
    stopped_rules: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    published: bool = False
    version: int | None = None
    held: bool = False
    warnings: tuple[str, ...] = ()
    gone: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    source: str = ""
    cause: str = ""
    unplanned: tuple[str, ...] = ()
    stalled: bool = False
    rolled_back_from: int | None = None

    @classmethod
    def of(
        cls,
        run_id: str,
        workspace: Workspace,
        sealed: Sealed,
        verdict: Verdict,
        publication: Publication | None,
        *,
        stopped: Mapping[str, int],
        gone: int = 0,
        source: str = "",
        cause: str = "",
    ) -> Summary:
        """Build a run's summary from its last steps; a held run has no publication."""
        return cls(
            run_id=run_id,
            home=workspace.home,
            lake=workspace.lake_root,
            items=sealed.items,
            fates=sealed.fates,
            reasons=sealed.reasons,
            stopped_rules=dict(stopped),
            published=publication is not None and publication.changed,
            version=publication.version if publication is not None else None,
            held=verdict.held,
            warnings=verdict.findings,
            gone=gone,
            source=source,
            cause=cause,
            rolled_back_from=publication.rolled_back_from if publication is not None else None,
        )

    @property
    def changes(self) -> int:
        """Count the items that changed a table, beyond when they were last seen."""
        return sum(self.fates.get(fate, 0) for fate in _CHANGES)

    @property
    def failed(self) -> bool:
        """Return whether all items failed, were refused or are of types that no reader knows."""
        return nothing_read(self.fates, refused=self.refused + self.unknown)

    @property
    def incomplete(self) -> bool:
        """Return whether one of the sources could not be reached or listed at all."""
        return self.failed or bool(self.unplanned)

    @property
    def may_pass(self) -> bool:
        """Return whether another attempt may help; not where listing never ended."""
        return self.incomplete and not self.stalled

    @property
    def refused(self) -> int:
        """Return the number of items that a policy prevented from being requested."""
        return sum(count for reason, count in self.skipped.items() if reason in REFUSED)

    @property
    def unchanged(self) -> bool:
        """Return whether every item read is unchanged, and at least one was read."""
        same = self.fates.get("unchanged", 0) + self.fates.get("not_modified", 0)
        others = sum(self.fates.values()) - same - self.skipped.get(LISTING, 0)
        return same > 0 and others == 0

    @property
    def unknown(self) -> int:
        """Return the number of rows that stand for files of a type that no reader knows."""
        return self.skipped.get(UNKNOWN_TYPE, 0)

    def headline(self) -> str:
        """Describe the outcome in a few words, for the name of the run's final state."""
        parts = [f"{self.fates[f]:,} {f}" for f in _HEADLINE if self.fates.get(f)]
        return ", ".join(parts) or "nothing new"

    def failure(self) -> str:
        """Say what failed and why, short enough for a text message."""
        if self.unplanned:
            more = len(self.unplanned) - 1
            return failure_line("", f"{self.unplanned[0]}{f' (and {more} more)' if more else ''}")
        cause = f": {self.cause}" if self.cause else ""
        failed = self.fates.get("failed", 0)
        if self.refused and not failed:
            return failure_line(self.source, f"{self.refused:,} of {self.items:,} items refused")
        if self.unknown and not failed:
            return failure_line(self.source, "no reader knows files of these types")
        return failure_line(self.source, f"{failed:,} of {self.items:,} items failed{cause}")

    def line(self) -> str:
        """Describe the outcome in one line."""
        parts = [f"{count:,} {fate.replace('_', ' ')}" for fate, count in _ordered(self.fates)]
        return ", ".join(parts) or "nothing to read"

    def top_reasons(self) -> list[tuple[str, int]]:
        """List the most frequent reasons of rejects with their counts."""
        ordered = sorted(self.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        return ordered[:REASONS_SHOWN]

    def text(self) -> str:
        """Describe the outcome in a few lines, for a terminal."""
        lines = [f"{plural(self.items, 'item')} in {self.seconds:.1f} s: {self.line()}"]
        if self.unchanged:
            lines.append("Nothing has changed since the last run.")
        elif self.items and self.items == self.skipped.get(LISTING, 0):
            lines.append("What was read lists no articles.")
        elif self.items and self.items == self.fates.get("skipped", 0) and not self.failed:
            lines.append("Nothing was read; the ledger has the reason for each item.")
        lines += [f"Not planned: {line}" for line in self.unplanned[:REASONS_SHOWN]]
        lines += [f"Not requested: {line}" for line in self.refusals[:REASONS_SHOWN]]
        if self.reasons:
            top = ", ".join(f"{reason} {count:,}" for reason, count in self.top_reasons())
            more = len(self.reasons) - REASONS_SHOWN
            lines.append(f"Rejected: {top}{f' and {more} more reasons' if more > 0 else ''}")
        lines += [
            f"Warning: the site rule {rule} not found on {plural(count, 'page')}: "
            "has the layout changed?"
            for rule, count in sorted(self.stopped_rules.items())
        ]
        if self.gone:
            lines.append(
                f"Raw bytes no longer stored, rows unchanged: {plural(self.gone, 'document')}."
            )
        lines += [f"{'Held' if self.held else 'Warning'}: {line}" for line in self.warnings]
        if self.held:
            lines.append(
                "The run is held, and its rows are in no table. To see it: copydesk runs show "
                f"{self.run_id}\nTo commit it: copydesk runs release {self.run_id}   "
                f"To drop it: copydesk runs drop {self.run_id}"
            )
        if self.rolled_back_from is not None:
            lines.append(
                f"The tables stay at version {self.version}, to which they were rolled back from "
                f"version {self.rolled_back_from}: copydesk publish --resume ends the rollback."
            )
        lines.append(f"Tables: {self.home / 'serving' / 'current.duckdb'}")
        lines.append(f"Lake:   {self.lake} (run {self.run_id})")
        return "\n".join(lines)


class SourceFailed(CopydeskError):  # noqa: N818  named for what happened
    """Nothing could be read of the request or of one source; the run is committed."""

    def __init__(self, summary: Summary) -> None:
        why = f"\n{summary.refusals[0]}." if summary.refusals else ""
        what = "nothing could be read" if summary.failed else "some could not be read"
        super().__init__(
            f"{what}: {summary.failure()}.{why} To see why: copydesk query --home "
            f"{summary.home} \"from ledger where fate in ('failed', 'skipped') "
            'order by observed_at desc"'
        )
        self.summary = summary


def nothing_read(fates: Mapping[str, int], *, refused: int = 0) -> bool:
    """Return whether items failed, or were refused, and none could be read."""
    return fates.get("failed", 0) + refused > 0 and not any(
        count for fate, count in fates.items() if fate not in ("failed", "skipped")
    )


def failure_line(source: str, why: str) -> str:
    """Write the source and why it failed in one line, short enough for an alert."""
    return shorten(f"{shorten(source, SOURCE_WIDTH)}: {why}" if source else why, LINE_WIDTH)


def shorten(text: str, width: int) -> str:
    """Write a text in one line of at most ``width`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


_CHANGES = ("new", "revised", "recleaned", "duplicate", "rejected")
_HEADLINE = ("new", "revised", "recleaned", "duplicate", "rejected", "failed")
_ORDER = ("new", "revised", "unchanged", "duplicate", "rejected")


def _ordered(fates: Mapping[str, int]) -> list[tuple[str, int]]:
    """List the fates that every summary shows, in order, then the others that occurred."""
    first = [(fate, fates.get(fate, 0)) for fate in _ORDER]
    others = sorted((fate, n) for fate, n in fates.items() if fate not in _ORDER and n)
    return first + others
