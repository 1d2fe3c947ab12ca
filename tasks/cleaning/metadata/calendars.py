"""Read dates of other calendars: Persian, Hebrew, Japanese eras, Taiwanese and Thai.

The arithmetic follows Reingold and Dershowitz (Calendrical Calculations); the names are in
``data/calendars.toml``. Digits must be western: ``timestamps`` converts them first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

# Persian years since the web began: 1369 began in 1990. From 1411 on a year may belong to the
# Islamic calendar, whose months begin with the observed moon and cannot be computed.
PERSIAN_YEARS: Final = range(1369, 1411)
_NOUROZ: Final = (1403, date(2024, 3, 20).toordinal())
_PERSIAN_LEAPS: Final = (1, 5, 9, 13, 17, 22, 26, 30)
_HEBREW_EPOCH: Final = -1_373_427
_THOUSANDS: Final = 5_000
_BUDDHIST: Final = 543
_KANJI: Final = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "元": 1,
}
_NUMERALS: Final = "〇零元一二三四五六七八九十廿卅"
_NUMBER: Final = rf"(?:\d{{1,4}}|[{_NUMERALS}]{{1,4}})"
_SIGN: Final = re.compile(r"[\u0590-\u05ff\u0600-\u06ff\u0e00-\u0eff年]")


class CalendarDate(NamedTuple):
    """A day and its position in the text (characters)."""

    day: date
    start: int
    end: int


class _Tables(NamedTuple):
    persian: re.Pattern[str]
    persian_months: Mapping[str, int]
    hebrew: re.Pattern[str]
    hebrew_months: Mapping[str, int]
    thai: re.Pattern[str]
    thai_months: Mapping[str, int]
    era: re.Pattern[str]
    eras: Mapping[str, int]


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    path = files("copydesk.tasks.cleaning") / "data" / "calendars.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))

    def numbered(name: str) -> dict[str, int]:
        return {word: n for n, words in enumerate(table[name], 1) for word in words.split("|")}

    def either(words: Mapping[str, int]) -> str:
        return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))

    persian, hebrew, thai = numbered("persian"), numbered("hebrew"), numbered("thai")
    eras: dict[str, int] = dict(table["eras"])
    letters, mark = "[א-ת]", "[״\"'׳’”]"
    return _Tables(
        persian=re.compile(
            rf"(?<!\d)(?P<day>\d{{1,2}})\s+(?P<month>{either(persian)})(?:\s*+ماه)?[\s،,]++"
            r"(?:سال\s)?(?P<year>1[34]\d\d)(?!\d)"
        ),
        persian_months=persian,
        hebrew=re.compile(
            rf"(?P<day>{letters}{mark}?{letters}?{mark}?|\d{{1,2}})\s+[בל]?(?P<month>{either(hebrew)})"
            rf"(?:\s(?P<which>[אב]){mark})?\s+(?:ה{mark})?"
            rf"(?P<year>ת{letters}{{0,3}}{mark}{letters}|5[67]\d\d)(?!\w)"
        ),
        hebrew_months=hebrew,
        thai=re.compile(
            rf"(?<!\d)(?P<day>\d{{1,2}})\s*(?P<month>{either(thai)})\.?\s*+"
            r"(?:(?:พ\s?\.\s?ศ\.?|ค\.ศ\.?|ปี)\s*+)?(?P<year>\d{4}|\d{2})(?!\d)"
        ),
        thai_months=thai,
        era=re.compile(
            rf"(?P<era>{either(eras)})\s?(?P<year>{_NUMBER})\s?年\s?(?P<month>{_NUMBER})\s?月\s?"
            rf"(?P<day>{_NUMBER})\s?日|"
            rf"(?P<year2>[〇零一二三四五六七八九]{{4}})年(?P<month2>{_NUMBER})月(?P<day2>{_NUMBER})[日号號]"
        ),
        eras=eras,
    )


def find_calendar_date(text: str) -> CalendarDate | None:
    """Return the first date of one of these calendars in a short text, or None."""
    if _SIGN.search(text) is None:
        return None
    return min(_calendar_dates(text), key=lambda match: match.start, default=None)


def _calendar_dates(text: str) -> Iterator[CalendarDate]:
    tables = _tables()
    readers = (
        ("\u0600", "\u06ff", tables.persian, _persian_of),
        ("\u0590", "\u05ff", tables.hebrew, _hebrew_of),
        ("\u0e00", "\u0eff", tables.thai, _thai_of),
        ("年", "年", tables.era, _era_of),
    )
    for first, last, pattern, read in readers:
        match = pattern.search(text) if any(first <= char <= last for char in text) else None
        day = read(match) if match else None
        if match and day is not None:
            yield CalendarDate(day, match.start(), match.end())


def _persian_of(match: re.Match[str]) -> date | None:
    month = _tables().persian_months[match["month"]]
    return persian_date(int(match["year"]), month, int(match["day"]))


def persian_date(year: int, month: int, day: int) -> date | None:
    """Return the day of a Persian (solar Hijri) date; None if invalid or before the web."""
    if year not in PERSIAN_YEARS or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if month > 6 and day > 30:
        return None
    first, ordinal = _NOUROZ
    start = ordinal + 365 * (year - first) + _persian_leaps(year) - _persian_leaps(first)
    before = 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    return date.fromordinal(start + before + day - 1)


def _persian_leaps(year: int) -> int:
    """Return the number of leap years before a year: eight in 33, valid from 1343 to 1472."""
    cycles, year_in_cycle = divmod(year, 33)
    return 8 * cycles + sum(leap < year_in_cycle for leap in _PERSIAN_LEAPS)


def _hebrew_of(match: re.Match[str]) -> date | None:
    month = _tables().hebrew_months[match["month"]]
    year, day = _hebrew_number(match["year"]), _hebrew_number(match["day"])
    if year < _THOUSANDS:
        year += _THOUSANDS
    return hebrew_date(year, month, day, second=match["which"] == "ב")


def _hebrew_number(text: str) -> int:
    """Return the value of Hebrew letters: 784 for ``תשפ״ד``."""
    return int(text) if text.isdigit() else sum(_LETTERS.get(char, 0) for char in text)


_LETTERS: Final = {
    **{char: value for value, char in enumerate("אבגדהוזחט", 1)},
    **{char: 10 * value for value, char in enumerate("יכלמנסעפצ", 1)},
    **{"ק": 100, "ר": 200, "ש": 300, "ת": 400},
}


def hebrew_date(year: int, month: int, day: int, *, second: bool = False) -> date | None:
    """Return the day of a Hebrew date; None if it is invalid.

    Months count from Tishri (1) to Elul (12); Adar is 6. ``second`` selects Adar II; in a leap year
    a plain Adar means Adar II, too.
    """
    if not 5_700 <= year < 5_900 or not 1 <= month <= 12 or not 1 <= day <= 30:
        return None
    start, end = _hebrew_new_year(year), _hebrew_new_year(year + 1)
    length = end - start
    months = [30, 29, 30, 29, 30, 29, 30, 29, 30, 29, 30, 29]
    months[1] += length % 10 == 5
    months[2] -= length % 10 == 3
    leap = length > 360
    before = sum(months[: month - 1])
    if leap and (month > 6 or (month == 6 and second)):
        before += 30
    if leap and month == 6 and not second:
        months[5] = 30
    if day > months[month - 1]:
        return None
    return date.fromordinal(start + before + day - 1)


def _hebrew_new_year(year: int) -> int:
    """Return the ordinal of the first of Tishri in a Hebrew year."""
    before, at, after = (_hebrew_days(y) for y in (year - 1, year, year + 1))
    delay = 2 if after - at == 356 else 1 if at - before == 382 else 0
    return _HEBREW_EPOCH + at + delay


def _hebrew_days(year: int) -> int:
    months = (235 * year - 234) // 19
    parts = 12_084 + 13_753 * months
    days = 29 * months + parts // 25_920
    return days + (3 * (days + 1) % 7 < 3)


def _thai_of(match: re.Match[str]) -> date | None:
    year = int(match["year"])
    if year < 100:  # "67" means 2567
        year += 2500
    if year > 2400:
        year -= _BUDDHIST
    return _day(year, _tables().thai_months[match["month"]], int(match["day"]))


def _era_of(match: re.Match[str]) -> date | None:
    if match["year2"]:
        year = int("".join(str(_KANJI[char]) for char in match["year2"]))
        return _day(year, _kanji_number(match["month2"]), _kanji_number(match["day2"]))
    year = _tables().eras[match["era"]] + _kanji_number(match["year"])
    return _day(year, _kanji_number(match["month"]), _kanji_number(match["day"]))


def _kanji_number(text: str) -> int:
    """Return the number that kanji or digits write: 25 for ``二十五``, 1 for ``元``."""
    if text.isdigit():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI[char]) for char in text))
    return 10 * (_KANJI.get(tens, 1) if tens else 1) + (_KANJI.get(ones, 0) if ones else 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
