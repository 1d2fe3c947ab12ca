"""Find the end of the body by rules.

The body is one run of lines, which ends where the sum of the scores is largest. Comments are
running text as well, so scores are first adjusted by context: text counts little below a heading of
comments, a form, or entries of a name, a date and a time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.tasks.cleaning.text.line_scores import SHORT, TITLE_LENGTH, LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

_QUOTES = re.compile(r"[\"“”„‟«»‹›「」『』《》〈〉]")
_DIGIT = re.compile(r"\d")

# Share of a paragraph's score in a context: almost none where comments are certain; less than half
# below "Related" and similar, since an article may continue there.
AMONG_COMMENTS = 0.08
BELOW_COMMENTS = 0.3
BELOW_WIDGET = 0.4
BEFORE_COMMENTS = 45  # minimum size of running text above; a count of comments in a byline has none
WIDGET_REACH = 12  # lines that follow a widget's heading: five entries of two lines
OPENING = 16  # lines below a title that are searched for the first paragraph
LEAST_TAIL = 1.7
"""Minimum evidence against a tail to cut it; a single "Tagged …" is an article's last line."""
BRIDGED = 1.5  # maximum evidence of short lines against a paragraph worth 4 or 5 below them
_SURE = frozenset({"arrow", "copyright", "required_field"})
KNOWN_SHARE = 0.2  # of the short lines below a text; set between synthetic pages of both kinds
SURE_TAIL = 6.0
"""Evidence against the tail of a page: a form alone, or a byline, tags and a menu."""
MOST_TAGS = 6  # maximum lines of a word or two that may be tags; more are an article's list
ENTRY_WORDS = 6  # maximum words of a name followed by "says"
ENTRY_REACH = 8  # lines from a comment's date to its last paragraph


def find_end(
    lines: Sequence[Line], line_scores: Sequence[LineScore], start: int, title: str
) -> int:
    """Return the index after the body's last line; ``start`` if no line has a positive score."""
    scores = in_context(lines, line_scores, start, title)
    best_end, total, best_total = start, 0.0, 0.0
    # Bylines and share buttons above the first paragraph do not matter for the end.
    opening = range(start, min(start + OPENING, len(lines)))
    first = next((i for i in opening if scores[i] >= 1.0), start)
    for index in range(first, len(lines)):
        total += scores[index]
        if total > best_total:
            best_end, best_total = index + 1, total
    if total > best_total - LEAST_TAIL:
        return len(lines)
    if total < best_total - SURE_TAIL:
        best_end -= _tags_above(lines, first, best_end)
    return best_end


def _tags_above(lines: Sequence[Line], first: int, end: int) -> int:
    """Return the number of lines of a word or two directly above the tail: tags, sections."""
    count = 0
    for line in reversed(lines[first + 1 : end]):
        if line.words > 2 or line.terminal or line.marked:
            break
        count += 1
    return count if 1 < count <= MOST_TAGS else 0


def in_context(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    start: int,
    title: str,
    *,
    doubted: bool = False,
) -> list[float]:
    """Return the scores, adjusted by the surrounding lines and the title.

    With ``doubted``, text loses score only below a form or a heading of comments.
    """
    scores = [line_score.score for line_score in line_scores]
    _title_again(lines, scores, start, title)
    _layout(lines, line_scores, scores, start)
    entries = comment_entries(lines, line_scores, start)
    if _unfamiliar(lines, line_scores, scores, start):
        _doubt_short_lines(lines, line_scores, scores, start)
    shares = _shares(lines, line_scores, scores, start, entries, doubted=doubted)
    for index in range(start, len(lines)):
        line_score = line_scores[index]
        if shares[index] < 1.0:
            scores[index] -= line_score.prose * (1.0 - shares[index])
    for index in entries:
        scores[index] -= 1.5
    _neighbours(lines, line_scores, scores, start)
    _bridge(line_scores, scores, shares, start, entries)
    return scores


def _unfamiliar(
    lines: Sequence[Line], line_scores: Sequence[LineScore], scores: Sequence[float], start: int
) -> bool:
    """Return whether there is no vocabulary for the page's language.

    The labels of required fields decide; without a form, the share of known phrases among the short
    lines below the last paragraph.
    """
    starred = [index for index in range(start, len(lines)) if line_scores[index].starred]
    if len(starred) > 1:
        # Short labels are similar in many languages ("Name", "E-Mail"); the notice is not.
        unknown = [index for index in starred if line_scores[index].match is None]
        return 2 * len(unknown) > len(starred) or any(lines[index].words >= 4 for index in unknown)
    long = [index for index in range(start, len(lines)) if line_scores[index].prose >= 4]
    below = range(long[-1] + 1 if long else start, len(lines))
    short = [index for index in below if lines[index].size <= SHORT and not lines[index].terminal]
    sure = sum(1 for index in below if scores[index] <= -1.4)
    in_vocabulary = sum(
        1
        for index in short
        if line_scores[index].match and line_scores[index].rule != "phrase:share"
    )
    return sure > 1 and len(short) > 5 and in_vocabulary < KNOWN_SHARE * len(short)


def _doubt_short_lines(
    lines: Sequence[Line], line_scores: Sequence[LineScore], scores: list[float], start: int
) -> None:
    """Lower the scores of short lines without a full stop: they may be labels."""
    for index in range(start, len(lines)):
        line, line_score = lines[index], line_scores[index]
        if line_score.match is None and line.size <= SHORT and not line.terminal:
            scores[index] -= line_score.prose + (0.2 if line.marked else 0.6)


def _title_again(lines: Sequence[Line], scores: list[float], start: int, title: str) -> None:
    """Lower the scores of later lines that name the title: headings of replies, recent posts."""
    key = line_key(title)
    if len(key) < 8:
        return
    for index in range(start, len(lines)):
        line = lines[index]
        if key in line.key and len(line.text) <= len(title) + 100:
            penalty = -3.0 if _QUOTES.search(line.text) else -1.5
            scores[index] += -2.0 if line.key == key else penalty


def _layout(
    lines: Sequence[Line], line_scores: Sequence[LineScore], scores: list[float], start: int
) -> None:
    """Lower the scores of lines whose indent or gap differs from that of the body's paragraphs."""
    prose = [lines[i] for i in range(start, len(lines)) if line_scores[i].score >= 2.4]
    if len(prose) < 3:
        return
    indents = [line.indent for line in prose[:40]]
    usual = max(set(indents), key=indents.count)
    steady = indents.count(usual) >= 0.7 * len(indents)
    gaps = [line.gap for line in prose[1:40]]
    gap = max(set(gaps), key=gaps.count)
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if line_scores[index].prose > 1.5:
            continue
        if steady and line.indent != usual and not line.marked:
            scores[index] -= 0.9
        if line.gap > gap + 1:
            scores[index] -= 0.6


def comment_entries(
    lines: Sequence[Line], line_scores: Sequence[LineScore], start: int
) -> set[int]:
    """Return the date lines of comments: a date with a time, or "says", next to a name.

    Chronicles have dates and text as well, but no times and no names next to them.
    """
    entries: set[int] = set()
    prose_above = 0.0
    for index in range(start, len(lines)):
        line, line_score = lines[index], line_scores[index]
        if prose_above >= BEFORE_COMMENTS and line.size <= TITLE_LENGTH:
            relative = (
                _is(line_score, "action")
                and line_score.match is not None
                and line_score.match.letters > 4
            )
            dated = line_score.date >= 0.6 and line_score.time
            if (dated or relative) and _name_beside(index, lines, line_scores, start):
                entries.add(index)
        if prose_above and _says_above_a_day(index, lines, line_scores):
            entries.add(index)
        prose_above += line.size if line_score.prose >= 1.3 else 0.0
    return entries


def _says_above_a_day(index: int, lines: Sequence[Line], line_scores: Sequence[LineScore]) -> bool:
    """Return whether a line is a name with a word for "says", directly above a date."""
    match = line_scores[index].match
    says = match is not None and match.kind == "action" and not match.whole
    short = lines[index].words <= ENTRY_WORDS and index + 1 < len(lines)
    return says and short and line_scores[index + 1].date >= 0.6


def _name_beside(
    index: int, lines: Sequence[Line], line_scores: Sequence[LineScore], start: int
) -> bool:
    for other in (index - 1, index + 1):
        if start <= other < len(lines):
            line = lines[other]
            short = line.words <= 6 and line.size <= SHORT
            if short and not (line.terminal and line.words > 3):
                return True
    return lines[index].words >= 5 and line_scores[index].date < 1.0


def _shares(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    scores: Sequence[float],
    start: int,
    entries: set[int],
    *,
    doubted: bool,
) -> list[float]:
    """Return each line's share of its text's score in its context, from 1 to almost 0."""
    shares = [1.0] * len(lines)
    prose_above, section, widget, entry = 0.0, False, -99, -99
    form = _form_after(line_scores)
    for index in range(start, len(lines)):
        line_score = line_scores[index]
        several = len(entries) > 1 and not doubted
        if index in entries and (section or form[index] or several):
            entry = index
            section = True
        if prose_above >= BEFORE_COMMENTS:
            if _opens_comments(index, lines, line_scores, scores):
                section = True
            elif _is(line_score, "related", "widget", "newsletter") and line_score.score < -1.5:
                widget = index
        if section:
            near = index - entry <= ENTRY_REACH
            shares[index] = AMONG_COMMENTS if near else BELOW_COMMENTS
        elif index - widget <= WIDGET_REACH and not doubted:
            shares[index] = BELOW_WIDGET
        prose_above += lines[index].size if line_score.prose >= 1.3 else 0.0
    return shares


def _form_after(line_scores: Sequence[LineScore]) -> list[bool]:
    """Return for each line whether two fields of a form follow it."""
    after = [False] * (len(line_scores) + 1)
    count = 0
    for index in range(len(line_scores) - 1, -1, -1):
        count += 1 if line_scores[index].starred or _is(line_scores[index], "form") else 0
        after[index] = count >= 2
    return after


def _opens_comments(
    index: int, lines: Sequence[Line], line_scores: Sequence[LineScore], scores: Sequence[float]
) -> bool:
    line, line_score = lines[index], line_scores[index]
    if _is(line_score, "comments", "form") and line_score.score < -1.5:
        return True
    if line_score.starred and any(s.starred for s in line_scores[index + 1 : index + 8]):
        return True
    # "4 Gedanken zu „Title“" in any language: a number and the title in quotes.
    names_title = scores[index] - line_score.score <= -2.5
    return names_title and bool(_DIGIT.search(line.text))


def _neighbours(
    lines: Sequence[Line], line_scores: Sequence[LineScore], scores: list[float], start: int
) -> None:
    """Lower the scores of short lines next to furniture: names by dates, headings of forms."""
    for index in range(start, len(lines) - 1):
        line, line_score, after = lines[index], line_scores[index], line_scores[index + 1]
        if line_score.match is not None or line.size > TITLE_LENGTH or line.terminal:
            continue
        if line_score.prose > 1.5 or line.marked:
            continue
        dated = after.date >= 0.6 or (index > start and line_scores[index - 1].date >= 0.6)
        between = index > start and scores[index - 1] <= -1.5 and scores[index + 1] <= -1.5
        # "2 comments" above a form, or above the name and date of the first comment.
        dates = [s for s in line_scores[index + 1 : index + 3] if s.date >= 0.6 and s.time]
        counted = line.words <= 3 and line.text[0].isdigit()
        counts = counted and (after.score <= -2.0 or bool(dates))
        if line.words <= 6 and (dated or counts):
            scores[index] -= 0.8
        elif line.size <= SHORT and after.score <= -2.0 and not _heads(after):
            scores[index] -= 0.9
        elif between:
            scores[index] -= 0.8


def _bridge(
    line_scores: Sequence[LineScore],
    scores: list[float],
    shares: Sequence[float],
    start: int,
    entries: set[int],
) -> None:
    """Limit what short lines between two paragraphs subtract from the second one.

    Code, tables and lists are many short lines. There is no limit if certain evidence is among them
    (a phrase of a form, the title in quotes, a comment's entry): another text follows.
    """
    run: list[int] = []
    sure = False
    for index in range(start, len(scores)):
        line_score = line_scores[index]
        if line_score.prose >= 4.0 and scores[index] >= 2.4 and shares[index] == 1.0:
            weight = -sum(scores[number] for number in run)
            if weight > BRIDGED and not sure:
                for number in run:
                    scores[number] *= BRIDGED / weight
            run, sure = [], False
            continue
        run.append(index)
        phrase = line_score.match is not None and line_score.score <= -1.5
        names_title = scores[index] - line_score.score <= -2.5
        sure = sure or phrase or names_title or index in entries or line_score.rule in _SURE


def _heads(line_score: LineScore) -> bool:
    """Return whether furniture that begins with this line already has its heading."""
    return _is(
        line_score, "comments", "related", "widget", "newsletter", "share", "meta", "navigation"
    )


def _is(line_score: LineScore, *kinds: str) -> bool:
    return line_score.match is not None and line_score.match.kind in kinds
