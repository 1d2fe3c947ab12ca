"""Other calendars and short forms: Persian, Hebrew, eras, two-digit years, "2 days ago"."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.metadata.calendars import find_calendar_date, hebrew_date, persian_date
from copydesk.tasks.cleaning.metadata.relative_dates import find_relative
from copydesk.tasks.cleaning.metadata.short_dates import find_short_date
from copydesk.tasks.cleaning.metadata.timestamps import find_date

SEEN = datetime(2024, 3, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("۲۵ آبان ۱۴۰۲", "fa", "2023-11-16"),
        ("پنجشنبه ۲۵ آبان ماه ۱۴۰۲ - ۱۰:۳۰", "fa", "2023-11-16"),
        ("۱۴۰۲/۰۸/۲۵", "fa", "2023-11-16"),
        ("1402-08-25", "fa", "2023-11-16"),
        ("۲۵ عقرب ۱۴۰۲", "fa", "2023-11-16"),
        ("16 พ.ย. 2566", "th", "2023-11-16"),
        ("16 พ.ย. 66", "th", "2023-11-16"),
        ("๑๖ พฤศจิกายน พ.ศ. ๒๕๖๖", "th", "2023-11-16"),
        ("令和5年11月16日", "ja", "2023-11-16"),
        ("令和五年十一月十六日(木)", "ja", "2023-11-16"),
        ("令和元年5月1日", "ja", "2019-05-01"),
        ("平成３０年１１月１６日", "ja", "2018-11-16"),
        ("民國112年11月16日", "zh", "2023-11-16"),
        ("二〇二三年十一月十六日", "zh", "2023-11-16"),
        ("ג׳ בכסלו תשפ״ד", "he", "2023-11-16"),
        ("כ\"ה באדר ב' ה'תשפ\"ד", "he", "2024-04-04"),
        ("16 בנובמבר 2023", "he", "2023-11-16"),
        ("11月 16, 2023", "ja", "2023-11-16"),
        ("11월 16, 2023", "ko", "2023-11-16"),
        ("Tháng Sáu 16, 2023", "vi", "2023-06-16"),
        ("2023. gada 16. novembris", "lv", "2023-11-16"),
        ("16 ພ.ຈ. 2023", "lo", "2023-11-16"),
        ("2023(e)ko azaroaren 16(a)", "eu", "2023-11-16"),
        ("16 نومبر، 2023", "ur", "2023-11-16"),
        # No dates.
        ("設備已停用11年", "zh", None),
        ("昭和二十年", "ja", None),
    ],
)
def test_dates_of_other_calendars(text: str, language: str, day: str | None) -> None:
    match = find_date(text, language=language)
    assert (match.stamp.when.date().isoformat() if match else None) == day


def test_new_years_days() -> None:
    persian = {1375: (3, 20), 1376: (3, 21), 1399: (3, 20), 1400: (3, 21), 1404: (3, 21)}
    for year, (month, day) in persian.items():
        assert persian_date(year, 1, 1) == date(year + 621, month, day)
    hebrew = {5783: (2022, 9, 26), 5784: (2023, 9, 16), 5785: (2024, 10, 3), 5786: (2025, 9, 23)}
    for year, day in hebrew.items():
        assert hebrew_date(year, 1, 1) == date(*day)
    assert persian_date(1402, 12, 31) is None
    assert hebrew_date(5784, 13, 1) is None


@given(st.text("אבכהת״'ב ני0123456789年月日令和元一十二〇พค.ศ ۱۴۰اسفند", max_size=40))
def test_any_letters_are_read(text: str) -> None:
    match = find_calendar_date(text)
    assert match is None or 0 <= match.start < match.end <= len(text)


@pytest.mark.parametrize(
    ("text", "language", "day_first", "day"),
    [
        ("Posted 11/16/23", "en", False, "2023-11-16"),
        ("3/5/24", "en", False, "2024-03-05"),
        ("16.11.23", "de", True, "2023-11-16"),
        ("16/11/23, 10:30", "fr", True, "2023-11-16"),
        ("16-11-23", "nl", True, "2023-11-16"),
        ("23.11.16", "ko", True, "2023-11-16"),
        ("16 Nov 23", "en", True, "2023-11-16"),
        ("Nov 16, '23", "en", False, "2023-11-16"),
        ("16 ноя 23", "ru", True, "2023-11-16"),
        ("12.04.98", "de", True, "1998-04-12"),
        ("1/2/3", "en", True, None),
        ("12:30", "en", True, None),
        ("Rates rose 3/5/24%", "en", True, None),
        ("16.11.23 " + "and more of the harbour's news " * 3, "en", True, None),
    ],
)
def test_two_digit_years(text: str, language: str, day_first: bool, day: str | None) -> None:
    match = find_short_date(text, language=language, day_first=day_first)
    assert (match.stamp.when.date().isoformat() if match else None) == day


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 days ago", 3), ("3d ago", 3), ("a day ago", 1), ("1 week ago", 7), ("3 hours ago", 0),
        ("13 h ago", 1), ("Yesterday at 9:15", 1), ("vor 3 Tagen", 3), ("Gestern, 9:15 Uhr", 1),
        ("il y a 3 jours", 3), ("hier à 9h15", 1), ("hace 3 días", 3), ("ayer a las 9:15", 1),
        ("há 3 dias", 3), ("3 giorni fa", 3), ("3 dagen geleden", 3), ("för 3 dagar sedan", 3),
        ("for 3 dager siden", 3), ("3 päivää sitten", 3), ("3 dni temu", 3), ("před 3 dny", 3),
        ("acum 3 zile", 3), ("3 дня назад", 3), ("Вчера в 9:15", 1), ("3 дні тому", 3),
        ("πριν από 3 ημέρες", 3), ("3 gün önce", 3), ("منذ 3 أيام", 3), ("منذ يومين", 2),
        ("۳ روز پیش", 3), ("לפני 3 ימים", 3), ("3 दिन पहले", 3), ("3 hari yang lalu", 3),
        ("3 ngày trước", 3), ("3 วันที่แล้ว", 3), ("3 天前", 3), ("昨天 9:15", 1), ("3日前", 3),
        ("3일 전", 3), ("By Jane Roe · 3 days ago · 4 min read", 3), ("Updated 3 hours ago", 0),
        ("5 comments", None), ("3 months ago", None), ("3 days until the vote", None),
        ("Three members of the council asked 3 days ago whether the crane was to stay", None),
    ],
)  # fmt: skip
def test_days_told_from_when_the_page_was_seen(text: str, days: int | None) -> None:
    match = find_relative(text, SEEN)
    assert ((SEEN.date() - match.day).days if match else None) == days
