"""Make ``tasks/cleaning/data/month_numbers.json``: which month a name means, by language.

From the Unicode CLDR as the PyPI package ``babel`` has it; ``python training/month_numbers.py``.
Full and short names, as they stand in a date and alone, case-folded, without a final dot.
``unambiguous`` names mean one month in every language, ``ambiguous`` ones are given by
language (``listopad`` is October in Croatian, November in Polish and Czech).
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from unicodedata import normalize

from babel import Locale, localedata

OUTPUT = Path(__file__).parent.parent / "tasks/cleaning/data/month_numbers.json"

# Languages that a news site is written in; the rest of CLDR doubles the file.
_CODES = (
    "af am ar az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fil fo fr ga gd gl gu he hi "
    "hr hu hy id is it ka kk km kn ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn no pa pl ps "
    "pt ro ru rw sd si sk sl so sq sr sv sw ta te th tk tr ug uk ur uz vi xh yo zu"
)
LANGUAGES = frozenset(_CODES.split())
# Short forms that newspapers print and CLDR does not have.
# fmt: off
PRINTED = {
    "sept": 9, "feber": 2, "mrz": 3, "mrt": 3, "nopember": 11, "juill": 7, "pebruari": 2,
    "জানুয়ারি": 1, "ফেব্রুয়ারি": 2,
    "tháng giêng": 1, "tháng một": 1, "tháng hai": 2, "tháng ba": 3, "tháng tư": 4, "tháng năm": 5,
    "tháng sáu": 6, "tháng bảy": 7, "tháng tám": 8, "tháng chín": 9, "tháng mười": 10,
    "tháng mười một": 11, "tháng mười hai": 12,
    "urtarrilaren": 1, "otsailaren": 2, "martxoaren": 3, "apirilaren": 4, "maiatzaren": 5,
    "ekainaren": 6, "uztailaren": 7, "abuztuaren": 8, "irailaren": 9, "urriaren": 10,
    "azaroaren": 11, "abenduaren": 12,
}
# fmt: on


def main() -> None:
    """Write the file."""
    names: dict[str, dict[str, int]] = defaultdict(dict)
    for identifier in sorted(localedata.locale_identifiers()):
        language = identifier.partition("_")[0]
        if language not in LANGUAGES:
            continue
        months = Locale.parse(identifier).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    key = normalize("NFC", name.casefold().strip().rstrip(".").strip())
                    if len(key) > 1 and not any(char.isdigit() for char in key):
                        names[key].setdefault(language, number)
    plain = {k: next(iter(v.values())) for k, v in names.items() if len(set(v.values())) == 1}
    plain = {**{normalize("NFC", k): v for k, v in PRINTED.items()}, **plain}
    document = {
        "source": "Unicode CLDR by way of babel; made by training/month_numbers.py",
        "unambiguous": dict(sorted(plain.items(), key=lambda item: (item[1], item[0]))),
        "ambiguous": {k: v for k, v in sorted(names.items()) if len(set(v.values())) > 1},
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    OUTPUT.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
