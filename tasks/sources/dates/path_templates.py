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
    """Tell whether a path or an address has a date's place in it."""
    return _FIELD.search(text) is not None


def as_glob(text: str) -> str:
    """Write it as the pattern of all dates."""
    return _FIELD.sub(
        lambda found: _CODE.sub(lambda code: DIGIT * _digits(text, code[1]), found[1]), text
    )


def on(text: str, day: date) -> str:
    """Write it for one day."""
    as_glob(text)  # refuses what is no part of a date
    return _FIELD.sub(lambda found: day.strftime(found[1]), text)


def between(text: str, first: date, last: date) -> list[str]:
    """Write it for each day of a range, each result once: a path by month stands once a month."""
    count = (last - first).days + 1
    return list(dict.fromkeys(on(text, first + timedelta(days=n)) for n in range(count)))


def names_days(text: str) -> bool:
    """Tell whether it names days, or months alone."""
    return "%d" in "".join(_FIELD.findall(text))


def date_parts(text: str, path: str, under: int) -> tuple[int, int, int | None] | None:
    """Read year, month and day (None: it names months) from a path that fits.

    ``path`` is the last ``under`` parts of a path; so many parts of ``text`` are compared.
    """
    parts = _expression(text).split("/")
    found = re.fullmatch("/".join(parts[-under:]), path)
    if found is None:
        return None
    told = {name: int(value) for name, value in found.groupdict().items() if value}
    if "Y" not in told or "m" not in told:
        return None
    return told["Y"], told["m"], told.get("d")


def _expression(text: str) -> str:
    """Write it as a regular expression in which no part spans a slash but that of ``**``."""
    written, seen, at = [], set(), 0
    for found in _FIELD.finditer(text):
        written.append(_globbed(text[at : found.start()]))
        end = 0
        for code in _CODE.finditer(found[1]):
            written.append(re.escape(found[1][end : code.start()]))
            name = code[1]
            again = f"(?P={name})"
            written.append(again if name in seen else rf"(?P<{name}>\d{{{_digits(text, name)}}})")
            seen.add(name)
            end = code.end()
        written.append(re.escape(found[1][end:]))
        at = found.end()
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
        known = ", ".join(f"%{name}" for name in _DIGITS)
        raise SourceError(f"{text}: %{code} is no part of a date here; there are {known}")
    return _DIGITS[code]
