"""Entry point of the command ``copydesk``; Ctrl-C while its modules load prints no traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence


def main() -> None:
    """Load and run the command line; Ctrl-C before that ends the process as in a shell.

    What a run waits for first, the process from which cleaning processes are forked, loads its
    modules meanwhile.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if will_clean_here(sys.argv[1:]):
        from copydesk.tasks.workers.fork_server import start_fork_server

        start_fork_server()
    from copydesk.flows import cli

    cli.main()


def will_clean_here(arguments: Sequence[str]) -> bool:
    """Return whether a command line certainly names a run whose engine is this machine's."""
    options = [argument for argument in arguments if argument.startswith("-")]
    commands = [argument for argument in arguments if not argument.startswith("-")]
    return (
        commands[:1] in (["ingest"], ["backfill"])
        and not {"-h", "--help"}.intersection(options)
        and not any(option.startswith("--engine") for option in options)
        and os.environ.get("COPYDESK_ENGINE", "") in ("", "local")
    )
