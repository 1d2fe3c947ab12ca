"""Numbers in readable sentences."""

from __future__ import annotations


def plural(number: int, singular: str, plural_form: str = "") -> str:
    """Return a number with its noun; ``plural_form`` for nouns that do not just add an s."""
    return f"{number:,} {singular if number == 1 else plural_form or singular + 's'}"
