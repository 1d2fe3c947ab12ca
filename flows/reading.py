"""An article as it is read in a terminal, with all that is known of it below."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from flows.terminal import isolated, safe
from schemas.words import plural

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.dossier import Dossier

_CUT_SHOWN: Final = 160
"""Characters of a cut passage: enough to know it; --json and --html have all of it."""


def write_article(known: Dossier, console: Console) -> None:
    """Write title, text and what is known; one line a paragraph where the console has no width."""
    from rich.text import Text

    state = known.state
    console.print(Text(safe(state["title"]), style="bold"))
    if state["standfirst"]:
        console.print(Text(safe(state["standfirst"]), style="italic"))
    console.print(Text("  ".join(byline(state)), style="cyan"))
    for paragraph in state["text"].split("\n\n"):
        console.print()
        console.print(Text(safe(paragraph)))
    for name, lines in sections(known):
        console.print()
        console.print(Text(name, style="bold"))
        for label, value in lines:
            line = Text("  ")
            line.append(f"{label:<16}", style="dim")
            line.append(isolated(value))
            console.print(line, overflow="fold")


def byline(state: dict[str, Any]) -> list[str]:
    """Give the facts that stand below a title."""
    authors = ", ".join(state["authors"] or ())
    facts = [
        authors,
        state["site"] or "",
        "" if state["published_at"] is None else moment(state["published_at"]),
        state["language"] or "",
        f"{state['word_count']:,} words",
    ]
    return [isolated(fact) for fact in facts if fact]


def sections(known: Dossier) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give what is known beside the text: sections of labelled values; empty ones are left out."""
    yield "Revisions", [_revision(one, known.state["revision"]) for one in known.revisions]
    if known.relations:
        yield "Copies", [_relation(one) for one in known.relations]
    yield "Origin", list(_origin(known))
    cuts = [_cut(one) for one in known.cuts]
    yield f"Cut ({plural(len(cuts), 'passage')})", cuts or [("", "nothing")]


def moment(value: datetime) -> str:
    """Write an instant to the minute (UTC)."""
    return value.strftime("%Y-%m-%d %H:%M")


def _revision(row: dict[str, Any], shown: int) -> tuple[str, str]:
    facts = [
        moment(row["valid_from"]),
        f"{row['word_count']:,} words",
        {"first": "first seen", "content": "changed", "unknown": "page or cleaner changed"}.get(
            row["cause"], row["cause"]
        ),
        "as an earlier one" if row["reverted"] else "",
        "← shown" if row["revision"] == shown else "",
    ]
    current = " (current)" if row["is_current"] else ""
    return f"{row['revision']}{current}", "  ".join(fact for fact in facts if fact)


def _relation(row: dict[str, Any]) -> tuple[str, str]:
    share = "" if row["jaccard"] is None else f" {row['jaccard']:.0%}"
    where = row["site"] or row["source"]
    facts = (row["article_id"][:10], f"{row['relation']}{share}", where, row["url"])
    return row["direction"], "  ".join(facts)


def _origin(known: Dossier) -> Iterator[tuple[str, str]]:
    state, run = known.state, known.run
    yield "article", state["article_id"]
    yield "address", state["url"]
    if state["canonical_url"] and state["canonical_url"] != state["url"]:
        yield "canonical", state["canonical_url"]
    yield "source", f"{state['source']}  {state['locator']}"
    first, last, times = state["first_seen_at"], state["last_seen_at"], state["times"]
    yield "seen", moment(first) if times == 1 else f"{moment(first)} to {moment(last)}, {times:,} ×"
    begun = "" if run is None else f"  {run['flow']}, {moment(run['started_at'])}"
    yield "stored by run", f"{state['run_id']}{begun}"
    yield "cleaner", state["cleaner_version"]
    yield "raw bytes", f"sha256 {state['raw_sha256']}" if state["raw_sha256"] else "not kept"
    for field, found in sorted((state["evidence"] or {}).items()):
        yield f"{field} from", found


def _cut(row: dict[str, Any]) -> tuple[str, str]:
    text = " ".join(row["text"].split())
    if len(text) > _CUT_SHOWN:
        text = text[:_CUT_SHOWN] + " …"
    return row["kind"], f"{text}  [{row['rule']}]"
