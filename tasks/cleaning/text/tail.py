"""Where the body ends: the place after which the signs speak for everything but the article.

The body is one run of lines. Its end is the place with the largest sum of scores before it.
Comments are running text as well, so that the scores are read in context first: below a
heading of comments, a form, or entries of a name, a date and a time, text counts little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.tasks.cleaning.text.line_scores import SHORT, TITLE_LENGTH, Signs
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

_QUOTES = re.compile(r"[\"“”„‟«»‹›「」『』《》〈〉]")
_DIGIT = re.compile(r"\d")

# What a paragraph is still worth in a place, as a share. Where comments are sure it is next
# to nothing; below "Related" and its like less than half, since an article can go on there.
AMONG_COMMENTS = 0.08
BELOW_COMMENTS = 0.3
BELOW_WIDGET = 0.4
BEFORE_COMMENTS = 45  # size of running text above; a count of comments in a byline has none
WIDGET_REACH = 12  # lines that a widget's heading reaches: five entries of two lines
OPENING = 16  # lines below a title among which the first paragraph is looked for
LEAST_TAIL = 1.7
"""What must speak against a tail to cut it: less than one "Tagged …" is an article's last line."""
BRIDGED = 1.5  # what short lines may say against a paragraph worth 4 or 5 below them
_SURE = frozenset({"arrow", "copyright", "required_field"})
KNOWN_SHARE = 0.2  # of the short lines below a text; set between made pages of both kinds
SURE_TAIL = 6.0
"""What speaks against the tail of a page: a form alone, or a byline, tags and a menu."""
MOST_TAGS = 6  # lines of a word or two that may be tags; more are an article's list
ENTRY_REACH = 8  # lines from a comment's date to its last paragraph


def find_end(lines: Sequence[Line], signs: Sequence[Signs], start: int, title: str) -> int:
    """Give the index after the body's last line; ``start`` if no line speaks for the body."""
    scores = in_context(lines, signs, start, title)
    best, total, most = start, 0.0, 0.0
    # Byline and share row above the first paragraph say nothing of where the body ends.
    opening = range(start, min(start + OPENING, len(lines)))
    first = next((i for i in opening if scores[i] >= 1.0), start)
    for index in range(first, len(lines)):
        total += scores[index]
        if total > most:
            best, most = index + 1, total
    if total > most - LEAST_TAIL:
        return len(lines)
    if total < most - SURE_TAIL:
        best -= _tags_above(lines, first, best)
    return best


def _tags_above(lines: Sequence[Line], first: int, end: int) -> int:
    """Count lines of a word or two right above a sure tail: tags, sections, a name."""
    count = 0
    for line in reversed(lines[first + 1 : end]):
        if line.words > 2 or line.terminal or line.marked:
            break
        count += 1
    return count if 1 < count <= MOST_TAGS else 0


def in_context(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    start: int,
    title: str,
    *,
    doubted: bool = False,
) -> list[float]:
    """Give the scores with what the lines around and the title say.

    ``doubted``: only a form or a heading of comments takes from what stands below it.
    """
    scores = [sign.score for sign in signs]
    _title_again(lines, scores, start, title)
    _layout(lines, signs, scores, start)
    entries = comment_entries(lines, signs, start)
    if _unfamiliar(lines, signs, scores, start):
        _doubt_short_lines(lines, signs, scores, start)
    shares = _shares(lines, signs, scores, start, entries, doubted=doubted)
    for index in range(start, len(lines)):
        sign = signs[index]
        if shares[index] < 1.0:
            scores[index] -= sign.prose * (1.0 - shares[index])
    for index in entries:
        scores[index] -= 1.5
    _neighbours(lines, signs, scores, start)
    _bridge(signs, scores, shares, start, entries)
    return scores


def _unfamiliar(
    lines: Sequence[Line], signs: Sequence[Signs], scores: Sequence[float], start: int
) -> bool:
    """Tell whether the page's words are in no vocabulary, though its shape is that of a page.

    The labels of required fields decide; without a form, how many of the short lines below
    the last paragraph are known.
    """
    starred = [i for i in range(start, len(lines)) if signs[i].starred]
    if len(starred) > 1:
        # Short labels are alike in many languages ("Name", "E-Mail"); the notice is not.
        unknown = [i for i in starred if signs[i].match is None]
        return 2 * len(unknown) > len(starred) or any(lines[i].words >= 4 for i in unknown)
    long = [i for i in range(start, len(lines)) if signs[i].prose >= 4]
    below = range(long[-1] + 1 if long else start, len(lines))
    short = [i for i in below if lines[i].size <= SHORT and not lines[i].terminal]
    sure = sum(1 for i in below if scores[i] <= -1.4)
    known = sum(1 for i in short if signs[i].match and signs[i].rule != "phrase:share")
    return sure > 1 and len(short) > 5 and known < KNOWN_SHARE * len(short)


def _doubt_short_lines(
    lines: Sequence[Line], signs: Sequence[Signs], scores: list[float], start: int
) -> None:
    """Let short lines without a full stop speak against the body: labels of unknown words."""
    for index in range(start, len(lines)):
        line, sign = lines[index], signs[index]
        if sign.match is None and line.size <= SHORT and not line.terminal:
            scores[index] -= sign.prose + (0.2 if line.marked else 0.6)


def _title_again(lines: Sequence[Line], scores: list[float], start: int, title: str) -> None:
    """Count a later line that names the title: a reply heading, a list of recent posts."""
    key = line_key(title)
    if len(key) < 8:
        return
    for index in range(start, len(lines)):
        line = lines[index]
        if key in line.key and len(line.text) <= len(title) + 100:
            named = -3.0 if _QUOTES.search(line.text) else -1.5
            scores[index] += -2.0 if line.key == key else named


def _layout(lines: Sequence[Line], signs: Sequence[Signs], scores: list[float], start: int) -> None:
    """Count indents and gaps that the body's paragraphs do not have, where it has a rule."""
    prose = [lines[i] for i in range(start, len(lines)) if signs[i].score >= 2.4]
    if len(prose) < 3:
        return
    indents = [line.indent for line in prose[:40]]
    usual = max(set(indents), key=indents.count)
    steady = indents.count(usual) >= 0.7 * len(indents)
    gaps = [line.gap for line in prose[1:40]]
    gap = max(set(gaps), key=gaps.count)
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if signs[index].prose > 1.5:
            continue
        if steady and line.indent != usual and not line.marked:
            scores[index] -= 0.9
        if line.gap > gap + 1:
            scores[index] -= 0.6


def comment_entries(lines: Sequence[Line], signs: Sequence[Signs], start: int) -> set[int]:
    """Find the date lines of comments: a date with a time, or "says", beside a name.

    A dated chronicle has dates and text as well, but no times and no names beside them.
    """
    found: set[int] = set()
    seen = 0.0
    for index in range(start, len(lines)):
        line, sign = lines[index], signs[index]
        if seen >= BEFORE_COMMENTS and line.size <= TITLE_LENGTH:
            relative = _is(sign, "action") and sign.match is not None and sign.match.letters > 4
            dated = sign.date >= 0.6 and sign.time
            if (dated or relative) and _name_beside(index, lines, signs, start):
                found.add(index)
        seen += line.size if sign.prose >= 1.3 else 0.0
    return found


def _name_beside(index: int, lines: Sequence[Line], signs: Sequence[Signs], start: int) -> bool:
    for other in (index - 1, index + 1):
        if start <= other < len(lines):
            line = lines[other]
            short = line.words <= 6 and line.size <= SHORT
            if short and not (line.terminal and line.words > 3):
                return True
    return lines[index].words >= 5 and signs[index].date < 1.0


def _shares(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    scores: Sequence[float],
    start: int,
    entries: set[int],
    *,
    doubted: bool,
) -> list[float]:
    """Say for every line what its text is worth there, from 1 in the open to nearly 0."""
    shares = [1.0] * len(lines)
    seen, section, widget, entry = 0.0, False, -99, -99
    form = _form_after(signs)
    for index in range(start, len(lines)):
        sign = signs[index]
        several = len(entries) > 1 and not doubted
        if index in entries and (section or form[index] or several):
            entry = index
            section = True
        if seen >= BEFORE_COMMENTS:
            if _opens_comments(index, lines, signs, scores):
                section = True
            elif _is(sign, "related", "widget", "newsletter") and sign.score < -1.5:
                widget = index
        if section:
            near = index - entry <= ENTRY_REACH
            shares[index] = AMONG_COMMENTS if near else BELOW_COMMENTS
        elif index - widget <= WIDGET_REACH and not doubted:
            shares[index] = BELOW_WIDGET
        seen += lines[index].size if sign.prose >= 1.3 else 0.0
    return shares


def _form_after(signs: Sequence[Signs]) -> list[bool]:
    """Say for every line whether fields of a form follow it."""
    after = [False] * (len(signs) + 1)
    count = 0
    for index in range(len(signs) - 1, -1, -1):
        count += 1 if signs[index].starred or _is(signs[index], "form") else 0
        after[index] = count >= 2
    return after


def _opens_comments(
    index: int, lines: Sequence[Line], signs: Sequence[Signs], scores: Sequence[float]
) -> bool:
    line, sign = lines[index], signs[index]
    if _is(sign, "comments", "form") and sign.score < -1.5:
        return True
    if sign.starred and any(s.starred for s in signs[index + 1 : index + 8]):
        return True
    # "4 Gedanken zu „Title“", whatever the language: a number and the title in quotes.
    named = scores[index] - sign.score <= -2.5
    return named and bool(_DIGIT.search(line.text))


def _neighbours(
    lines: Sequence[Line], signs: Sequence[Signs], scores: list[float], start: int
) -> None:
    """Count what stands beside sure chrome: names by dates, a heading above a form."""
    for index in range(start, len(lines) - 1):
        line, sign, after = lines[index], signs[index], signs[index + 1]
        if sign.match is not None or line.size > TITLE_LENGTH or line.terminal:
            continue
        if sign.prose > 1.5 or line.marked:
            continue
        dated = after.date >= 0.6 or (index > start and signs[index - 1].date >= 0.6)
        between = index > start and scores[index - 1] <= -1.5 and scores[index + 1] <= -1.5
        # "2 comments" above a form, or above the name and date of the first of them.
        dates = [s for s in signs[index + 1 : index + 3] if s.date >= 0.6 and s.time]
        counted = line.words <= 3 and line.text[0].isdigit()
        counts = counted and (after.score <= -2.0 or bool(dates))
        if line.words <= 6 and (dated or counts):
            scores[index] -= 0.8
        elif line.size <= SHORT and after.score <= -2.0 and not _heads(after):
            scores[index] -= 0.9
        elif between:
            scores[index] -= 0.8


def _bridge(
    signs: Sequence[Signs],
    scores: list[float],
    shares: Sequence[float],
    start: int,
    entries: set[int],
) -> None:
    """Keep short lines between two paragraphs from outweighing the second one.

    Code, tables and lists are many short lines; only a sure sign among them (a phrase of a
    form, the title in quotes, a comment's entry) tells that what follows is another text.
    """
    run: list[int] = []
    sure = False
    for index in range(start, len(scores)):
        sign = signs[index]
        if sign.prose >= 4.0 and scores[index] >= 2.4 and shares[index] == 1.0:
            weight = -sum(scores[i] for i in run)
            if weight > BRIDGED and not sure:
                for i in run:
                    scores[i] *= BRIDGED / weight
            run, sure = [], False
            continue
        run.append(index)
        phrase = sign.match is not None and sign.score <= -1.5
        named = scores[index] - sign.score <= -2.5
        sure = sure or phrase or named or index in entries or sign.rule in _SURE


def _heads(sign: Signs) -> bool:
    """Tell whether chrome that begins with this line has its heading already."""
    return _is(sign, "comments", "related", "widget", "newsletter", "share", "meta", "navigation")


def _is(sign: Signs, *kinds: str) -> bool:
    return sign.match is not None and sign.match.kind in kinds
