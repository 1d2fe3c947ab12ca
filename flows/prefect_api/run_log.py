"""The log of a flow run: start, plan, phases with counts, warnings, main reasons and end.

Records go to Prefect, which shows them with the flow run, and to the console if
``connection.configure`` says so. Their number depends on phases and limits, not on articles.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.display.progress import (
    Progress,
    in_words,
    progress,
    remaining_seconds,
    reported_to,
)
from copydesk.flows.display.summary import LINE_WIDTH, SOURCE_WIDTH, shorten
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from copydesk.flows.display.summary import Summary
    from copydesk.warehouse.history.runs import Problem

FLOW_RUN_LOGGER: Final = "prefect.flow_runs"
"""Prefect sends the records of this logger to its API."""

PLAIN_LOGGER: Final = "copydesk.runs"
"""Logger of flows that are called outside a flow run."""

WARNINGS_LOGGED: Final = 20
PROBLEMS_LOGGED: Final = 5
FIRST_PROGRESS_SECONDS: Final = 60.0
"""Seconds after which a phase first logs its progress; the interval then doubles each time."""

_FIELDS: Final = "copydesk_fields"
"""Attribute of a log record with the fields that the JSON format adds."""

_run_fields: ContextVar[Mapping[str, object] | None] = ContextVar("run_fields", default=None)
_run_phases: ContextVar[_LoggedProgress | None] = ContextVar("run_phases", default=None)


def log_event(
    event: str,
    message: str,
    *,
    level: int = logging.INFO,
    error: BaseException | None = None,
    **fields: Any,
) -> None:
    """Log an event of the current flow run, with ``fields`` for programs.

    The record is written even if the level of Prefect's own numerous records would hide it.
    """
    from prefect.context import FlowRunContext

    context = FlowRunContext.get()
    flow_run = None if context is None else context.flow_run
    logger = logging.getLogger(PLAIN_LOGGER if flow_run is None else FLOW_RUN_LOGGER)
    details = {"event": event, **(_run_fields.get() or {}), **fields}
    extra: dict[str, Any] = {_FIELDS: details}
    if flow_run is not None:
        source = details.get("source") or flow_run.name
        extra |= {
            "flow_run_id": str(flow_run.id),
            "flow_run_name": f"{details.get('flow', 'flow')} {source}",
            "flow_name": details.get("flow"),
        }
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    record = logger.makeRecord(
        logger.name, level, __file__, 0, message, (), exc_info, func=None, extra=extra
    )
    if flow_run is not None or logger.isEnabledFor(level):
        logger.handle(record)


@contextlib.contextmanager
def logged_run(flow: str, source: str, **fields: Any) -> Iterator[None]:
    """Log the start of a flow run, the phases of this block, and an exception that ends it."""
    from copydesk.flows.prefect_api.redacted_flow import redact_run_logs

    redact_run_logs()
    label = shorten(source, SOURCE_WIDTH)
    token = _run_fields.set({"flow": flow, "source": label})
    started = time.monotonic()
    log_event("started", f"Started {flow} {label}".rstrip(), **fields)
    phases = _LoggedProgress(progress())
    phases_token = _run_phases.set(phases)
    try:
        with reported_to(phases):
            yield
        phases.finish()
    except BaseException as error:
        seconds = time.monotonic() - started
        reason = shorten(f"{type(error).__name__}: {error}", LINE_WIDTH)
        log_event(
            "failed", f"Failed after {seconds:.1f} s: {reason}", level=logging.ERROR,
            seconds=seconds,
        )  # fmt: skip
        raise
    finally:
        _run_phases.reset(phases_token)
        _run_fields.reset(token)


def log_plan(run_id: str, items: int, batches: int, staged_items: int) -> None:
    """Log what a run will read; ``batches`` are those that are not staged."""
    staged = f", {staged_items:,} of them staged by an earlier attempt" if staged_items else ""
    log_event(
        "planned", f"Run {run_id}: {plural(items, 'item')}{staged}; batches to read: {batches:,}",
        run_id=run_id, items=items, batches=batches, staged_items=staged_items,
    )  # fmt: skip


def log_outcome(summary: Summary, worst: Sequence[Problem]) -> None:
    """Log what a run committed, its gates' warnings, and why items gave no article."""
    _finish_phase()
    state = "Held by a quality gate" if summary.held else "Committed"
    log_event(
        "held" if summary.held else "committed", f"{state}: {summary.line()}",
        level=logging.WARNING if summary.held else logging.INFO,
        run_id=summary.run_id, fates=dict(summary.fates),
    )  # fmt: skip
    if summary.published:
        log_event("published", f"Published version {summary.version}", version=summary.version)
    stopped = [
        f"the site rule {rule} not found on {plural(count, 'page')}: has the layout changed?"
        for rule, count in sorted(summary.stopped_rules.items())
    ]
    log_warnings([*summary.warnings, *stopped])
    if summary.reasons:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in summary.top_reasons())
        log_event("rejected", f"Rejected: {reasons}", reasons=dict(summary.reasons))
    for problem in worst[:PROBLEMS_LOGGED]:
        log_event(
            "problem",
            f"{problem.fate.capitalize()}, {problem.reason} | {problem.locator} | "
            f"{shorten(problem.detail, LINE_WIDTH)}",
            fate=problem.fate, reason=problem.reason, locator=problem.locator,
            detail=problem.detail,
        )  # fmt: skip


def log_warnings(warnings: Sequence[str]) -> None:
    """Log at most ``WARNINGS_LOGGED`` warnings, and how many more there are."""
    for warning in warnings[:WARNINGS_LOGGED]:
        log_event("warning", f"Warning: {shorten(warning, LINE_WIDTH)}", level=logging.WARNING)
    more = len(warnings) - WARNINGS_LOGGED
    if more > 0:
        log_event("warning", f"… and {plural(more, 'more warning')}", level=logging.WARNING)


def log_end(message: str, *, failed: bool = False, **fields: Any) -> None:
    """Log how a flow run ended."""
    _finish_phase()
    level = logging.ERROR if failed else logging.INFO
    log_event("failed" if failed else "completed", message, level=level, **fields)


def _finish_phase() -> None:
    if (phases := _run_phases.get()) is not None:
        phases.finish()


class _LoggedProgress:
    """Forwards progress, and logs each phase at its end, and long phases also in between."""

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._phase: str | None = None

    def phase(self, text: str, total: int | None = None, done: int = 0) -> None:
        self.finish()
        self._inner.phase(text, total, done)
        self._phase, self._total, self._items, self._done_before = text, total, done, done
        self._started = time.monotonic()
        self._next = FIRST_PROGRESS_SECONDS

    def advance(self, items: int = 1) -> None:
        self._inner.advance(items)
        if self._phase is None:
            return
        self._items += items
        seconds = time.monotonic() - self._started
        if seconds >= self._next:
            self._next = 2 * seconds
            self._log("progress", self._so_far(seconds), seconds)

    def note(self, text: str) -> None:
        self._inner.note(text)

    def finish(self) -> None:
        """Log the end of the phase."""
        if self._phase is not None:
            seconds = time.monotonic() - self._started
            count = f"{plural(self._items, 'item')} in " if self._items else ""
            self._log("phase", f"{count}{seconds:.1f} s", seconds)
            self._phase = None

    def _so_far(self, seconds: float) -> str:
        """Say how much of the phase is done, and about how long the rest takes."""
        total, before = self._total or 0, self._done_before
        of_total = f" of {total:,}" if total else ""
        left = remaining_seconds(self._items - before, total - before, seconds)
        rest = f", about {in_words(left)} left" if left else ""
        return f"{self._items:,}{of_total} items after {seconds:.0f} s{rest}"

    def _log(self, event: str, message: str, seconds: float) -> None:
        log_event(
            event, f"{self._phase}: {message}",
            phase=self._phase, items=self._items, seconds=round(seconds, 3),
        )  # fmt: skip


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time, level, message, and the event's fields."""

    def __init__(self, fmt: str | None = None, dmft: str | None = None, style: str = "%") -> None:
        """Ignore the arguments that Prefect's logging settings pass."""
        del fmt, dmft, style
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """Format the record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {"event": "message", "logger": record.name}),
        }
        if (flow_run_id := getattr(record, "flow_run_id", None)) is not None:
            line["flow_run_id"] = flow_run_id
        if record.exc_info or record.exc_text:
            exc_info = record.exc_info
            line["error"] = record.exc_text or (exc_info and self.formatException(exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
