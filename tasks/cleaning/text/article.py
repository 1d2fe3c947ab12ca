"""Build an article from copied text, with a cut for every line that is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.tasks.cleaning.access import NEXT, ending, with_access
from copydesk.tasks.cleaning.biographies import biographies
from copydesk.tasks.cleaning.text.banner import banner_end
from copydesk.tasks.cleaning.text.byline import opening_bylines, read_byline
from copydesk.tasks.cleaning.text.corrections import without_second_passage
from copydesk.tasks.cleaning.text.line_scores import LineScore, score_lines
from copydesk.tasks.cleaning.text.lines import Line, read_lines
from copydesk.tasks.cleaning.text.model import Models
from copydesk.tasks.cleaning.text.selection import MODEL, Selection, select
from copydesk.tasks.cleaning.title import title_key
from copydesk.tasks.cleaning.vocabulary.appeals import appeal_kind
from copydesk.tasks.cleaning.vocabulary.phrases import (
    CUT_KINDS,
    Match,
    Vocabulary,
    names_a_story,
    shipped,
)
from copydesk.tasks.dedup.repeated_body import without_second_copy

_UNNAMED = frozenset({"before_title", "after_text", "model"})
"""Rules that only say where a line is; their cuts also have the model's score."""
_SECTIONS = {
    kind: CUT_KINDS[kind]
    for kind in ("comments", "form", "label", "widget", "navigation", "related", "newsletter")
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
    """Clean a text that was copied from a page, either its main part or all of it.

    Only white space changes: a run of it becomes one space, and a blank line separates paragraphs.
    Every line ends up in the title, in the text or in a cut.

    Args:
        text: The copied text.
        url: The page's address, if known; it often contains words of the title.
        observed_at: When the text was copied; later dates are not the article's.
        hints: Title, authors and dates that are known from elsewhere.
        vocabulary: The phrases of page furniture; those of the package by default.
        models: The trained models; those of the package by default.
    """
    lines = read_lines(text, whole_page=True)
    if not lines:
        return Reject(RejectReason.EMPTY, "the text has no characters but white space")
    line_scores = score_lines(lines, vocabulary or shipped())
    top = banner_end(lines)
    hinted = hints.title if hints else None
    selection = select(lines[top:], line_scores[top:], url, hinted, models)
    if isinstance(selection, Reject):
        return selection
    if top:
        selection = selection.below(top)
        legal = Match("legal", 0, whole=False)
        line_scores[:top] = [
            line_score._replace(match=legal, rule="consent_banner")
            for line_score in line_scores[:top]
        ]
    return article_of(lines, line_scores, selection, observed_at=observed_at, hints=hints)


def article_of(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    selection: Selection,
    *,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
) -> Article | Reject:
    """Build the article from the selected lines, with a cut for every other line."""
    repeated = _repeats(lines, selection)
    body = [index for index in selection.body if index not in repeated]
    if not any(any(char.isalnum() for char in lines[i].text) for i in body):
        return _nothing(selection.title, lines)
    foreign = _of_the_site(lines, body)
    body = [index for index in body if index not in foreign]
    language = _language(_paragraphs(lines, body))
    bylines = opening_bylines(lines, body, language, observed_at)
    body = [index for index in body if index not in bylines]
    byline = read_byline(
        lines,
        line_scores,
        sorted({*selection.opening, *bylines}),
        selection.end,
        language=language,
        observed_at=observed_at,
    )
    about = biographies([line.text for line in lines], body, byline.authors)
    body = [index for index in body if index not in about]
    named = {index: (CutKind.DUPLICATE, rule) for index, rule in repeated.items()}
    named |= foreign | dict.fromkeys(bylines, (CutKind.BYLINE, "byline"))
    named |= dict.fromkeys(about, (CutKind.BYLINE, "about_the_author"))
    cuts = _cuts(lines, line_scores, selection, body, named)
    paragraphs = _paragraphs(lines, body)
    evidence = {"title": selection.title_evidence, "text": selection.method, **byline.evidence}
    if language:
        evidence["language"] = "text"
    following = [line.text for line in lines[body[-1] + 1 : body[-1] + 1 + NEXT]]
    shown = tuple(ending(paragraphs, following, language))
    article = Article(
        title=selection.title,
        text=paragraphs,
        authors=byline.authors or (hints.authors if hints else ()),
        published_at=byline.published_at or (hints.published_at if hints else None),
        modified_at=byline.modified_at or (hints.modified_at if hints else None),
        language=language or (hints.language if hints else None),
        section=hints.section if hints else None,
        tags=hints.tags if hints else (),
        quality=selection.quality,
        cuts=cuts,
        evidence=evidence,
    )
    return with_access(article, (), shown)


def _nothing(title: str, lines: Sequence[Line]) -> Reject:
    excerpt = "\n".join(line.text for line in lines[:20])[:400]
    if title:
        return Reject(RejectReason.NO_BODY, f"a title and no text: {title}", excerpt)
    return Reject(RejectReason.NO_ARTICLE, "no line reads like an article's text", excerpt)


def _repeats(lines: Sequence[Line], selection: Selection) -> dict[int, str]:
    """Return the lines of a second copy of the body, or most of it, each with its rule.

    A copy of most of it is cut only among lines that the models selected: a body that the rules
    selected is exact, and an author may have pasted a passage twice.
    """
    body = selection.body
    _, cuts = without_second_copy([lines[index].text for index in body])
    model = selection.method == MODEL
    retained = frozenset(without_second_passage(lines, body) if model else body)
    passage = {index: "repeated_passage" for index in body if index not in retained}
    return passage | {body[cut.position]: cut.rule for cut in cuts}


def _of_the_site(lines: Sequence[Line], body: Sequence[int]) -> dict[int, tuple[CutKind, str]]:
    """Return the body's lines in which the site speaks of itself or names another story."""
    foreign: dict[int, tuple[CutKind, str]] = {}
    for index in body:
        text = lines[index].text
        if (kind := appeal_kind(text)) is not None:
            foreign[index] = kind, "appeal"
        elif names_a_story(text):
            foreign[index] = CutKind.RELATED, "read_more"
    return foreign if len(foreign) < len(body) else {}


def _cuts(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    selection: Selection,
    body: Sequence[int],
    named: Mapping[int, tuple[CutKind, str]],
) -> tuple[Cut, ...]:
    """Return one cut per passage: adjacent lines that one rule cut as one kind.

    ``named`` has the kinds and rules of lines that the selection chose.
    """
    passages: list[tuple[CutKind, str, list[int], list[float]]] = []  # with lines and scores
    section = CutKind.OTHER
    title_passed = False  # the first occurrence of the title is not a cut
    body_indexes = set(body)
    previous_index = -2
    for index in (at for at in range(len(lines)) if at not in body_indexes):
        line, line_score = lines[index], line_scores[index]
        if index in selection.title_lines:
            if not title_passed and title_key(line.bare) == title_key(selection.title):
                title_passed = True
                continue
            kind, rule = CutKind.REPEATED_TITLE, "repeated_title"
        elif index in named:
            kind, rule = named[index]
        elif index < selection.start:
            kind = CUT_KINDS[line_score.match.kind] if line_score.match else CutKind.SITE
            rule = line_score.rule if line_score.match else "before_title"
        else:
            if line_score.match and line_score.match.kind in _SECTIONS:
                section = _SECTIONS[line_score.match.kind]
            kind, rule = _kind(line_score, section), line_score.rule
            if rule == "position":
                rule = "after_text" if index >= selection.end else selection.inside
        if previous_index != index - 1 or passages[-1][:2] != (kind, rule):
            passages.append((kind, rule, [], []))
        *_, passage_lines, scores = passages[-1]
        passage_lines.append(index)
        if selection.scores and rule in _UNNAMED:
            scores.append(selection.scores[index])
        previous_index = index
    return tuple(
        Cut(
            kind,
            rule,
            lines[indexes[0]].paragraph,
            "\n".join([lines[index].text for index in indexes]),
            max(scores, default=None),
        )
        for kind, rule, indexes, scores in passages
    )


def _kind(line_score: LineScore, section: CutKind) -> CutKind:
    if line_score.match:
        return CUT_KINDS[line_score.match.kind]
    if line_score.rule == "date" and section is CutKind.OTHER:
        return CutKind.BYLINE
    if line_score.rule == "advertisement":
        return CutKind.ADVERTISEMENT
    if line_score.rule == "required_field":
        return CutKind.FORM
    return section


def _paragraphs(lines: Sequence[Line], body: Sequence[int]) -> str:
    """Join the body: a blank line between paragraphs, a line break within one."""
    parts: list[str] = []
    previous_paragraph: int | None = None
    for index in body:
        line = lines[index]
        if previous_paragraph == line.paragraph:
            parts.append("\n")
        elif previous_paragraph is not None:
            parts.append("\n\n")
        parts.append(line.text)
        previous_paragraph = line.paragraph
    return "".join(parts)


def _language(text: str) -> str | None:
    from copydesk.tasks.cleaning.language import detect_language

    return detect_language(text)
