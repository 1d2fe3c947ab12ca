"""What was said of an item beside its bytes, as the ledger keeps it for a later cleaning."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from schemas.article import Hints

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def write_hints(hints: Hints | None) -> str | None:
    """Write them as JSON; None when there are none."""
    if hints is None or hints == Hints():
        return None
    data: bytes = _form().dump_json(hints, exclude_defaults=True)
    return data.decode()


def read_hints(text: str | None) -> Hints | None:
    """Read what ``write_hints`` wrote."""
    return None if text is None else _form().validate_json(text)


@cache
def _form() -> TypeAdapter[Hints]:
    from pydantic import TypeAdapter

    return TypeAdapter(Hints)
