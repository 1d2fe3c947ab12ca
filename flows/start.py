"""Entry point of the command ``copydesk``; Ctrl-C while its modules load prints no traceback."""

from __future__ import annotations

import signal


def main() -> None:
    """Load and run the command line; Ctrl-C before that ends the process as in a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from copydesk.flows import cli

    cli.main()
