"""Judge a source's health by its articles and its last run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from copydesk.schemas.plural import plural
from copydesk.tasks.report.format import days_of, percent, visible
from copydesk.tasks.report.model import Health

FAILING: Final = 0.2
"""Share of failed reads above which a source fails: a healthy site stays below a tenth."""

REJECTING: Final = 0.3
"""Share of rejects that is high for any source; a source that always has many is compared with
three times its usual share instead."""

FEW: Final = 3
"""Fewer failed or rejected items are ignored, unless they are all items of the source."""

QUIET_DAYS: Final = 2.0
"""Minimum days before a source counts as quiet: a daily paper may not appear on Sunday."""

QUIET_GAPS: Final = 3.0
"""A source is quiet after this many times its usual interval between new articles."""


def health(row: Mapping[str, Any], now: datetime) -> tuple[Health, str]:
    """Return a source's health, from its row of ``sources.sql``, and the reason as a sentence."""
    tried, failed, rejected = row["last_tried"] or 0, row["last_failed"], row["last_rejected"]
    if _broke_off(row):
        reason = visible(row["abandoned_for"] or "no reason was given")
        return Health.BROKEN_OFF, f"Its last run was abandoned: {reason}."
    if _many(failed, tried, FAILING):
        return Health.FAILING, f"{failed:,} of {plural(tried, 'item')} failed in the last run."
    if _many(rejected, tried, max(REJECTING, 3 * (row["usual_rejected"] or 0))):
        usual = row["usual_rejected"]
        before = "" if usual is None else f", {percent(usual, 1)} before"
        return (
            Health.REJECTING,
            f"{rejected:,} of {plural(tried, 'item')} yielded no article in the last run{before}: "
            "its pages may have changed.",
        )
    if row["newest_at"] is None:
        return Health.EMPTY, "It yielded no article in this period."
    if row["days"] == 1 and (row["runs"] or 0) <= 1:
        return Health.ONCE, "All of it came in one run."
    silent, gap = days_of(now - row["newest_at"]), row["gap"] or 1.0
    if silent > max(QUIET_DAYS, QUIET_GAPS * gap):
        return (
            Health.QUIET,
            f"Nothing new for {plural(int(silent), 'day')}; usual is every "
            f"{'day' if gap <= 1 else f'{gap:.0f} days'}.",
        )
    return Health.FRESH, ""


def _broke_off(row: Mapping[str, Any]) -> bool:
    given_up, ended = row["abandoned_at"], row["last_run_at"]
    return given_up is not None and (ended is None or given_up > ended)


def _many(number: int, tried: int, share: float) -> bool:
    return bool(tried) and number / tried >= min(share, 1.0) and (number >= FEW or number == tried)
