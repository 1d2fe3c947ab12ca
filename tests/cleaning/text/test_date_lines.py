from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.text.date_lines import date_strength, has_time


@pytest.mark.parametrize(
    "line",
    [
        "December 23, 2023",
        "3. Mai 2026 um 14:20 Uhr",
        "2023(e)ko abendua 23",
        "abenduaren 23, 2023",
        "ဒီဇင်ဘာ 22, 2023",
        "மார்கழி 20, 2023",
        "23 грудня, 2023 о 10:15",
        "2026年5月3日 14:20",
        "6月 5, 2024",
        "2026년 5월 3일",
        "٣ مايو ٢٠٢٦",
        "21.11.2026, 10:15",
        "2026-11-24",
        "24/11/26",
        "Published December 31, 2023 By James Presbitero Jr",
        "19. umivel 2014",  # an invented month
    ],
)
def test_dates(line: str) -> None:
    assert date_strength(line) >= 0.5


@pytest.mark.parametrize(
    "line",
    [
        "",
        "May",
        "Das 5. Album",
        "On 5 May 2023 the war began, and nobody was ready for it.",
        "1/1/2013 +13.1%",
        "Chapter 12",
        "1984",
        "Read next: 7 lessons for machines",
    ],
)
def test_no_dates(line: str) -> None:
    assert date_strength(line) < 0.3


def test_times() -> None:
    assert has_time("at 2:02 am")
    assert has_time("14:20 Uhr")
    assert not has_time("Psalm 23")


@given(st.text(max_size=130))
def test_a_share_of_the_line(line: str) -> None:
    assert 0.0 <= date_strength(line) <= 1.0
