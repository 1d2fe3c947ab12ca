"""Write a notebook's answers as one page that needs no network, no server and no scripts.

    python docs/notebook_page.py docs/ten_questions.py answers.html

``marimo export html`` writes a page that loads marimo from the web; without a network it stays
blank. Here tables are HTML and plots are pictures, one for a desk and one for a phone.
"""

from __future__ import annotations

import base64
import html
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import altair
import pandas

WIDTHS: Final = {"wide": 640, "narrow": 240}
"""Pixels of a plot without its axes and legend."""

MOST_ROWS: Final = 200

_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1c1c; background: #fff; overflow-wrap: anywhere; }}
.scroll {{ overflow-x: auto; max-height: 30rem; overflow-y: auto; }}
table {{ border-collapse: collapse; font-size: .85rem; }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; min-width: 4rem; }}
th {{ white-space: nowrap; }}
picture, img {{ display: block; max-width: 100%; height: auto; }}
</style>
<main>
{body}
</main>
</html>
"""


def page(notebook: Path) -> str:
    """Run a notebook and return its page."""
    app = runpy.run_path(str(notebook))["app"]
    outputs, _ = app.run()
    parts = [_part(output) for output in outputs if output is not None]
    return _PAGE.format(title=html.escape(notebook.stem.replace("_", " ")), body="\n".join(parts))


def _part(output: Any) -> str:
    if isinstance(output, pandas.DataFrame):
        table = output.to_html(index=False, border=0, max_rows=MOST_ROWS, na_rep="–")
        return f'<div class="scroll" role="region" aria-label="Table" tabindex="0">{table}</div>'
    if isinstance(output, altair.TopLevelMixin):
        return "".join(_picture(output))
    text = getattr(output, "text", None)
    return text if isinstance(text, str) else f"<p>{html.escape(str(output))}</p>"


def _picture(chart: Any) -> Iterator[str]:
    wide, narrow = (_address(chart.properties(width=width)) for width in WIDTHS.values())
    yield f'<picture><source media="(max-width: 600px)" srcset="{narrow}">'
    yield f'<img src="{wide}" alt="Plot of the table in question"></picture>'


def _address(chart: Any) -> str:
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(page(source), encoding="utf-8")
