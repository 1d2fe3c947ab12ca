"""Build the report from the rows of its queries (``copydesk.warehouse.query.report.gather``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from copydesk.schemas.plural import plural
from copydesk.tasks.report import article_sections, outlet_sections, source_sections, time_sections
from copydesk.tasks.report.format import ago, count, moment, percent, short, visible
from copydesk.tasks.report.model import UNWELL, Figure, Report, Section

Rows = Sequence[Mapping[str, Any]]


def build(
    rows: Mapping[str, Rows],
    *,
    now: datetime,
    days: int | None = None,
    sources: Sequence[str] = (),
    rolled_back_from: int | None = None,
) -> Report:
    """Build the report; ``days`` and ``sources`` are the period and sources of the queries."""
    published = rows["publication"][0]
    origin = source_sections.sources(rows["sources"], rows["recent"], now=now)
    funnel = source_sections.funnel(rows["funnel"], rows["funnel_articles"][0])
    sections = (
        time_sections.articles_by_day(rows["days"], now=now),
        origin,
        funnel,
        source_sections.missing(rows["rejects"], items=bool(funnel.stages)),
        outlet_sections.outlets(rows["outlets"]),
        article_sections.copies(rows["copies"], rows["clusters"], rows["pairs"]),
        article_sections.revisions(rows["changes"], rows["headlines"]),
        article_sections.languages(rows["languages"], rows["lengths"]),
        article_sections.cuts(rows["cuts"], rows["rules"]),
        time_sections.runs(rows["runs"], rows["run_days"], now=now),
    )
    return Report(
        "Articles in the tables",
        scope(days, sources),
        moment(now),
        edition(published, rolled_back_from),
        figures(rows["headline"][0], origin, funnel, now=now),
        sections,
    )


def edition(published: Mapping[str, Any], rolled_back_from: int | None) -> str:
    """Return a sentence that names the report's published version."""
    version = f"version {published['version']:,}, published {moment(published['published_at'])} UTC"
    if rolled_back_from is None:
        return version
    return f"{version}, to which readers were rolled back from version {rolled_back_from:,}"


def scope(days: int | None, sources: Sequence[str]) -> str:
    """Return what the report covers, in words."""
    time = "everything ever seen" if days is None else f"the last {plural(days, 'day')}"
    names = ", ".join(visible(name, 60) for name in dict.fromkeys(sources))
    return f"Covers {time} of {names or 'all sources'}."


def figures(
    head: Mapping[str, Any], sources: Section, funnel: Section, *, now: datetime
) -> list[Figure]:
    """Return the row of key figures at the top."""
    articles, copies = head["articles"], head["copies"]
    if not articles:
        return [Figure("articles", "0", "copydesk ingest adds some")]
    change = head["week"] - head["week_before"]
    compared = (
        f"{abs(change):,} {'more' if change > 0 else 'fewer'} than the week before"
        if change and head["week_before"]
        else "as many as the week before"
        if head["week"] == head["week_before"]
        else "none the week before"
    )
    unwell = sum(source.health in UNWELL for source in sources.sources)
    gave = funnel.stages[2] if funnel.stages else None
    return [
        Figure("articles", short(articles), f"newest {ago(head['newest_at'], now)}"),
        Figure("new in 7 days", short(head["week"]), compared),
        Figure(
            "sources",
            count(len(sources.sources)),
            f"{unwell:,} {'needs' if unwell == 1 else 'need'} attention" if unwell else "all well",
        ),
        Figure(
            "items with an article",
            "–" if gave is None else percent(gave.share, 1),
            "–" if gave is None else f"{gave.number} of {funnel.stages[0].number}",
        ),
        Figure("copies", percent(copies, articles), f"{copies:,} repeat another"),
        Figure(
            "words",
            short(head["words"]),
            f"median {count(head['median_words'])}"
            + (f" in {plural(head['languages'], 'language')}" if head["languages"] else ""),
        ),
    ]
