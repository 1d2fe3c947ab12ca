"""Copied text to an article: head, body, tail, and a cut for every line that is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.tasks.cleaning.text.byline import read_byline
from copydesk.tasks.cleaning.text.line_scores import Signs, read_signs
from copydesk.tasks.cleaning.text.lines import Line, read_lines
from copydesk.tasks.cleaning.text.model import Models
from copydesk.tasks.cleaning.text.selection import Selection, select
from copydesk.tasks.cleaning.title import title_key
from copydesk.tasks.cleaning.vocabulary.phrases import Vocabulary, shipped
from copydesk.tasks.dedup.repeated_body import without_second_copy

_KINDS = {
    "label": CutKind.FORM,
    "form": CutKind.FORM,
    "action": CutKind.COMMENTS,
    "comments": CutKind.COMMENTS,
    "widget": CutKind.NAVIGATION,
    "navigation": CutKind.NAVIGATION,
    "site": CutKind.SITE,
    "share": CutKind.SHARE,
    "meta": CutKind.METADATA,
    "legal": CutKind.LEGAL,
    "newsletter": CutKind.NEWSLETTER,
    "related": CutKind.RELATED,
}
_UNNAMED = frozenset({"before_title", "after_text", "model"})
"""Rules that say where a line stands: here the model's chance says more."""
_SECTIONS = {
    "comments": CutKind.COMMENTS,
    "form": CutKind.FORM,
    "label": CutKind.FORM,
    "widget": CutKind.NAVIGATION,
    "navigation": CutKind.NAVIGATION,
    "related": CutKind.RELATED,
    "newsletter": CutKind.NEWSLETTER,
}


def clean_text(
    text: str,
    *,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
    vocabulary: Vocabulary | None = None,
    models: Models | None = None,
) -> Article | Reject:
    """Clean a text that was copied from a page, its main part or the whole of it.

    Letters stay as they are; runs of white space become one space, paragraphs are joined by
    a blank line. Every line is in the title, in the text or in a cut. ``url`` is the page's
    address where it is known: its words are evidence of the title.
    """
    lines = read_lines(text)
    if not lines:
        return Reject(RejectReason.EMPTY, "the text has no characters but white space")
    signs = read_signs(lines, vocabulary or shipped())
    chosen = select(lines, signs, url, hints.title if hints else None, models)
    if isinstance(chosen, Reject):
        return chosen
    return article_of(lines, signs, chosen, observed_at=observed_at, hints=hints)


def article_of(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    chosen: Selection,
    *,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
) -> Article | Reject:
    """Make the article of the chosen lines, with a cut for every other line."""
    repeated = _repeats(lines, chosen.body)
    body = [index for index in chosen.body if index not in repeated]
    if not any(any(char.isalnum() for char in lines[i].text) for i in body):
        return _nothing(chosen.title, lines)
    cuts = _cuts(lines, signs, chosen, body, repeated)
    paragraphs = _paragraphs(lines, body)
    language = _language(paragraphs)
    found = read_byline(
        lines, signs, chosen.opening, chosen.end, language=language, observed_at=observed_at
    )
    evidence = {"title": chosen.why, "text": chosen.how, **found.evidence}
    if language:
        evidence["language"] = "text"
    return Article(
        title=chosen.title,
        text=paragraphs,
        authors=found.authors or (hints.authors if hints else ()),
        published_at=found.published_at or (hints.published_at if hints else None),
        modified_at=hints.modified_at if hints else None,
        language=language or (hints.language if hints else None),
        section=hints.section if hints else None,
        tags=hints.tags if hints else (),
        cuts=cuts,
        evidence=evidence,
    )


def _nothing(title: str, lines: Sequence[Line]) -> Reject:
    shown = "\n".join(line.text for line in lines[:20])[:400]
    if title:
        return Reject(RejectReason.NO_BODY, f"a title and no text: {title}", shown)
    return Reject(RejectReason.NO_ARTICLE, "no line reads like an article's text", shown)


def _repeats(lines: Sequence[Line], body: Sequence[int]) -> dict[int, str]:
    """Give the lines of a second copy of the whole body, each with the rule."""
    _, cuts = without_second_copy([lines[index].text for index in body])
    return {body[cut.position]: cut.rule for cut in cuts}


def _cuts(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    chosen: Selection,
    body: Sequence[int],
    repeated: Mapping[int, str],
) -> tuple[Cut, ...]:
    """Give a cut per passage: neighbouring lines of one kind and rule are one passage."""
    passages: list[tuple[Cut, list[str]]] = []  # a cut with its first line, and all its lines
    section = CutKind.OTHER
    shown = False  # the title itself is no cut where it first stands
    inside = set(body)
    last = -2
    for index in (at for at in range(len(lines)) if at not in inside):
        line, sign = lines[index], signs[index]
        if index in chosen.title_lines:
            if not shown and title_key(line.bare) == title_key(chosen.title):
                shown = True
                continue
            kind, rule = CutKind.REPEATED_TITLE, "repeated_title"
        elif index in repeated:
            kind, rule = CutKind.DUPLICATE, repeated[index]
        elif index < chosen.start:
            kind = _KINDS[sign.match.kind] if sign.match else CutKind.SITE
            rule = sign.rule if sign.match else "before_title"
        else:
            if sign.match and sign.match.kind in _SECTIONS:
                section = _SECTIONS[sign.match.kind]
            kind, rule = _kind(sign, section), sign.rule
            if rule == "position":
                rule = "after_text" if index >= chosen.end else chosen.inside
        score = chosen.scores[index] if chosen.scores and rule in _UNNAMED else None
        before, parts = passages[-1] if passages else (None, [])
        if before and last == index - 1 and (before.kind, before.rule) == (kind, rule):
            parts.append(line.text)
            if score is not None and before.score is not None and score > before.score:
                passages[-1] = replace(before, score=score), parts
        else:
            passages.append((Cut(kind, rule, line.paragraph, line.text, score), [line.text]))
        last = index
    return tuple(
        replace(cut, text="\n".join(parts)) if len(parts) > 1 else cut for cut, parts in passages
    )


def _kind(sign: Signs, section: CutKind) -> CutKind:
    if sign.match:
        return _KINDS[sign.match.kind]
    if sign.rule == "date" and section is CutKind.OTHER:
        return CutKind.BYLINE
    if sign.rule == "advertisement":
        return CutKind.ADVERTISEMENT
    if sign.rule == "required_field":
        return CutKind.FORM
    return section


def _paragraphs(lines: Sequence[Line], body: Sequence[int]) -> str:
    """Join the body: a blank line between paragraphs, a line break within one."""
    parts: list[str] = []
    before: int | None = None
    for index in body:
        line = lines[index]
        if before == line.paragraph:
            parts.append("\n")
        elif before is not None:
            parts.append("\n\n")
        parts.append(line.text)
        before = line.paragraph
    return "".join(parts)


def _language(text: str) -> str | None:
    from copydesk.tasks.cleaning.language import detect_language

    return detect_language(text)
