"""Terminal output: colours, widths, and safe printing of foreign text."""

from __future__ import annotations

import re
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console

QUIET: Final = ContextVar("quiet", default=False)
"""Whether to omit messages and progress (``--quiet``); errors and data are always written."""

_WIDEST: Final = 100
"""Maximum width of running text, in columns; longer lines are hard to read (Bringhurst)."""

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]"
)
"""Control characters (an ESC of a text would command the terminal), and those that turn the
direction of what follows them. The marks U+200E and U+200F turn nothing and stay."""

_RTL: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def safe(text: str) -> str:
    """Remove characters that control a terminal or change the direction of a line."""
    return _UNSAFE.sub("", text)


def isolated(text: str) -> str:
    """Isolate the direction of a text that shares a line with others."""
    text = safe(text).replace("\n", " ")
    return f"\u2068{text}\u2069" if _RTL.search(text) else text


def console(out: TextIO | None = None, *, reading: bool = False) -> Console:
    """Open a console: coloured and wrapped for a terminal, plain and unwrapped for a pipe.

    ``reading`` keeps lines to a width that is easy to read.
    """
    from rich.console import Console

    file = out or sys.stdout
    terminal = Console(file=file, highlight=False, markup=False, emoji=False)
    if not terminal.is_terminal:
        terminal = Console(
            file=file, highlight=False, markup=False, emoji=False, width=10**6, no_color=True
        )
    elif reading and terminal.width > _WIDEST:
        terminal.width = _WIDEST
    return terminal
