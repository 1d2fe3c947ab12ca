"""Make ``tasks/report/data/languages.cldr.tsv``: the English names of languages.

From the Unicode CLDR as the PyPI package ``babel`` has it: ``python -m training.language_names``.
"""

from __future__ import annotations

from pathlib import Path

from babel import Locale

OUTPUT = Path(__file__).parent.parent / "tasks" / "report" / "data" / "languages.cldr.tsv"


def main() -> None:
    """Write the file."""
    names = Locale.parse("en").languages
    rows = (f"{code}\t{name}\n" for code, name in sorted(names.items()) if len(code) <= 3)
    OUTPUT.write_text("".join(rows), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
