"""What Prefect's pages show of a run: its name, its progress and its summary.

The API may disappear at any time. A failed report is logged and never fails a run.
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
"""Minimum seconds between two updates of a progress artifact: each is a request."""

PROBLEMS_SHOWN = 20
_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def _never_failing(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # any error of the client when the API is lost
        _LOG.warning("Could not report %s to Prefect: %s", what, error)


def name_flow_run(name: str) -> None:
    """Name the flow run after the lake's run, so that each leads to the other."""
    from prefect.client.orchestration import get_client
    from prefect.runtime import flow_run

    with _never_failing("the run's name"):
        if (flow_run_id := flow_run.get_id()) is not None:
            with get_client(sync_client=True) as client:
                client.update_flow_run(flow_run_id, name=name)  # type: ignore[arg-type]


@contextlib.contextmanager
def shown_in_prefect() -> Iterator[None]:
    """Also show the progress of this block as a Prefect progress artifact."""
    with reported_to(_PrefectProgress(progress())):
        yield


class _PrefectProgress:
    """Forwards progress, and updates an artifact during phases whose size is known."""

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._artifact: UUID | None = None
        self._total = 0
        self._done = 0
        self._updated_at = 0.0

    def phase(self, text: str, total: int | None = None, done: int = 0) -> None:
        self._inner.phase(text, total, done)
        if self._total and not total:
            self._update(100.0, "Everything is cleaned")
        self._total, self._done, self._updated_at = total or 0, done, time.monotonic()

    def advance(self, items: int = 1) -> None:
        self._inner.advance(items)
        self._done += items
        now = time.monotonic()
        if self._total and now - self._updated_at >= SECONDS_BETWEEN:
            self._updated_at = now
            description = f"{self._done:,} of {self._total:,}"
            self._update(min(100.0, 100 * self._done / self._total), description)

    def note(self, text: str) -> None:
        self._inner.note(text)

    def _update(self, percent: float, description: str) -> None:
        from prefect.artifacts import create_progress_artifact, update_progress_artifact

        with _never_failing("the progress"):
            if self._artifact is None:
                created = create_progress_artifact(percent, description=description)
                self._artifact = cast("UUID", created)  # a coroutine only in async code
            else:
                update_progress_artifact(self._artifact, percent, description=description)


def report(summary: Summary, project: str, source: str, problems: Sequence[Problem]) -> None:
    """Create a run's artifacts: a table of its items' fates, and a page with links.

    Their key is project and source, so that the Artifacts page shows each source once.
    """
    from prefect.artifacts import create_markdown_artifact, create_table_artifact

    key = artifact_key(project, source)
    with _never_failing("the summary"):
        rows = [{"fate": fate, "items": count} for fate, count in sorted(summary.fates.items())]
        create_table_artifact(
            rows, key=f"{key}-fates", description=f"{source}: {summary.headline()}"
        )
        create_markdown_artifact(
            markdown(summary, source, problems), key=f"{key}-run", description=summary.line()
        )


def report_slices(
    project: str, plan: Plan, states: Sequence[SliceState], runs: Mapping[str, str]
) -> None:
    """Create a page of a backfill's slices; ``runs`` maps slice keys to flow run ids, for links."""
    from prefect.artifacts import create_markdown_artifact
    from prefect.utilities.urls import url_for

    lines = [f"# {_plain(plan.source)}, by {plan.scope.by}", ""]
    lines += ["| slice | state | items | new | rejected | failed | run |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: | --- |"]
    with _never_failing("the slices"):
        for state in states:
            link = url_for("flow-run", obj_id=runs[k]) if (k := state.slice.key) in runs else None
            run = state.run
            name = run.run_id if run else ""
            counts = (run.items, run.new, run.rejected, run.failed) if run else ("",) * 4
            cells = [_plain(state.slice.label), state.state.value, *map(str, counts)]
            cells.append(f"[{name or 'run'}]({link})" if link else name)
            lines.append(f"| {' | '.join(cells)} |")
        create_markdown_artifact(
            "\n".join(lines) + "\n", key=f"{artifact_key(project, plan.source)}-backfill",
            description=f"{plan.source}, {plan.scope.first} to {plan.scope.last}",
        )  # fmt: skip


def artifact_key(*names: str) -> str:
    """Return names as an artifact key: lower-case letters, digits and dashes."""
    keys = (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in names)
    return "-".join(key or "run" for key in keys)


def markdown(summary: Summary, source: str, problems: Sequence[Problem]) -> str:
    """Return the page of a run in Markdown: its outcome, where it is, and what went wrong."""
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
    lines += [f"- **{state}**: {_plain(warning)}" for warning in summary.warnings]
    if problems:
        lines += ["", "## Items that yielded no article", "", "| fate | reason | item | detail |"]
        lines += ["| --- | --- | --- | --- |", *map(_row, problems)]
        bad = summary.refused + sum(summary.fates.get(fate, 0) for fate in ("rejected", "failed"))
        remaining = bad - len(problems)
        if remaining > 0:
            lines += ["", f"… and {remaining:,} more: `from rejects`, `from ledger`."]
    return "\n".join(lines) + "\n"


def _row(problem: Problem) -> str:
    item = _plain(problem.locator)
    if problem.url.startswith(("http://", "https://")):
        item = f"[{item}]({quote(problem.url, safe=':/?&=#%~+,;@')})"
    return f"| {problem.fate} | {problem.reason} | {item} | {_plain(problem.detail)} |"


def _plain(text: str) -> str:
    """Escape text so that it is not read as Markdown or HTML."""
    one_line = " ".join(text.split()).replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", one_line)


P = ParamSpec("P")
R = TypeVar("R")


def lake_key(workspace: Workspace) -> str:
    """Return the lake's asset key."""
    if "://" in workspace.lake_root:
        return workspace.lake_root.rstrip("/")
    return f"file://{Path(workspace.lake_root).resolve()}"


def tables_key(home: Path) -> str:
    """Return the published file's asset key."""
    return f"file://{home.resolve()}/serving/current.duckdb"


def materializing(task: Task[P, R], made: str, *, of: Sequence[str] = ()) -> Task[P, R]:
    """Return the task such that Prefect records its asset ``made``, made from the assets ``of``.

    Where Prefect does not accept the path as a key, the task is returned as it is.
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
