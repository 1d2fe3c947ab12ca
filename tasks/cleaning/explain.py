"""Write an HTML page that shows what cleaning kept of a document, what it cut, and why.

The page is self-contained and has no scripts. It shows text of untrusted pages, so all of it is
escaped, and the page's content security policy forbids loading or running anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Final

from copydesk.schemas.article import Article, Cut, CutKind, Reject
from copydesk.schemas.columns import FIELD_NAMES
from copydesk.schemas.plural import plural
from copydesk.tasks.html_escape import escaped, shortened

# The largest article page of WCXB has 2,900 blocks; a browser shows this many at once.
MAX_BLOCKS: Final = 10_000
MAX_CHARS: Final = 4_000

# Related kinds share a hue; the label beside each passage names the kind itself.
_HUES: Final = {
    CutKind.NAVIGATION: "site",
    CutKind.SITE: "site",
    CutKind.LEGAL: "site",
    CutKind.FORM: "site",
    CutKind.RELATED: "promotion",
    CutKind.NEWSLETTER: "promotion",
    CutKind.ADVERTISEMENT: "promotion",
    CutKind.SHARE: "promotion",
    CutKind.COMMENTS: "comments",
    CutKind.BYLINE: "metadata",
    CutKind.METADATA: "metadata",
    CutKind.CAPTION: "metadata",
    CutKind.STANDFIRST: "metadata",
    CutKind.REPEATED_TITLE: "repeated",
    CutKind.DUPLICATE: "repeated",
    CutKind.HIDDEN: "other",
    CutKind.OTHER: "other",
}
_FAMILIES: Final = {
    "kept": "kept: stands in the article",
    "site": "cut: navigation, forms, legal, the site's own",
    "promotion": "cut: related, newsletters, advertisements, share",
    "comments": "cut: comments",
    "metadata": "cut: bylines, dates, captions, standfirst",
    "repeated": "cut: repeated title, duplicates",
    "other": "cut: hidden or without a name",
}


def explain_page(html: str, result: Article | Reject, *, name: str = "") -> str:
    """Explain what cleaning made of an HTML page; ``name`` is its file or address."""
    from copydesk.tasks.cleaning.html.blocks import read
    from copydesk.tasks.cleaning.html.parser_limits import parsed

    return explain_blocks(read(parsed(html)).text, result, name=name)


def explain_text(text: str, result: Article | Reject, *, name: str = "") -> str:
    """Explain what cleaning made of copied text, line by line."""
    from copydesk.tasks.cleaning.text.lines import read_lines

    lines = read_lines(text, whole_page=True)
    if isinstance(result, Article):
        by_line = _cuts_by_line([(line.paragraph, line.text) for line in lines], result.cuts)
        result = replace(result, cuts=by_line)
    return explain_blocks([line.text for line in lines], result, name=name)


def _cuts_by_line(lines: Sequence[tuple[int, str]], cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """Return a cut for each line that was cut, its position the line's index.

    Args:
        lines: The paragraph and the text of every line, in order.
        cuts: Cuts in order, each of adjacent lines from the paragraph ``position`` on.
    """
    first_of: dict[int, int] = {}
    for index, (paragraph, _) in enumerate(lines):
        first_of.setdefault(paragraph, index)
    by_line: list[Cut] = []
    start = 0
    for cut in cuts:
        parts = cut.text.split("\n")
        index = max(start, first_of.get(cut.position, len(lines)))
        while index < len(lines) and lines[index][0] == cut.position:
            if [text for _, text in lines[index : index + len(parts)]] == parts:
                start = index + len(parts)
                by_line += (
                    replace(cut, position=at, text=part) for at, part in enumerate(parts, index)
                )
                break
            index += 1
    return tuple(by_line)


def explain_blocks(blocks: Sequence[str], result: Article | Reject, *, name: str = "") -> str:
    """Explain what cleaning made of a document's blocks; a cut's position counts them."""
    if isinstance(result, Article):
        heading = result.title or "Without a title"
        cuts = {cut.position: cut for cut in result.cuts}
        summary = _metadata(result)
        retained_count = sum(position not in cuts for position in range(len(blocks)))
        counts = Counter(cut.kind.value for cut in result.cuts)
        count_labels = [
            f"{retained_count} kept",
            *(f"{count} {kind}" for kind, count in counts.most_common()),
        ]
    else:
        heading = f"Not kept: {result.reason.value}"
        cuts = {}
        summary = f"<p>{escaped(result.detail)}</p>"
        count_labels = [plural(len(blocks), "passage")]
    visible_blocks = blocks[:MAX_BLOCKS]
    overflow_note = f"<p>{len(blocks) - MAX_BLOCKS:,} passages more are not shown.</p>"
    style = (files("copydesk.tasks.cleaning") / "data" / "explain.css").read_text(encoding="utf-8")
    rejected = isinstance(result, Reject)
    passages = (
        _passage(at, text, cuts.get(at), rejected) for at, text in enumerate(visible_blocks)
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escaped(heading)} – what was kept and cut</title>",
            f"<style>{style}</style></head><body>",
            '<a class="skip" href="#passages">Skip to the passages</a>',
            "<header>",
            f'<p class="source">{escaped(name)}</p>' if name else "",
            f'<h1 dir="auto">{escaped(heading)}</h1>',
            summary,
            "</header><main>",
            '<h2 id="passages" tabindex="-1">Passages, in the order of the document</h2>',
            f"<p>{escaped(', '.join(count_labels))}.</p>",
            "" if rejected else _legend(),
            "<ol>",
            *passages,
            "</ol>",
            overflow_note if len(blocks) > MAX_BLOCKS else "",
            "</main></body></html>\n",
        ]
    )


def _metadata(article: Article) -> str:
    """The article's fields, each with where it was found."""
    rows: list[tuple[str, str, str]] = [("title", article.title, "title")]
    for name in FIELD_NAMES:
        label = name.removesuffix("_at").replace("_", " ")
        rows.append((label, _shown(getattr(article, name)), name))
    if article.quality is not None:
        rows.append(("quality", f"{article.quality:.3f}", "quality"))
    rows += [
        ("reservation", f"{kind}: {where}", "") for kind, where in article.reservations.items()
    ]
    field_keys = {key for _, _, key in rows}
    rows += [(key, "", key) for key in article.evidence if key not in field_keys]
    cells = (
        f'<tr><th scope="row">{escaped(label)}</th><td dir="auto">{escaped(value)}</td>'
        f"<td>{escaped(article.evidence.get(key, ''))}</td></tr>"
        for label, value, key in rows
    )
    return (
        "<table><thead><tr><th scope=col>Field</th><th scope=col>Value</th>"
        f"<th scope=col>Found in</th></tr></thead><tbody>{''.join(cells)}</tbody></table>"
    )


def _shown(value: str | datetime | tuple[str, ...] | None) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return ", ".join(value) if isinstance(value, tuple) else value or ""


def _legend() -> str:
    items = "".join(f'<li class="{family}">{words}</li>' for family, words in _FAMILIES.items())
    return (
        f'<ul class="legend" aria-label="Colours">{items}</ul>'
        '<p class="filter"><label><input type="checkbox" id="hide-cut"> hide what was cut</label> '
        '<label><input type="checkbox" id="hide-kept"> hide what was kept</label></p>'
    )


def _passage(at: int, text: str, cut: Cut | None, rejected: bool) -> str:
    if rejected:
        family, note = "other", ""
    elif cut is None:
        family, note = "kept", "kept"
    else:
        family, note = _HUES.get(cut.kind, "other"), " · ".join(_reasons(cut))
    kind = "kept" if family == "kept" else "cut"
    return (
        f'<li value="{at}" class="passage {kind} {family}">'
        f'<span class="note">{escaped(note)}</span>'
        f'<div class="text" dir="auto">{escaped(shortened(text, MAX_CHARS))}</div></li>'
    )


def _reasons(cut: Cut) -> Iterable[str]:
    yield f"cut: {cut.kind.value.replace('_', ' ')}"
    yield cut.rule.replace("_", " ")
    if cut.score is not None:
        yield f"score {cut.score:.2f}"
