"""Report the progress of a flow: a bar in a terminal, nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from copydesk.flows.display.terminal import QUIET

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


_SPEED_SECONDS: Final = 3600.0
"""Period of the speed from which the remaining time is estimated: an archive takes minutes."""


class Progress(Protocol):
    """Receives reports of a flow's progress."""

    def phase(self, text: str, total: int | None = None, done: int = 0) -> None:
        """Begin a phase of ``total`` items, ``done`` of them earlier; None if it is unknown."""

    def advance(self, items: int = 1) -> None:
        """Count items of the phase as done."""

    def note(self, text: str) -> None:
        """Print a message that stays on the screen."""


class Silent:
    """Ignores progress, for schedules and tests, where the log is enough."""

    def phase(self, text: str, total: int | None = None, done: int = 0) -> None:
        """Do nothing."""

    def advance(self, items: int = 1) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""


def remaining_seconds(done: int, total: int, seconds: float) -> float | None:
    """Estimate how long the rest takes, of which ``done`` took ``seconds``; None: unknown."""
    return seconds * (total - done) / done if 0 < done <= total else None


def in_words(seconds: float) -> str:
    """Say an estimated duration in its largest unit that is not too coarse."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


_current: ContextVar[Progress] = ContextVar("progress")


def progress() -> Progress:
    """Return the receiver of this run's progress."""
    return _current.get(Silent())


@contextlib.contextmanager
def reported_to(reporter: Progress) -> Iterator[None]:
    """Send the progress of flows in this block to ``reporter``."""
    token = _current.set(reporter)
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def shown_in_terminal(out: TextIO | None = None) -> Iterator[None]:
    """Show the progress of flows in this block on standard error; a bar only on a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    console = Console(file=out or sys.stderr, highlight=False)
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        speed_estimate_period=_SPEED_SECONDS,
        console=console,
        transient=True,
        disable=QUIET.get() or not console.is_terminal,
    )
    with bars, reported_to(_TerminalProgress(bars)):
        yield


class _TerminalProgress:
    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._bar = bars.add_task("Starting", total=None)

    def phase(self, text: str, total: int | None = None, done: int = 0) -> None:
        self._bars.reset(self._bar, description=text, total=total, completed=done)

    def advance(self, items: int = 1) -> None:
        self._bars.advance(self._bar, items)

    def note(self, text: str) -> None:
        self._bars.console.print(text, markup=False)
