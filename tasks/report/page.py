"""Render the report as one self-contained HTML page.

It contains foreign text, which three measures keep from running: the template escapes it, the
charts' data is JSON without ``<``, ``>`` and ``&``, and the page's security policy allows only its
own scripts (by hash) and no loading.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2
from markupsafe import Markup

from copydesk.tasks.report.model import Chart, Report

ECHARTS: Final = "echarts.common.min.js"
"""Apache ECharts 6.1.0 as it is published (npm, dist/), unchanged; Apache License 2.0.

Of the libraries that draw stacked columns, bars and points with tooltips and a zoom from one file
it is the smallest, 715 kB, that is well kept and never calls eval, which a strict policy forbids:
Vega with Vega-Lite and its embedding has 832 kB, plotly's basic bundle 1,192 kB, Bokeh 1,388 kB.
uPlot's 51 kB draw lines of time alone.
"""

_UNSAFE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""Characters that could end a script element or a line of script, with their JSON escapes."""

# The sparkline is 100 by 24 units; a source without articles has a line at the bottom.
_SPARK_WIDTH: Final = 100.0
_SPARK_HEIGHT: Final = 24.0


def render(report: Report) -> str:
    """Return the page as HTML."""
    scripts = [_data(ECHARTS), _data("report.js")]
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(script) for script in scripts)}",
            "style-src 'unsafe-inline'",  # charts and bars are placed by style attributes
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    charts = {chart.name: _plain(chart) for section in report.sections for chart in section.charts}
    return _template().render(
        report=report,
        policy=policy,
        style=Markup(_data("report.css")),  # noqa: S704  our own
        scripts=[Markup(script) for script in scripts],  # noqa: S704  our own
        data=Markup(embedded(charts)),  # noqa: S704  made safe for a script element
        spark=spark,
    )


def embedded(value: Any) -> str:
    """Return JSON that is safe inside a script element, whatever text it contains."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE)


def spark(counts: Sequence[int]) -> str:
    """Return the SVG path of a sparkline of counts, oldest first."""
    highest = max(counts, default=0) or 1
    step = _SPARK_WIDTH / max(len(counts), 1)
    foot = _SPARK_HEIGHT - 1
    bars = (
        f"M{index * step + 0.4:.1f} {foot}v-{max(number / highest * (foot - 1), 1.2):.1f}"
        f"h{step - 0.8:.1f}V{foot}z"
        for index, number in enumerate(counts)
        if number
    )
    return f"M0 {foot}h{_SPARK_WIDTH:.0f}v.6h-{_SPARK_WIDTH:.0f}z" + "".join(bars)


def _plain(chart: Chart) -> dict[str, Any]:
    """Return the chart's data for the page's script, without its table."""
    plain = asdict(chart)
    del plain["table"]
    return plain


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _data(name: str) -> str:
    return (files("copydesk.tasks.report") / "data" / name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["number"] = lambda cell: not hasattr(cell, "href")
    return environment.from_string(_data("report.html.jinja"))
