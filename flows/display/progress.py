"""Report the progress of a flow: a bar in a terminal, nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TextIO

from copydesk.flows.display.terminal import QUIET

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


class Progress(Protocol):
    """Receives reports of a flow's progress."""

    def phase(self, text: str, total: int | None = None) -> None:
        """Begin a phase of ``total`` items; None if the number is unknown."""

    def advance(self, items: int = 1) -> None:
        """Count items of the phase as done."""

    def note(self, text: str) -> None:
        """Print a message that stays on the screen."""


class Silent:
    """Ignores progress, for schedules and tests, where the log is enough."""

    def phase(self, text: str, total: int | None = None) -> None:
        """Do nothing."""

    def advance(self, items: int = 1) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""


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
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(file=out or sys.stderr, highlight=False)
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
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

    def phase(self, text: str, total: int | None = None) -> None:
        self._bars.reset(self._bar, description=text, total=total)

    def advance(self, items: int = 1) -> None:
        self._bars.advance(self._bar, items)

    def note(self, text: str) -> None:
        self._bars.console.print(text, markup=False)
