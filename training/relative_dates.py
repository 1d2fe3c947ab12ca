"""Make ``tasks/cleaning/data/relative_dates.json``: "3 days ago", "yesterday", by language.

From the Unicode CLDR as the PyPI package ``babel`` has it (Unicode License v3), and what news sites
print beside it (``relative_dates.toml``); ``python training/relative_dates.py``. ``{n}`` stands
for a number. Weeks are the longest unit: a month ago tells no day.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from unicodedata import normalize

from babel import Locale, localedata

PRINTED = Path(__file__).with_suffix(".toml")
OUTPUT = Path(__file__).parent.parent / "tasks/cleaning/data/relative_dates.json"

_CODES = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id "
    "is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn pa pl ps pt ro ru si sk sl "
    "so sq sr sv sw ta te th tr uk ur uz vi zh zu"
)
LANGUAGES = frozenset(_CODES.split())
UNITS = ("second", "minute", "hour", "day", "week")


def main() -> None:
    """Write the file."""
    printed = tomllib.loads(PRINTED.read_text(encoding="utf-8"))
    forms: dict[str, tuple[str, int]] = {}
    for identifier in sorted(localedata.locale_identifiers()):
        if identifier.partition("_")[0] not in LANGUAGES:
            continue
        fields = Locale.parse(identifier)._data["date_fields"]
        for unit in UNITS:
            for name in (unit, f"{unit}-short", f"{unit}-narrow"):
                for number, form in _past(fields, name):
                    if not form.startswith("-"):  # "-2 h": a score, a temperature
                        forms.setdefault(_key(form), (unit, number))
    for unit, texts in printed["ago"].items():
        for form in texts:
            number = next((n for word, n in printed["meant"].items() if word in form.split()), 1)
            forms.setdefault(_key(form), (unit, number))
    document = {
        "source": "Unicode CLDR by way of babel; made by training/relative_dates.py",
        "ago": {
            unit: {form: n for form, (u, n) in sorted(forms.items()) if u == unit} for unit in UNITS
        },
        "words": {
            _key(word): int(days) for days, words in printed["words"].items() for word in words
        },
    }
    text = json.dumps(document, ensure_ascii=False, indent=0)
    OUTPUT.write_text(text + "\n", encoding="utf-8", newline="\n")


def _past(fields: dict, name: str) -> list[tuple[int, str]]:  # type: ignore[type-arg]
    try:
        phrases = fields[name]["past"]
    except KeyError:
        return []
    counts = {"one": 1, "two": 2, "zero": 0}
    return [(counts.get(plural, 1), form) for plural, form in phrases.items() if form]


def _key(form: str) -> str:
    form = normalize("NFC", form.replace("{0}", "{n}").casefold())
    return " ".join(form.replace("\u200f", "").replace("{n}", " {n} ").split()).rstrip(".")


if __name__ == "__main__":
    main()
