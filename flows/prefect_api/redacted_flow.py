"""Flows whose parameters reach Prefect without the credentials in them, and logs without any.

A flow receives its parameters as they were given: only what its API stores and shows is changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, TypeVar

from prefect import Flow
from pydantic_core import to_jsonable_python

from copydesk.schemas.credentials import text_without_credentials

P = ParamSpec("P")
R = TypeVar("R")

_KEYS: Final = "storage_options"
"""Parameter with the keys of an object store."""

_REMOVED: Final = "removed"
_LOGGERS: Final = ("prefect.flow_runs", "prefect.task_runs")
"""Loggers of records that Prefect stores with a run."""


class RedactedFlow(Flow[P, R]):
    """A flow that stores its parameters without user names, passwords and tokens."""

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Make parameters serializable, as ``Flow`` does, and remove credentials."""
        try:  # Prefect's own way loads FastAPI, which takes a quarter of a second
            serialized = to_jsonable_python(parameters)
        except ValueError:
            serialized = super().serialize_parameters(parameters)
        without: dict[str, Any] = redacted(serialized)
        return without

    def with_options(self, **options: Any) -> Flow[P, R]:
        """Change options, as ``Flow`` does, whose result is a plain flow."""
        other: Flow[P, R] = super().with_options(**options)
        other.__class__ = type(self)
        return other


def redacted_flow(**options: Any) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Decorate a function as ``prefect.flow`` does, with parameters stored without credentials."""

    def decorate(function: Callable[P, R]) -> Flow[P, R]:
        return RedactedFlow(function, **options)

    return decorate


def redacted(value: Any) -> Any:
    """Return a JSON value without the credentials in its addresses and of its object stores."""
    if isinstance(value, str):
        return text_without_credentials(value)
    if isinstance(value, Mapping):
        return {
            key: dict.fromkeys(item, _REMOVED)
            if key == _KEYS and isinstance(item, Mapping)
            else redacted(item)
            for key, item in value.items()
        }
    return [redacted(item) for item in value] if isinstance(value, list) else value


def redact_run_logs() -> None:
    """Let the records that Prefect stores with runs name addresses without credentials."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(redact_record)  # once: equal filters are not repeated


def redact_record(record: logging.LogRecord) -> bool:
    """Remove credentials from a record's message and traceback."""
    message = record.getMessage()
    if (plain := text_without_credentials(message)) != message:
        record.msg, record.args = plain, ()
    if record.exc_info and record.exc_text is None:
        text = logging.Formatter().formatException(record.exc_info)
        if (plain := text_without_credentials(text)) != text:
            record.exc_text, record.exc_info = plain, None
    return True
