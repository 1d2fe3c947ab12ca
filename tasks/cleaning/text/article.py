"""Copied text to an article: head, body, tail, and a cut for every line that is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.tasks.cleaning.text.body import find_body
from copydesk.tasks.cleaning.text.byline import read_byline
from copydesk.tasks.cleaning.text.head import Head, find_head
from copydesk.tasks.cleaning.text.line_scores import TITLE_LENGTH, Signs, read_signs
from copydesk.tasks.cleaning.text.lines import Line, read_lines
from copydesk.tasks.cleaning.title import title_key
from copydesk.tasks.cleaning.vocabulary.phrases import SURE_LETTERS, Vocabulary, line_key, shipped
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
_SECTIONS = {
    "comments": CutKind.COMMENTS,
    "form": CutKind.FORM,
    "label": CutKind.FORM,
    "widget": CutKind.NAVIGATION,
    "navigation": CutKind.NAVIGATION,
    "related": CutKind.RELATED,
    "newsletter": CutKind.NEWSLETTER,
}
# Phrases of these classes are no article's text wherever they stand, if they are long enough.
_NOWHERE = frozenset({"comments", "form", "share"})
# Phrases that stand between a title and its text.
_OPENERS = frozenset({"meta", "action", "share", "comments", "navigation", "site", "newsletter"})
_SHAPES = frozenset({"row_of_links", "arrow", "copyright"})
_OPENING = 16  # lines below the title among which bylines, dates and share rows are looked for


def clean_text(
    text: str,
    *,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
    vocabulary: Vocabulary | None = None,
) -> Article | Reject:
    """Clean a text that was copied from a page, its main part or the whole of it.

    Letters stay as they are; runs of white space become one space, paragraphs are joined by
    a blank line. Every line is in the title, in the text or in a cut.
    """
    lines = read_lines(text)
    if not lines:
        return Reject(RejectReason.EMPTY, "the text has no characters but white space")
    signs = read_signs(lines, vocabulary or shipped())
    head = find_head(lines, signs, hints.title if hints else None)
    head, end = find_body(lines, signs, head)
    out = _left_out(lines, signs, head, end)
    repeated = _repeats(lines, [i for i in range(head.start, end) if i not in out])
    out |= repeated.keys()
    body = [i for i in range(head.start, end) if i not in out]
    if not any(any(char.isalnum() for char in lines[i].text) for i in body):
        return _nothing(head, lines)
    cuts = _cuts(lines, signs, head, end, out, repeated)
    paragraphs = _paragraphs(lines, body)
    language = _language(paragraphs)
    opening = sorted(
        i for i in out.difference(repeated) if head.start <= i < end and i not in head.title_lines
    )
    found = read_byline(lines, signs, opening, end, language=language, observed_at=observed_at)
    evidence = {"title": head.why, "text": "lines", **found.evidence}
    if language:
        evidence["language"] = "text"
    return Article(
        title=head.title,
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


def _nothing(head: Head, lines: Sequence[Line]) -> Reject:
    shown = "\n".join(line.text for line in lines[:20])[:400]
    if head.title:
        return Reject(RejectReason.NO_BODY, f"a title and no text: {head.title}", shown)
    return Reject(RejectReason.NO_ARTICLE, "no line reads like an article's text", shown)


def _left_out(lines: Sequence[Line], signs: Sequence[Signs], head: Head, end: int) -> set[int]:
    """Give the lines that are no body: all outside the run, and some sure ones inside it."""
    out = {i for i in range(len(lines)) if not head.start <= i < end}
    out |= set(head.title_lines)
    opening = _opening(lines, signs, head, end)
    out |= opening
    for index in range(head.start, end):
        match = signs[index].match
        if match is None or index in out:
            continue
        sure = match.whole and match.letters >= 2 * SURE_LETTERS
        if sure and match.kind in _NOWHERE and signs[index].score < -2.0:
            out.add(index)
    return out


def _repeats(lines: Sequence[Line], body: Sequence[int]) -> dict[int, str]:
    """Give the lines of a second copy of the whole body, each with the rule."""
    _, cuts = without_second_copy([lines[index].text for index in body])
    return {body[cut.position]: cut.rule for cut in cuts}


def _opening(lines: Sequence[Line], signs: Sequence[Signs], head: Head, end: int) -> set[int]:
    """Find bylines, dates and the like between the title and the text, or its first paragraph."""
    sure: set[int] = set()
    paragraphs = 0
    key = line_key(head.title)
    for index in range(head.start, min(head.start + _OPENING, end)):
        sign, line = signs[index], lines[index]
        if sign.reads:
            paragraphs += 1
            if paragraphs > 1 or sure or line.size > 2 * TITLE_LENGTH:
                break
            continue
        kind = sign.match.kind if sign.match else ""
        opens = kind in _OPENERS or sign.date >= 0.5 or sign.rule in _SHAPES
        # "No comments on …": the title with a few words around it.
        named = len(key) > 8 and key in line.key and line.words <= key.count(" ") + 5
        # Below a standfirst only what is sure goes: the article may have begun.
        enough = -2.0 if paragraphs else -1.0
        if line.size <= TITLE_LENGTH and ((sign.score <= enough and opens) or named):
            sure.add(index)
    return sure | _among(lines, signs, head.start, sure)


def _among(lines: Sequence[Line], signs: Sequence[Signs], start: int, sure: set[int]) -> set[int]:
    """Find names, sections and counts among sure lines of an opening, and right below a date."""
    found: set[int] = set()
    last = max(sure, default=start - 1)
    for index in range(start, min(last + 2, len(lines))):
        line = lines[index]
        if index in sure or line.terminal or line.words > 4 or signs[index].prose > 0.3:
            continue
        dated = index - 1 in sure and signs[index - 1].date >= 0.5
        if index < last or dated:
            found.add(index)
    return found


def _cuts(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    head: Head,
    end: int,
    out: set[int],
    repeated: Mapping[int, str],
) -> tuple[Cut, ...]:
    """Give a cut per passage: neighbouring lines of one kind and rule are one passage."""
    cuts: list[Cut] = []
    section = CutKind.OTHER
    shown = False  # the title itself is no cut where it first stands
    last = -2
    for index in sorted(out):
        line, sign = lines[index], signs[index]
        if index in head.title_lines:
            if not shown and title_key(line.text) == title_key(head.title):
                shown = True
                continue
            kind, rule = CutKind.REPEATED_TITLE, "repeated_title"
        elif index in repeated:
            kind, rule = CutKind.DUPLICATE, repeated[index]
        elif index < head.start and index not in head.title_lines:
            kind = _KINDS[sign.match.kind] if sign.match else CutKind.SITE
            rule = sign.rule if sign.match else "before_title"
        else:
            if sign.match and sign.match.kind in _SECTIONS:
                section = _SECTIONS[sign.match.kind]
            kind, rule = _kind(sign, section), sign.rule
            if rule == "position":
                rule = "after_text" if index >= end else "opening"
        if cuts and last == index - 1 and cuts[-1].kind == kind and cuts[-1].rule == rule:
            text = f"{cuts[-1].text}\n{line.text}"
            cuts[-1] = Cut(kind, rule, cuts[-1].position, text)
        else:
            cuts.append(Cut(kind, rule, line.paragraph, line.text))
        last = index
    return tuple(cuts)


def _kind(sign: Signs, section: CutKind) -> CutKind:
    if sign.match:
        return _KINDS[sign.match.kind]
    if sign.rule == "date" and section is CutKind.OTHER:
        return CutKind.BYLINE
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
