"""Write an HTML page of what another cleaning would change: totals, and examples side by side.

The page is self-contained and has no scripts. It shows text of untrusted pages, so all of it is
escaped, and the page's security policy forbids loading and running anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

from copydesk.schemas.article import Article, Reject
from copydesk.tasks.dedup.revision_diff import Op, Span
from copydesk.tasks.html_escape import escaped, shortened
from copydesk.tasks.reclean.comparison import SHARES, Comparison, Outcome, Tally, values

MAX_CHARS: Final = 1_500
"""Characters shown of a paragraph; more does not help to see a difference."""

MAX_ROWS: Final = 40
"""Paragraphs shown of an example."""

_OUTCOME_WORDS: Final = {
    Outcome.LOST: "An article that would be rejected",
    Outcome.ACCEPTED: "A reject that would be an article",
    Outcome.TEXT: "Another text",
    Outcome.TITLE: "Another title",
    Outcome.FIELDS: "Other fields",
    Outcome.SAME: "Nothing changes",
    Outcome.STILL_REJECTED: "Rejected as before",
}


def compare_page(tally: Tally, *, choice: str, at: datetime) -> str:
    """Return the page; ``choice`` describes what was compared, ``at`` is the time of comparison."""
    style = (files("copydesk.tasks") / "data" / "compare.css").read_text(encoding="utf-8")
    heading = f"Cleaning with version {tally.version}: {tally.changed:,} of {tally.documents:,}"
    before = ", ".join(f"{name} ({count:,})" for name, count in sorted(tally.cleaners.items()))
    examples = [_example(comparison) for comparison in tally.shown()]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escaped(heading)} documents change</title>",
            f"<style>{style}</style></head><body>",
            '<a class="skip" href="#examples">Skip to the examples</a>',
            f"<header><h1>{escaped(heading)} documents would change</h1>",
            f'<p class="quiet">{escaped(choice)}. Read before by {escaped(before or "none")}. '
            f"Compared on {at:%Y-%m-%d %H:%M} UTC; nothing was stored.</p></header>",
            "<main>",
            '<h2>How much</h2><div class="numbers">',
            *_numbers(tally),
            "</div>",
            '<h2 id="examples" tabindex="-1">Examples</h2>',
            _legend(len(examples)),
            *examples,
            "</main></body></html>\n",
        ]
    )


def _numbers(tally: Tally) -> Iterator[str]:
    joined, parted = tally.revisions()
    counted: list[tuple[str, str]] = [
        (_OUTCOME_WORDS[outcome], f"{tally.outcomes[outcome]:,}")
        for outcome in (*_OUTCOME_WORDS,)
        if tally.outcomes[outcome] or outcome in (Outcome.TEXT, Outcome.LOST, Outcome.ACCEPTED)
    ]
    if tally.raw_gone:
        counted.append(
            ("Stays as it is: its raw bytes are no longer stored", f"{tally.raw_gone:,}")
        )
    yield _table("Documents", counted)
    totals = [
        ("Words that would change", f"{tally.share:.2%}"),
        ("Articles that would have another id", f"{tally.moved:,}"),
        ("Revisions that would join the one before", f"{joined:,}"),
        ("Revisions that would split", f"{parted:,}"),
    ]
    yield _table("All together", totals)
    if tally.fields:
        rows = [(name.replace("_", " "), f"{n:,}") for name, n in tally.fields.most_common()]
        yield _table("Fields that differ", rows)
    if tally.shares:
        low = 0.0
        rows = []
        for end in SHARES:
            rows.append((f"{low:.0%} to {end:.0%} of the words", f"{tally.shares[end]:,}"))
            low = end
        yield _table("Texts by the share that changes", rows)
    if tally.reasons:
        rows = [
            (f"{before or 'article'} → {after or 'article'}", f"{count:,}")
            for (before, after), count in tally.reasons.most_common(12)
        ]
        yield _table("Rejects, before and after", rows)


def _table(caption: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><th scope="row">{escaped(name)}</th><td class="n">{escaped(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption>{escaped(caption)}</caption><tbody>{cells}</tbody></table>"


def _legend(examples: int) -> str:
    if not examples:
        return "<p>No document would change.</p>"
    return (
        "<p>What may do most harm first, then what changes most. <del>Only before</del> and "
        "<ins>only after</ins> are marked; passages that stay are left out where they are far "
        "from a change.</p>"
    )


def _example(comparison: Comparison) -> str:
    document = comparison.document
    title = (
        comparison.after.title if isinstance(comparison.after, Article) else comparison.before.title
    )
    share = f", {comparison.share:.1%} of the words" if comparison.share else ""
    parts = [
        f'<article><h3 dir="auto">{escaped(title or document.locator)}</h3>',
        f'<p class="quiet">{escaped(_OUTCOME_WORDS[comparison.outcome])}{share} · '
        f"{escaped(document.source)} · {escaped(document.url)}</p>",
        '<div class="sides"><div class="heads label">Before: cleaner '
        f"{escaped(comparison.before.cleaner_version or 'unknown')}</div>",
        '<div class="heads label">After</div>',
        *_rows(comparison),
        "</div></article>",
    ]
    return "".join(parts)


def _rows(comparison: Comparison) -> Iterator[str]:
    if isinstance(comparison.after, Reject):
        says = f"Rejected: {comparison.after.reason.value}: {comparison.after.detail}"
        yield _sides(
            "", _marked("del", shortened(comparison.before.text, MAX_CHARS)), escaped(says)
        )
        return
    if comparison.before.reason is not None:
        yield _sides("", escaped(f"Rejected: {comparison.before.reason}"),
                     _marked("ins", shortened(comparison.after.text, MAX_CHARS)))  # fmt: skip
        return
    for name, (before, after) in values(comparison).items():
        if name == "title" and comparison.change is not None:
            old, new = _halves(comparison.change.title)
        else:
            old, new = _marked("del", _shown(before)), _marked("ins", _shown(after))
        yield _sides(name.replace("_", " "), old, new)
    if comparison.change is not None and "text" in comparison.fields:
        yield from _paragraphs(comparison.change.paragraphs)


def _paragraphs(paragraphs: Sequence[tuple[Span, ...]]) -> Iterator[str]:
    """Yield rows for the changed paragraphs and one unchanged paragraph around each."""
    changed = [any(span.op is not Op.SAME for span in spans) for spans in paragraphs]
    if not any(changed):
        yield '<div class="far">The same words; paragraphs or spaces differ.</div>'
        return
    skipped = written = 0
    for index, spans in enumerate(paragraphs):
        if not any(changed[max(0, index - 1) : index + 2]):
            skipped += 1
            continue
        if written == MAX_ROWS:
            yield f'<div class="far">… and {len(paragraphs) - index:,} paragraphs more</div>'
            return
        if skipped:
            yield f'<div class="far">… {skipped:,} unchanged</div>'
        skipped, written = 0, written + 1
        yield _sides("", *_halves(spans))
    if skipped:
        yield f'<div class="far">… {skipped:,} unchanged</div>'


def _halves(spans: Sequence[Span]) -> tuple[str, str]:
    old = "".join(_span(span) for span in spans if span.op is not Op.ADDED)
    new = "".join(_span(span) for span in spans if span.op is not Op.REMOVED)
    return old, new


def _span(span: Span) -> str:
    text = shortened(span.text, MAX_CHARS)
    if span.op is Op.SAME:
        return escaped(text)
    return _marked("del" if span.op is Op.REMOVED else "ins", text)


def _sides(name: str, before: str, after: str) -> str:
    label = f'<span class="label">{escaped(name)}</span> ' if name else ""
    kinds = "same" if before == after else "other"
    sides = (("before", "Before", before), ("after", "After", after))
    return "".join(
        f'<div class="{side} {kinds if html else "empty"}" dir="auto">'
        f'<span class="label row-label">{heading}</span> {label}'
        f'<span class="text">{html or "<span class=nothing>nothing</span>"}</span></div>'
        for side, heading, html in sides
    )


def _marked(tag: str, text: str) -> str:
    return f"<{tag}>{escaped(text)}</{tag}>" if text else ""


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
