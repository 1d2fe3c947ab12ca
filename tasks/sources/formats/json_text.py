"""JSON of others as values that can be kept: one bad value loses itself."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from copydesk.schemas.values import sound

_ESCAPED: Final = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""What may be half of a pair, or a NUL: no JSON without it has unsound text."""
_LONGEST_INTEGER: Final = 400  # digits; Python refuses to read more than 4,300


def read_json(data: bytes | str) -> Any:
    """Read JSON; texts are sound, a number that is none or has more digits than any is None.

    ``ValueError`` if it is none, or nested beyond what can be read.
    """
    text = data.decode(json.detect_encoding(data), "replace") if isinstance(data, bytes) else data
    try:
        return _sound(_DECODER.decode(text.removeprefix("\ufeff")), text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def read_json_at(text: str, start: int) -> tuple[Any, int]:
    """Read the JSON that begins at a place of a text, and tell where it ends.

    Its texts may have line breaks and tabs that are not escaped.
    """
    try:
        value, end = _LENIENT.raw_decode(text, start)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
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
