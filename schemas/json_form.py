"""Converts dataclasses to JSON and back, for plans, manifests and verdicts in the lake's files."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")


def to_json(value: object, *, form: Any = None, without_defaults: bool = False) -> bytes:
    """Serialize a value by its type annotations.

    Args:
        value: a dataclass, or another value that pydantic can serialize.
        form: its type, where the value's class is not specific enough.
        without_defaults: leaves out fields with default values, which older releases may not know.
    """
    kind: Any = form or type(value)
    data: bytes = _adapter(kind).dump_json(value, exclude_defaults=without_defaults, by_alias=True)
    return data


def from_json(form: type[Value], data: bytes | str) -> Value:
    """Parse what ``to_json`` wrote; fields that ``form`` does not have are ignored.

    Raises:
        pydantic.ValidationError: a ValueError; the text is not JSON, or not of this type.
    """
    kind: Any = form
    value: Value = _adapter(kind).validate_json(data)
    return value


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # imported late, because it is slow

    return TypeAdapter(form)
