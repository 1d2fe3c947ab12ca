"""Options and messages that the commands share."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Annotated, NoReturn

import typer

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="COPYDESK_HOME",
        help="Folder that holds the lake and the published tables.",
        show_default=True,
    ),
]
DEFAULT_HOME = Path("copydesk-data")

VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the engine's own log as well.")
]

interrupted = threading.Event()
"""Set by Ctrl-C and SIGTERM: what fails after it fails for that reason, whatever it says."""


def say(message: str) -> None:
    """Tell the person something that is not the command's output."""
    sys.stderr.write(message + "\n")


def fail(message: str) -> NoReturn:
    """End the command: it failed."""
    say(f"copydesk: {message}")
    sys.exit(1)
