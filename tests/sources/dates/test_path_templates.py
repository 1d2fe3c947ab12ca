"""Paths with a date in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.items import Item
from copydesk.tasks.sources import SourceError, open_sources
from copydesk.tasks.sources.dates.path_templates import (
    as_glob,
    between,
    date_parts,
    is_dated,
    names_days,
    on,
)


def test_a_date_is_a_pattern_of_digits_and_each_day_a_path() -> None:
    text = "raw/{date:%Y/%m/%d}/*.warc.gz"
    assert is_dated(text)
    assert as_glob(text) == f"raw/{'[0-9]' * 4}/{'[0-9]' * 2}/{'[0-9]' * 2}/*.warc.gz"
    assert on(text, date(2026, 1, 5)) == "raw/2026/01/05/*.warc.gz"
    assert names_days(text)
    months = "raw/{date:%Y-%m}.warc.gz"
    assert not names_days(months)
    assert between(months, date(2026, 1, 30), date(2026, 2, 2)) == [
        "raw/2026-01.warc.gz", "raw/2026-02.warc.gz",
    ]  # fmt: skip


@given(
    st.dates(date(1000, 1, 1)), st.sampled_from(["a/{date:%Y/%m/%d}/*.txt", "{date:%Y%m%d}*.txt"])
)
def test_a_date_that_was_written_is_read(day: date, text: str) -> None:
    path = on(text, day).replace("*", "any")
    assert date_parts(text, path, path.count("/") + 1) == (day.year, day.month, day.day)


def test_the_parts_of_a_path_that_are_compared_are_its_last() -> None:
    text = "/srv/raw/{date:%Y/%m}/**/x?.txt"
    assert date_parts(text, "2026/01/deep/x1.txt", 4) == (2026, 1, None)
    assert date_parts(text, "2026/01/x1.txt", 3) is None
    assert date_parts("/srv/raw/{date:%Y/%m}/[ab]/x?.txt", "2026/01/a/x1.txt", 4) == (2026, 1, None)
    assert date_parts("/srv/{date:%Y}/{date:%Y-%m-%d}.txt", "2026/2025-01-05.txt", 2) is None


def test_what_is_no_part_of_a_date_is_refused() -> None:
    with pytest.raises(SourceError, match="%H is not a part of a date"):
        as_glob("raw/{date:%Y%H}/x")


def test_a_dated_path_opens_the_folder_above_the_date_whatever_the_day(tmp_path: Path) -> None:
    for day in ("05", "06"):
        (tmp_path / "2026" / "01" / day).mkdir(parents=True)
        (tmp_path / "2026" / "01" / day / "a.txt").write_text("Title\n\nA text that is long.")
    (source,) = open_sources([f"{tmp_path}/{{date:%Y/%m/%d}}/*.txt"], name="raw")
    items = [offer for offer in source.discover() if isinstance(offer, Item)]
    assert [offer.locator for offer in items] == ["2026/01/05/a.txt", "2026/01/06/a.txt"]
    with pytest.raises(SourceError, match="copydesk backfill"):
        open_sources(["https://site.example/{date:%Y/%m/%d}/"])
