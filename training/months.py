"""Make ``tasks/cleaning/data/months.txt``: the names of months and days in every language.

From the Unicode CLDR as the PyPI package ``babel`` has it, and from WordPress's own
translations (Debian's ``wordpress-l10n``, unpacked), whose names differ in some languages:
``python -m training.months DIR``. One key (``cleaning.title.title_key``) a line: full and short
names, as they stand in a date and alone.
"""

from __future__ import annotations

import argparse
import calendar
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError, localedata

from copydesk.tasks.cleaning.title import title_key

OUTPUT = Path(__file__).parent.parent / "tasks" / "cleaning" / "data" / "months.txt"


def names(locale: Locale) -> set[str]:
    """Give a locale's month and day names."""
    found: set[str] = set()
    for table, widths in (
        (locale.months, ("wide", "abbreviated")),
        (locale.days, ("wide", "abbreviated")),
    ):
        for context in ("format", "stand-alone"):
            for width in widths:
                found |= set(table[context][width].values())
    return found


def wordpress(folder: Path) -> Iterator[str]:
    """Give the names in WordPress's catalogues."""
    english = {*calendar.month_name, *calendar.month_abbr, *calendar.day_name, *calendar.day_abbr}
    for file in sorted(folder.rglob("*.mo")):
        with file.open("rb") as stream:
            catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
        for key, text in catalog.items():
            # Some names carry a context: "genitive\x04January", "Jan_January_abbreviation".
            name = key.split("\x04")[-1].split("_")[0] if isinstance(key, str) else ""
            if name and name in english and isinstance(text, str):
                yield text


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordpress", type=Path)
    keys = {title_key(name) for name in wordpress(parser.parse_args().wordpress)}
    for identifier in sorted(localedata.locale_identifiers()):
        try:
            locale = Locale.parse(identifier)
        except (UnknownLocaleError, ValueError):
            continue
        for name in names(locale):
            key = title_key(name)
            # "M01" is CLDR's way to say that a language has no data.
            if key and not re.fullmatch(r"m?\d+", key) and len(key) > 1 and len(key) < 30:
                keys.add(key)
    keys = {key for key in keys if 1 < len(key) < 30}
    OUTPUT.write_text("".join(f"{key}\n" for key in sorted(keys)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
