"""Paths with a date in them: ``raw/{date:%Y/%m/%d}/*.warc.gz``."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from copydesk.tasks.sources.source import SourceError

_FIELD: Final = re.compile(r"\{date:([^{}]*)\}")
_CODE: Final = re.compile(r"%(.)")
_DIGITS: Final = {"Y": 4, "m": 2, "d": 2}
"""The parts of a date that a path may have, as strftime names them, and their digits."""

DIGIT: Final = "[0-9]"
"""What a digit of a date is in a pattern."""

_GLOB: Final = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|/|[^*?\[/]+|\[")


def is_dated(text: str) -> bool:
    """Return whether a path or an address is a date template."""
    return _FIELD.search(text) is not None


def as_glob(text: str) -> str:
    """Return the glob pattern that matches the template for every date."""
    return _FIELD.sub(
        lambda match: _CODE.sub(lambda code: DIGIT * _digits(text, code[1]), match[1]), text
    )


def on(text: str, day: date) -> str:
    """Fill in the template for one day."""
    as_glob(text)  # refuses what is no part of a date
    return _FIELD.sub(lambda match: day.strftime(match[1]), text)


def between(text: str, first: date, last: date) -> list[str]:
    """Fill in the template for each day of a range, without duplicates."""
    count = (last - first).days + 1
    return list(dict.fromkeys(on(text, first + timedelta(days=offset)) for offset in range(count)))


def names_days(text: str) -> bool:
    """Return whether the template names days, rather than months alone."""
    return "%d" in "".join(_FIELD.findall(text))


def date_parts(text: str, path: str, under: int) -> tuple[int, int, int | None] | None:
    """Read year, month and day (None in a template of months) from a matching path.

    ``path`` is the last ``under`` parts of a path; so many parts of ``text`` are compared.
    """
    parts = _expression(text).split("/")
    match = re.fullmatch("/".join(parts[-under:]), path)
    if match is None:
        return None
    numbers = {name: int(value) for name, value in match.groupdict().items() if value}
    if "Y" not in numbers or "m" not in numbers:
        return None
    return numbers["Y"], numbers["m"], numbers.get("d")


def _expression(text: str) -> str:
    """Write it as a regular expression in which no part spans a slash but that of ``**``."""
    written, named_parts, at = [], set(), 0
    for match in _FIELD.finditer(text):
        written.append(_globbed(text[at : match.start()]))
        end = 0
        for code in _CODE.finditer(match[1]):
            written.append(re.escape(match[1][end : code.start()]))
            name = code[1]
            again = f"(?P={name})"
            written.append(
                again if name in named_parts else rf"(?P<{name}>\d{{{_digits(text, name)}}})"
            )
            named_parts.add(name)
            end = code.end()
        written.append(re.escape(match[1][end:]))
        at = match.end()
    return "".join([*written, _globbed(text[at:])])


def _globbed(text: str) -> str:
    # a slash by its number, so that the expression can be cut where the path's parts end
    table = {"**/": ".*/", "**": ".*", "*": r"[^\x2f]*", "?": r"[^\x2f]", "/": "/"}
    return "".join(
        table.get(part) or (part.replace("[!", "[^") if part[0] == "[" else re.escape(part))
        for part in _GLOB.findall(text)
    )


def _digits(text: str, code: str) -> int:
    if code not in _DIGITS:
        codes = ", ".join(f"%{name}" for name in _DIGITS)
        raise SourceError(f"{text}: %{code} is not a part of a date here; there are {codes}")
    return _DIGITS[code]
