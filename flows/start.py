"""Where the command ``copydesk`` starts: interrupted while its modules load, it ends in silence."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command line and run it; Ctrl-C before that ends the process as in a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from copydesk.flows import cli

    cli.main()
