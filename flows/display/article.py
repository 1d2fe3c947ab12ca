"""Format an article for the terminal or as a page, followed by its details."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.display.terminal import isolated, safe
from copydesk.schemas.plural import plural

if TYPE_CHECKING:
    from rich.console import Console

    from copydesk.warehouse.query.article import Dossier

_CUT_SHOWN: Final = 160
"""Characters of a cut passage to show; --json and --html have all of it."""


def write_article(record: Dossier, console: Console) -> None:
    """Write the title, the text and the details; one line a paragraph in a pipe."""
    from rich.text import Text

    state = record.state
    console.print(Text(safe(state["title"]), style="bold"))
    if state["standfirst"]:
        console.print(Text(safe(state["standfirst"]), style="italic"))
    console.print(Text("  ".join(byline(state)), style="cyan"))
    for paragraph in state["text"].split("\n\n"):
        console.print()
        console.print(Text(safe(paragraph)))
    for name, lines in sections(record):
        console.print()
        console.print(Text(name, style="bold"))
        for label, value in lines:
            line = Text("  ")
            line.append(f"{label:<16}", style="dim")
            line.append(isolated(value))
            console.print(line, overflow="fold")


def byline(state: dict[str, Any]) -> list[str]:
    """Return the facts below a title: authors, site, date, language, length."""
    authors = ", ".join(state["authors"] or ())
    facts = [
        authors,
        state["site"] or "",
        "" if state["published_at"] is None else moment(state["published_at"]),
        state["language"] or "",
        f"{state['word_count']:,} words",
    ]
    return [isolated(fact) for fact in facts if fact]


def sections(record: Dossier) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the article's details as sections of labelled values, without empty ones."""
    yield "Revisions", [_revision(row, record.state["revision"]) for row in record.revisions]
    if record.relations:
        yield "Copies", [_relation(row) for row in record.relations]
    yield "Origin", list(_origin(record))
    cuts = [_cut(row) for row in record.cuts]
    yield f"Cut ({plural(len(cuts), 'passage')})", cuts or [("", "nothing")]


def moment(value: datetime) -> str:
    """Format a time to the minute (UTC)."""
    return value.strftime("%Y-%m-%d %H:%M")


def _revision(row: dict[str, Any], shown_revision: int) -> tuple[str, str]:
    facts = [
        moment(row["valid_from"]),
        f"{row['word_count']:,} words",
        {"first": "first seen", "content": "changed", "unknown": "page or cleaner changed"}.get(
            row["cause"], row["cause"]
        ),
        "as an earlier one" if row["reverted"] else "",
        "← shown" if row["revision"] == shown_revision else "",
    ]
    current = " (current)" if row["is_current"] else ""
    return f"{row['revision']}{current}", "  ".join(fact for fact in facts if fact)


def _relation(row: dict[str, Any]) -> tuple[str, str]:
    share = "" if row["jaccard"] is None else f" {row['jaccard']:.0%}"
    site = row["site"] or row["source"]
    facts = (row["article_id"][:10], f"{row['relation']}{share}", site, row["url"])
    return row["direction"], "  ".join(facts)


def _origin(record: Dossier) -> Iterator[tuple[str, str]]:
    state, run = record.state, record.run
    yield "article", state["article_id"]
    yield "address", state["url"]
    if state["canonical_url"] and state["canonical_url"] != state["url"]:
        yield "canonical", state["canonical_url"]
    yield "source", f"{state['source']}  {state['locator']}"
    first, last, times = state["first_seen_at"], state["last_seen_at"], state["times"]
    yield "seen", moment(first) if times == 1 else f"{moment(first)} to {moment(last)}, {times:,} ×"
    run_facts = "" if run is None else f"  {run['flow']}, {moment(run['started_at'])}"
    yield "stored by run", f"{state['run_id']}{run_facts}"
    yield "cleaner", state["cleaner_version"]
    yield "raw bytes", f"sha256 {state['raw_sha256']}" if state["raw_sha256"] else "not stored"
    if state["access"]:
        yield "access", state["access"]
    if state["quality"] is not None:
        yield "quality", f"{state['quality']:.2f}"
    for kind, where in sorted((state["reservations"] or {}).items()):
        yield "reserved", f"{kind}: {where}"
    for field, evidence in sorted((state["evidence"] or {}).items()):
        yield f"{field} from", evidence


def _cut(row: dict[str, Any]) -> tuple[str, str]:
    text = " ".join(row["text"].split())
    if len(text) > _CUT_SHOWN:
        text = text[:_CUT_SHOWN] + " …"
    return row["kind"], f"{text}  [{row['rule']}]"


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
"""The page may load and run nothing, whatever its text contains."""


def article_page(record: Dossier) -> str:
    """Write the article as one HTML page."""
    state = record.state
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
{_sections(record)}
</main>
</body>
</html>
"""


def _sections(record: Dossier) -> str:
    cuts = [(cut["kind"], f"{cut['text']}\n[{cut['rule']}]") for cut in record.cuts]
    parts = []
    for name, lines in sections(record):
        pairs = cuts if name.startswith("Cut") and cuts else lines
        rows = "\n".join(
            f'<dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd>' for label, value in pairs
        )
        parts.append(f'<section lang="en"><h2>{escape(name)}</h2>\n<dl>{rows}</dl></section>')
    return "\n".join(parts)
