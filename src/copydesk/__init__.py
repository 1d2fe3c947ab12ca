"""Batch ingestion of articles: clean one document, or ask the published tables.

>>> from copydesk import clean, connect

What stands in ``__all__`` is the promised face. The packages below it are internal: they move
without notice. A name is imported when it is first asked for, so that ``import copydesk`` loads no
database and no model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from copydesk.schemas.article import Article, Hints, Reject, RejectReason
    from copydesk.schemas.errors import CopydeskError
    from copydesk.tasks.cleaning import clean
    from copydesk.warehouse.query.connect import Reader, connect

__all__ = [
    "Article",
    "CopydeskError",
    "Hints",
    "Reader",
    "Reject",
    "RejectReason",
    "clean",
    "connect",
]

_HOMES: Final = {
    "Article": "copydesk.schemas.article",
    "CopydeskError": "copydesk.schemas.errors",
    "Hints": "copydesk.schemas.article",
    "Reader": "copydesk.warehouse.query.connect",
    "Reject": "copydesk.schemas.article",
    "RejectReason": "copydesk.schemas.article",
    "clean": "copydesk.tasks.cleaning",
    "connect": "copydesk.warehouse.query.connect",
}


def __getattr__(name: str) -> Any:
    """Import a promised name when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the promised names, for completion."""
    return sorted({*globals(), *__all__})
