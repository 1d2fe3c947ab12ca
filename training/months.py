"""Make ``tasks/cleaning/data/months.*.txt``: the names of months and days in every language.

``months.cldr.txt`` is of the Unicode CLDR as the PyPI package ``babel`` has it;
``months.wordpress.txt`` (GPL-2.0-or-later) has the names that WordPress's own translations add in
some languages (Debian's ``wordpress-l10n``, unpacked). ``python -m training.months`` makes the
first anew, ``python -m training.months DIR`` both. One key (``cleaning.title.title_key``) a line:
full and short names, as they stand in a date and alone.
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

NO_DATA = re.compile(r"m?\d+")
DATA = Path(__file__).parent.parent / "tasks" / "cleaning" / "data"


def names(locale: Locale) -> set[str]:
    """Return a locale's month and day names."""
    month_names: set[str] = set()
    for table, widths in (
        (locale.months, ("wide", "abbreviated")),
        (locale.days, ("wide", "abbreviated")),
    ):
        for context in ("format", "stand-alone"):
            for width in widths:
                month_names |= set(table[context][width].values())
    return month_names


def wordpress(folder: Path) -> Iterator[str]:
    """Yield the names in WordPress's catalogues."""
    english = {*calendar.month_name, *calendar.month_abbr, *calendar.day_name, *calendar.day_abbr}
    for file in sorted(folder.rglob("*.mo")):
        with file.open("rb") as stream:
            catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
        for key, text in catalog.items():
            # Some names carry a context: "genitive\x04January", "Jan_January_abbreviation".
            name = key.split("\x04")[-1].split("_")[0] if isinstance(key, str) else ""
            if name and name in english and isinstance(text, str):
                yield text


def write(name: str, keys: set[str]) -> None:
    """Write the keys that are long enough to differ from other words."""
    lines = "".join(f"{key}\n" for key in sorted(keys) if 1 < len(key) < 30)
    (DATA / name).write_text(lines, encoding="utf-8", newline="\n")


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordpress", type=Path, nargs="?")
    folder = parser.parse_args().wordpress
    keys: set[str] = set()
    for identifier in sorted(localedata.locale_identifiers()):
        try:
            locale = Locale.parse(identifier)
        except (UnknownLocaleError, ValueError):
            continue
        # "M01" is CLDR's way to say that a language has no data.
        keys |= {key for name in names(locale) if not NO_DATA.fullmatch(key := title_key(name))}
    write("months.cldr.txt", keys)
    if folder is not None:
        write("months.wordpress.txt", {title_key(name) for name in wordpress(folder)} - keys)


if __name__ == "__main__":
    main()
