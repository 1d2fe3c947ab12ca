"""An article as one HTML page that needs nothing from anywhere; everything in it is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from flows.reading import byline, sections

if TYPE_CHECKING:
    from warehouse.dossier import Dossier

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --dim: #595959; --line: #d5d5d5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #161616; --dim: #a8a8a8; --line: #3d3d3d; } }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 42rem; color: var(--ink);
  background: var(--paper); font: 1.05rem/1.6 Georgia, "Noto Serif", serif; }
h1 { line-height: 1.25; margin: 0 0 .5rem; } .standfirst { font-style: italic; }
p { overflow-wrap: anywhere; white-space: pre-line; }
.facts, section, summary { font: .9rem/1.5 system-ui, sans-serif; color: var(--dim); }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
h2 { font-size: 1rem; color: var(--ink); margin: .8rem 0 .3rem; }
dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; color: var(--ink); overflow-wrap: anywhere;
  white-space: pre-line; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The page may load and run nothing, whatever stands in it."""


def article_page(known: Dossier) -> str:
    """Write the page."""
    state = known.state
    language = escape(state["language"] or "", quote=True)
    paragraphs = "\n".join(
        f'<p dir="auto">{escape(part)}</p>' for part in state["text"].split("\n\n")
    )
    standfirst = state["standfirst"]
    lead = f'<p class="standfirst" dir="auto">{escape(standfirst)}</p>' if standfirst else ""
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(state["title"])}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<article>
<h1 dir="auto">{escape(state["title"])}</h1>
{lead}
<p class="facts">{" · ".join(map(escape, byline(state)))}</p>
{paragraphs}
</article>
{_sections(known)}
</main>
</body>
</html>
"""


def _sections(known: Dossier) -> str:
    cuts = [(cut["kind"], f"{cut['text']}\n[{cut['rule']}]") for cut in known.cuts]
    parts = []
    for name, lines in sections(known):
        shown = cuts if name.startswith("Cut") and cuts else lines
        rows = "\n".join(
            f'<dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd>' for label, value in shown
        )
        parts.append(f'<section lang="en"><h2>{escape(name)}</h2>\n<dl>{rows}</dl></section>')
    return "\n".join(parts)
