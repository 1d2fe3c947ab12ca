"""Refuse to start if native modules would abort the process without a message."""

from __future__ import annotations

from typing import Final

from copydesk.schemas.errors import CopydeskError

LEAST_ADDRESS_SPACE: Final = 1_500_000_000
"""Minimum bytes for a command that only reads; below, importing DuckDB and pandas aborts."""

RUN_ADDRESS_SPACE: Final = 4_000_000_000
"""Minimum bytes for a command that runs flows; at 2 GB, Arrow's threads abort the process."""


class LimitError(CopydeskError):
    """A limit of the system is too low for the command; the message says how to raise it."""


def refuse_little_address_space(least: int) -> None:
    """Raise LimitError if the address space of this process is limited to fewer bytes."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < least:
        raise LimitError(
            f"the address space is limited to {limit / 1e9:.1f} GB, and this command needs "
            f"{least / 1e9:g} GB of it, though less memory: ulimit -v unlimited, or LimitAS= "
            "of a systemd unit"
        )
