"""Reads JSON leniently: a bad value becomes None and the rest is kept."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from copydesk.schemas.values import sound

_ESCAPED: Final = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""A possible half of a surrogate pair, or a NUL: JSON without it has sound strings."""
_LONGEST_INTEGER: Final = 400  # digits; Python refuses to read more than 4,300


def read_json(data: bytes | str) -> Any:
    """Read JSON. Strings become valid Unicode; numbers that Python cannot hold become None.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    text = data.decode(json.detect_encoding(data), "replace") if isinstance(data, bytes) else data
    try:
        return _sound(_DECODER.decode(text.removeprefix("\ufeff")), text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_json_at(text: str, start: int) -> tuple[Any, int]:
    """Read the JSON value that begins at ``start``, and return it with the index of its end.

    Strings may contain unescaped line breaks and tabs.
    """
    try:
        value, end = _LENIENT.raw_decode(text, start)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return _sound(value, text[start:end]), end


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def _real(digits: str) -> float | None:
    return number if math.isfinite(number := float(digits)) else None


_DECODER: Final = json.JSONDecoder(
    parse_int=_integer, parse_float=_real, parse_constant=lambda _: None
)
_LENIENT: Final = json.JSONDecoder(
    parse_int=_integer, parse_float=_real, parse_constant=lambda _: None, strict=False
)


def _sound(value: Any, text: str) -> Any:
    unsound = _ESCAPED.search(text) or not _encodes(text)
    return _rewritten(value) if unsound else value


def _rewritten(value: Any) -> Any:
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, list):
        return [_rewritten(each) for each in value]
    if isinstance(value, dict):
        return {sound(name): _rewritten(each) for name, each in value.items()}
    return value


def _encodes(text: str) -> bool:
    return sound(text) == text
