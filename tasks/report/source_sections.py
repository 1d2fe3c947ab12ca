"""Report sections about sources, the funnel from items to articles, and missing articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from copydesk.schemas.plural import plural
from copydesk.tasks.report.format import ago, count, link, moment, percent, visible
from copydesk.tasks.report.health import health
from copydesk.tasks.report.model import (
    UNWELL,
    Chart,
    Example,
    Form,
    Missing,
    Number,
    Section,
    Series,
    Source,
    Stage,
    Table,
    Text,
)

Rows = Sequence[Mapping[str, Any]]

RECENT_DAYS: Final = 30
"""Days of the sparklines, the same as in ``recent.sql``."""

MOST_SOURCES: Final = 60
"""Sources with a row of their own; for more, use ``copydesk query "from freshness"``."""

_UNREAD: Final = {"failed": "failed", "gone": "gone", "skipped": "skipped"}


def sources(rows: Rows, recent: Rows, *, now: datetime) -> Section:
    """Build the section on the sources' health; those that need attention come first."""
    if not rows:
        return Section("sources", "Sources", empty="No source has been read yet.")
    days: dict[str, list[int]] = defaultdict(lambda: [0] * RECENT_DAYS)
    for row in recent:
        if 0 <= row["days_ago"] < RECENT_DAYS:
            days[row["source"]][RECENT_DAYS - 1 - row["days_ago"]] = row["articles"]
    entries = [_source(row, days[row["source"]], now) for row in rows]
    unwell = [source for source in entries if source.health in UNWELL]
    names = ", ".join(f"{source.name} ({source.health})" for source in unwell[:4])
    more = f" and {len(unwell) - 4:,} more" if len(unwell) > 4 else ""
    finding = (
        f"{len(unwell):,} of {plural(len(entries), 'source')} "
        f"{'needs' if len(unwell) == 1 else 'need'} attention: {names}{more}."
        if unwell
        else f"No problems with {plural(len(entries), 'source')}."
    )
    if len(entries) > MOST_SOURCES:
        finding += f" Shown are {MOST_SOURCES}: these, and those with most articles."
    ordered = sorted(entries, key=lambda source: source.health not in UNWELL)[:MOST_SOURCES]
    return Section("sources", "Sources", finding, sources=ordered)


def _source(row: Mapping[str, Any], recent: Sequence[int], now: datetime) -> Source:
    state, why = health(row, now)
    return Source(
        visible(row["source"], 80),
        state,
        why,
        count(row["articles"]),
        percent(row["copies"], row["articles"]),
        ago(row["newest_at"], now),
        ago(row["last_run_at"], now),
        recent,
    )


def funnel(rows: Rows, articles: Mapping[str, Any]) -> Section:
    """Build the section on how many items become articles."""
    by_fate = {row["fate"]: row["items"] for row in rows}
    total = sum(by_fate.values())
    if not total:
        return Section("funnel", "From items to articles", empty="No items in this period.")
    unread = {name: by_fate.get(name, 0) for name in _UNREAD if by_fate.get(name)}
    read = total - sum(unread.values())
    rejected = by_fate.get("rejected", 0)
    gave, distinct, originals = read - rejected, articles["articles"], articles["originals"]
    # an article read at two addresses counts once, so there may be fewer articles than items
    dropped = {
        "read": ", ".join(f"{number:,} {_UNREAD[name]}" for name, number in unread.items()),
        "gave": f"{rejected:,} rejected" if rejected else "",
        "distinct": f"{gave - distinct:,} read under another address" if gave > distinct else "",
        "originals": f"{distinct - originals:,} copies" if distinct > originals else "",
    }
    stages = [
        Stage("Items seen", count(total), 1.0),
        Stage("Items read", count(read), read / total, dropped["read"]),
        Stage("Items with an article", count(gave), gave / total, dropped["gave"]),
        Stage("Articles", count(distinct), min(distinct / total, 1.0), dropped["distinct"]),
        Stage("Articles that repeat no other", count(originals), min(originals / total, 1.0),
              dropped["originals"]),
    ]  # fmt: skip
    finding = (
        f"{percent(gave, total)} of {plural(total, 'item')} yielded an article; "
        f"{percent(originals, distinct)} of the articles repeat no other."
    )
    return Section("funnel", "From items to articles", finding, stages=stages)


def missing(rows: Rows, *, items: bool) -> Section:
    """Build the section on inputs without an article; ``items`` is false if there were none."""
    title = "What yielded no article"
    if not rows:
        empty = "Every input yielded an article." if items else "No items in this period."
        return Section("missing", title, empty=empty)
    worst = rows[0]
    finding = (
        f"The most frequent reason is {reason_words(worst['reason'])}: "
        f"{plural(worst['items'], 'item')} of {plural(worst['sources'], 'source')}."
    )
    top = rows[:12]
    fates = [fate for fate in ("rejected", "failed", "gone", "skipped")
             if any(row["fate"] == fate for row in top)]  # fmt: skip
    colours = {"rejected": 1, "failed": 5, "gone": 6, "skipped": 7}
    chart = Chart(
        "reasons",
        Form.BARS,
        "Items by reason",
        "items",
        Table(
            ("reason", "fate", "items", "sources", "last seen"),
            [
                (
                    Text(reason_words(row["reason"])),
                    Text(row["fate"]),
                    Number(count(row["items"])),
                    Number(count(row["sources"])),
                    Text(moment(row["last_seen_at"])),
                )
                for row in rows
            ],
            "Items by reason",
        ),
        [reason_words(row["reason"]) for row in top],
        [
            Series(fate, [row["items"] * (row["fate"] == fate) for row in top], colours[fate])
            for fate in fates
        ],
        note="Each item counts once for each reason that it ever had in this period.",
    )
    return Section(
        "missing", title, finding, charts=[chart], missing=[_missing(row) for row in top]
    )


def _missing(row: Mapping[str, Any]) -> Missing:
    examples = [
        Example(
            Text(visible(example["url"]), link(example["url"]), visible(example["source"], 60)),
            visible(example["detail"]),
            visible(example["evidence"] or "", 200),
        )
        for example in row["examples"]
    ]
    return Missing(
        row["fate"],
        reason_words(row["reason"]),
        plural(row["items"], "item"),
        plural(row["sources"], "source"),
        moment(row["last_seen_at"]),
        examples,
    )


def reason_words(reason: str) -> str:
    """Return a reason's short name as words."""
    return visible(reason.replace("_", " "), 60)
