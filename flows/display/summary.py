"""What a person reads of a run when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.items import REFUSED
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
    """What a run did.

    ``fates`` counts its input items by fate, ``reasons`` its rejects, ``skipped`` what it skipped
    by reason; ``refusals`` say of what was refused how it is allowed. ``stopped_rules`` counts the
    pages on which a site rule found nothing, by its name and the fields. ``warnings`` are what its
    quality gates found; a run that one of them has ``held`` is not visible. ``gone`` counts
    documents that could not be cleaned again, since their bytes are gone. ``cause`` is what most
    of the failed items failed by: a reason, and the host. ``unplanned`` says which sources could
    not be planned, and why; ``stalled`` that one of them never came to an end.
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
        """Sum up a run from what its last steps gave; no publication where it was held."""
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
        )

    @property
    def changes(self) -> int:
        """Count the items that changed a table beyond the times of sight."""
        return sum(self.fates.get(fate, 0) for fate in _CHANGES)

    @property
    def failed(self) -> bool:
        """Tell whether nothing but failures and refusals came of it: the source is out of reach."""
        return nothing_read(self.fates, refused=self.refused)

    @property
    def incomplete(self) -> bool:
        """Tell whether a source as a whole is out of reach: of several, the others are read."""
        return self.failed or bool(self.unplanned)

    @property
    def may_pass(self) -> bool:
        """Tell whether another attempt in this run may help; not where the last never ended."""
        return self.incomplete and not self.stalled

    @property
    def refused(self) -> int:
        """Count the items that were not asked for, though they were meant to be."""
        return sum(count for reason, count in self.skipped.items() if reason in REFUSED)

    @property
    def unchanged(self) -> bool:
        """Tell whether all that was asked for is as it was: something, and nothing refused."""
        same = self.fates.get("unchanged", 0) + self.fates.get("not_modified", 0)
        others = sum(self.fates.values()) - same - self.skipped.get(LISTING, 0)
        return same > 0 and others == 0

    def headline(self) -> str:
        """Say what happened in a few words, as the name of the run's final state."""
        parts = [f"{self.fates[f]:,} {f}" for f in _HEADLINE if self.fates.get(f)]
        return ", ".join(parts) or "nothing new"

    def failure(self) -> str:
        """Say of a run that failed what and why, short enough for a message on a telephone."""
        if self.unplanned:
            more = len(self.unplanned) - 1
            return failure_line("", f"{self.unplanned[0]}{f' (and {more} more)' if more else ''}")
        cause = f": {self.cause}" if self.cause else ""
        failed = self.fates.get("failed", 0)
        if self.refused and not failed:
            return failure_line(self.source, f"{self.refused:,} of {self.items:,} items refused")
        return failure_line(self.source, f"{failed:,} of {self.items:,} items failed{cause}")

    def line(self) -> str:
        """Say it in one line."""
        parts = [f"{count:,} {fate.replace('_', ' ')}" for fate, count in _ordered(self.fates)]
        return ", ".join(parts) or "nothing to read"

    def text(self) -> str:
        """Say it in some lines, for a terminal."""
        lines = [f"{plural(self.items, 'item')} in {self.seconds:.1f} s: {self.line()}"]
        if self.unchanged:
            lines.append("Nothing has changed since the last run.")
        elif self.items and self.items == self.skipped.get(LISTING, 0):
            lines.append("What was read lists no articles.")
        elif self.items and self.items == self.fates.get("skipped", 0) and not self.refused:
            lines.append("Nothing was read; the ledger says why of each item.")
        lines += [f"Not planned: {one}" for one in self.unplanned[:REASONS_SHOWN]]
        lines += [f"Not asked: {one}" for one in self.refusals[:REASONS_SHOWN]]
        if self.reasons:
            shown = sorted(self.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
            top = ", ".join(f"{reason} {count:,}" for reason, count in shown[:REASONS_SHOWN])
            more = len(shown) - REASONS_SHOWN
            lines.append(f"Rejected: {top}{f' and {more} more reasons' if more > 0 else ''}")
        lines += [
            f"Warning: the site rule {rule} not found on {plural(count, 'page')}: "
            "has the layout changed?"
            for rule, count in sorted(self.stopped_rules.items())
        ]
        if self.gone:
            lines.append(f"Bytes gone, rows stay as they are: {plural(self.gone, 'document')}.")
        lines += [f"{'Held' if self.held else 'Warning'}: {one}" for one in self.warnings]
        if self.held:
            lines.append(
                "The run waits, and no table shows it. To see it: copydesk runs show "
                f"{self.run_id}\nTo commit it: copydesk runs release {self.run_id}   "
                f"To give it up: copydesk runs drop {self.run_id}"
            )
        lines.append(f"Tables: {self.home / 'serving' / 'current.duckdb'}")
        lines.append(f"Lake:   {self.lake} (run {self.run_id})")
        return "\n".join(lines)


class SourceFailed(CopydeskError):  # noqa: N818  named for what happened
    """Nothing could be read of what was asked for, or of one source; the run is committed."""

    def __init__(self, summary: Summary) -> None:
        why = f"\n{summary.refusals[0]}." if summary.refusals else ""
        what = "nothing could be read" if summary.failed else "not all could be read"
        super().__init__(
            f"{what}: {summary.failure()}.{why} To see why: copydesk query --home "
            f"{summary.home} \"from ledger where fate in ('failed', 'skipped') "
            'order by observed_at desc"'
        )
        self.summary = summary


def nothing_read(fates: Mapping[str, int], *, refused: int = 0) -> bool:
    """Tell whether items failed, or were refused, and none could be read."""
    return fates.get("failed", 0) + refused > 0 and not any(
        count for fate, count in fates.items() if fate not in ("failed", "skipped")
    )


def failure_line(source: str, why: str) -> str:
    """Name the source before why it failed, in one line that an alert can carry."""
    return shorten(f"{shorten(source, SOURCE_WIDTH)}: {why}" if source else why, LINE_WIDTH)


def shorten(text: str, width: int) -> str:
    """Write a text in one line of so many characters at most."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


_CHANGES = ("new", "revised", "recleaned", "duplicate", "rejected")
_HEADLINE = ("new", "revised", "recleaned", "duplicate", "rejected", "failed")
_ORDER = ("new", "revised", "unchanged", "duplicate", "rejected")


def _ordered(fates: Mapping[str, int]) -> list[tuple[str, int]]:
    """Give the fates that every summary shows, in their order, then the others that occurred."""
    first = [(fate, fates.get(fate, 0)) for fate in _ORDER]
    rest = sorted((fate, n) for fate, n in fates.items() if fate not in _ORDER and n)
    return first + rest
