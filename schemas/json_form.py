"""Dataclasses as JSON and back: plans, manifests and verdicts that lie in the lake as files."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")


def to_json(value: object, *, form: Any = None, without_defaults: bool = False) -> bytes:
    """Write a value by its types; ``form`` is what it is of, where its class alone does not say.

    ``without_defaults`` leaves out fields that have their default: shorter, and older releases
    read what has nothing new in it.
    """
    kind: Any = form or type(value)
    data: bytes = _adapter(kind).dump_json(value, exclude_defaults=without_defaults)
    return data


def from_json(form: type[Value], data: bytes | str) -> Value:
    """Read what ``to_json`` wrote; fields that ``form`` does not have are left out.

    Raises:
        pydantic.ValidationError: a ValueError; the text is no JSON, or not of this form.
    """
    kind: Any = form
    value: Value = _adapter(kind).validate_json(data)
    return value


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # here, so that importing this costs nothing

    return TypeAdapter(form)
