"""What the Prefect UI shows of a run: its name, its progress, its summary as artifacts.

The API may be gone at any time. What cannot be reported is logged and never fails a run.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast
from urllib.parse import quote

from copydesk.flows.display.progress import Progress, progress, reported_to
from copydesk.flows.prefect_api.retries import IDEMPOTENT
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from uuid import UUID

    from prefect import Task

    from copydesk.flows.backfill_slices import SliceState
    from copydesk.flows.display.summary import Summary
    from copydesk.flows.workspace import Workspace
    from copydesk.tasks.backfill.slices import Plan
    from copydesk.warehouse.history.runs import Problem

SECONDS_BETWEEN = 2.0
"""Between two updates of a progress artifact: each is a request, and a person looks no oftener."""

PROBLEMS_SHOWN = 20
_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def _never_failing(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever a lost API makes its client raise
        _LOG.warning("Prefect was not told %s: %s", what, error)


def name_flow_run(name: str) -> None:
    """Name the flow run after the lake's run, so that each can be found from the other."""
    from prefect.client.orchestration import get_client
    from prefect.runtime import flow_run

    with _never_failing("the run's name"):
        if (found := flow_run.get_id()) is not None:
            with get_client(sync_client=True) as client:
                client.update_flow_run(found, name=name)  # type: ignore[arg-type]


@contextlib.contextmanager
def shown_in_prefect() -> Iterator[None]:
    """Show the progress of this block as a progress artifact too."""
    with reported_to(_InPrefect(progress())):
        yield


class _InPrefect:
    """Passes everything on, and keeps the artifact of the phase whose number of items is known."""

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._artifact: UUID | None = None
        self._total = 0
        self._done = 0
        self._told = 0.0

    def phase(self, text: str, total: int | None = None) -> None:
        self._inner.phase(text, total)
        if self._total and not total:
            self._tell(100.0, "Everything is cleaned")
        self._total, self._done, self._told = total or 0, 0, time.monotonic()

    def advance(self, items: int = 1) -> None:
        self._inner.advance(items)
        self._done += items
        now = time.monotonic()
        if self._total and now - self._told >= SECONDS_BETWEEN:
            self._told = now
            said = f"{self._done:,} of {self._total:,}"
            self._tell(min(100.0, 100 * self._done / self._total), said)

    def note(self, text: str) -> None:
        self._inner.note(text)

    def _tell(self, percent: float, said: str) -> None:
        from prefect.artifacts import create_progress_artifact, update_progress_artifact

        with _never_failing("the progress"):
            if self._artifact is None:
                created = create_progress_artifact(percent, description=said)
                self._artifact = cast("UUID", created)  # a coroutine only where one is asked for
            else:
                update_progress_artifact(self._artifact, percent, description=said)


def report(summary: Summary, source: str, problems: Sequence[Problem]) -> None:
    """Keep a run's summary as artifacts: a table of its items' fates, and a page with links.

    ``source`` keys them, so that the Artifacts page shows each source once, with its history.
    """
    from prefect.artifacts import create_markdown_artifact, create_table_artifact

    key = artifact_key(source)
    with _never_failing("the summary"):
        rows = [{"fate": fate, "items": count} for fate, count in sorted(summary.fates.items())]
        create_table_artifact(
            rows, key=f"{key}-fates", description=f"{source}: {summary.headline()}"
        )
        create_markdown_artifact(
            markdown(summary, source, problems), key=f"{key}-run", description=summary.line()
        )


def report_slices(plan: Plan, found: Sequence[SliceState], runs: Mapping[str, str]) -> None:
    """Keep a backfill's slices as a page, each with a link to its run; ``runs`` is by key."""
    from prefect.artifacts import create_markdown_artifact
    from prefect.utilities.urls import url_for

    lines = [f"# {_plain(plan.source)}, by {plan.wish.by}", ""]
    lines += ["| slice | state | items | new | rejected | failed | run |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: | --- |"]
    with _never_failing("the slices"):
        for one in found:
            link = url_for("flow-run", obj_id=runs[k]) if (k := one.slice.key) in runs else None
            run = one.run
            name = run.run_id if run else ""
            counts = (run.items, run.new, run.rejected, run.failed) if run else ("",) * 4
            cells = [_plain(one.slice.label), one.state.value, *map(str, counts)]
            cells.append(f"[{name or 'run'}]({link})" if link else name)
            lines.append(f"| {' | '.join(cells)} |")
        create_markdown_artifact(
            "\n".join(lines) + "\n", key=f"{artifact_key(plan.source)}-backfill",
            description=f"{plan.source}, {plan.wish.first} to {plan.wish.last}",
        )  # fmt: skip


def artifact_key(source: str) -> str:
    """Write a source's name as Prefect wants keys: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-") or "run"


def markdown(summary: Summary, source: str, problems: Sequence[Problem]) -> str:
    """Write the page of a run: what came of it, where it is, and what went wrong."""
    lines = [
        f"# {_plain(source)}: {summary.headline()}",
        "",
        f"{plural(summary.items, 'item')}: {summary.line()}.",
        "",
        "| fate | items |",
        "| --- | ---: |",
        *(f"| {fate.replace('_', ' ')} | {count:,} |" for fate, count in summary.fates.items()),
        "",
        f"- Run `{summary.run_id}` of the lake `{summary.lake}`",
        f"- Tables: `{summary.home / 'serving' / 'current.duckdb'}`"
        + (f", version {summary.version}" if summary.version else ""),
        f"- Its articles: `from articles where run_id = '{summary.run_id}'`",
    ]
    lines += [
        f"- **The site rule {_plain(rule)} not found on {plural(count, 'page')}**: "
        "has the layout changed?"
        for rule, count in sorted(summary.stopped_rules.items())
    ]
    state = "Held by a quality gate" if summary.held else "Warning"
    lines += [f"- **{state}**: {_plain(one)}" for one in summary.warnings]
    if problems:
        lines += ["", "## What gave no article", "", "| fate | reason | item | detail |"]
        lines += ["| --- | --- | --- | --- |", *map(_row, problems)]
        bad = summary.refused + sum(summary.fates.get(fate, 0) for fate in ("rejected", "failed"))
        left = bad - len(problems)
        if left > 0:
            lines += ["", f"… and {left:,} more: `from rejects`, `from ledger`."]
    return "\n".join(lines) + "\n"


def _row(problem: Problem) -> str:
    shown = _plain(problem.locator)
    if problem.url.startswith(("http://", "https://")):
        shown = f"[{shown}]({quote(problem.url, safe=':/?&=#%~+,;@')})"
    return f"| {problem.fate} | {problem.reason} | {shown} | {_plain(problem.detail)} |"


def _plain(text: str) -> str:
    """Keep a page's own words from being read as Markdown or HTML."""
    one_line = " ".join(text.split()).replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", one_line)


P = ParamSpec("P")
R = TypeVar("R")


def lake_key(workspace: Workspace) -> str:
    """Name the lake as an asset."""
    if "://" in workspace.lake_root:
        return workspace.lake_root.rstrip("/")
    return f"file://{Path(workspace.lake_root).resolve()}"


def tables_key(home: Path) -> str:
    """Name the published file as an asset."""
    return f"file://{home.resolve()}/serving/current.duckdb"


def making(task: Task[P, R], made: str, *, of: Sequence[str] = ()) -> Task[P, R]:
    """Let Prefect record that a task makes an asset, and of which others.

    A path that Prefect takes for no asset's key is made all the same, unrecorded.
    """
    from prefect.assets import Asset
    from prefect.tasks import MaterializingTask

    try:
        assets, sources = [Asset(key=made)], [Asset(key=key) for key in of]
    except ValueError:
        return task
    return MaterializingTask(
        fn=task.fn,
        name=task.name,
        assets=assets,
        asset_deps=list(sources),
        materialized_by="copydesk",
        **IDEMPOTENT,
    )
