"""Numbers in the sentences that people read."""

from __future__ import annotations


def plural(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun; ``many`` where the noun does not take an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
