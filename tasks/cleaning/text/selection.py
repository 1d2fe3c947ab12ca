"""Select title and body of a copied text, by rules or by the models.

Rules are exact for two known layouts: an article alone, and an article above a comment form with
known phrases. There the models decide only if they are certain that the rules are wrong; for every
other layout the models decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from copydesk.schemas.article import Reject, RejectReason
from copydesk.tasks.cleaning.text.banner import opens_as_mail
from copydesk.tasks.cleaning.text.body import find_body
from copydesk.tasks.cleaning.text.body_end import (
    before_comments,
    heads_comments,
    interrupts,
    without_biography,
)
from copydesk.tasks.cleaning.text.corrections import without_labels
from copydesk.tasks.cleaning.text.head import find_head, may_repeat, repeats_line
from copydesk.tasks.cleaning.text.line_scores import LineScore
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import likelihood
from copydesk.tasks.cleaning.text.model import Models, shipped
from copydesk.tasks.cleaning.text.opening import without_opening
from copydesk.tasks.cleaning.text.quality_row import quality_row
from copydesk.tasks.cleaning.text.reading import Reading, read
from copydesk.tasks.cleaning.text.tail import comment_entries
from copydesk.tasks.cleaning.text.title_context import Candidate
from copydesk.tasks.cleaning.title import normal_title, repeats_title, same_title, title_key
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

RULES, MODEL = "lines", "lines: model"
"""Values of ``evidence['text']`` for a body selected by rules, and by the models."""

LEAST_TITLE = 0.04
"""Probability below which the best candidate is not a title; the title is then empty."""

LEAST_ARTICLE = 0.38
"""Probability below which a text is not an article; docs/model-card.md has what it rejects."""

LEAST_LINES = 30
"""Minimum lines of a list of articles or products: shorter texts were selected by a person."""

MOST_LINES = 4_000
"""Maximum lines for the models: no training page has more, and in a whole book they would cut
what is unlike any page."""

FEW_LINES = 6
"""Maximum lines of a text that is too short for furniture that the models know."""

LONGEST_WEIGHT = 60.0  # words beyond which a longer line has no more weight

SURE = 9.0
"""Log-odds by which the models' selection must exceed that of the rules to replace it. Set on
WordPress pages out of fold: those of wordpress-dev stay exact, .94 instead of .75 of the themed
ones are. If no line looks like furniture, the text is an article alone, perhaps a poem, and no
odds suffice: in a long one they grow with its lines."""

OTHER_TITLE = 0.5
"""The same for the title."""

GREETED_WORDS = 3
"""Minimum words of a first line that is the title although the line below contains it: the name of
a site mostly has fewer."""

HEADLINE_WORDS, HEADLINE_SIZE = 3, 100.0

BESIDE = 10  # lines below the title and above the text that may name author and day

BARE = 1.0  # evidence against a line at which it counts as furniture
BARE_SHARE = 0.04  # maximum share of such lines in an article alone: headings, short answers


@dataclass(frozen=True, slots=True)
class Selection:
    """The title with its lines, the lines of the body, and how they were selected.

    ``start`` and ``end`` bound the body: its first line and the one after its last. ``opening`` are
    cut lines around title and body that may name author and day.
    ``quality`` is the probability that the body is right; None where no model read the text.
    """

    title: str
    title_evidence: str
    title_lines: frozenset[int]
    body: tuple[int, ...]
    start: int
    end: int
    opening: tuple[int, ...]
    method: str
    scores: tuple[float, ...] = ()
    quality: float | None = None

    def below(self, count: int) -> Selection:
        """Return the same selection for a text with ``count`` more lines at its top."""
        return replace(
            self,
            title_lines=frozenset(index + count for index in self.title_lines),
            body=tuple(index + count for index in self.body),
            start=self.start + count,
            end=self.end + count,
            opening=tuple(index + count for index in self.opening),
            scores=(0.0,) * count + self.scores if self.scores else (),
        )

    @property
    def inside(self) -> str:
        """Return the rule that cuts lines between those of the body."""
        return "model" if self.method == MODEL else "opening"


def select(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    url: str | None,
    hinted: str | None,
    models: Models | None,
) -> Selection | Reject:
    """Select title and body, or return why the text is no article."""
    if not FEW_LINES < len(lines) <= MOST_LINES:
        return by_rules(lines, line_scores, hinted)
    models = models or shipped()
    reading = read(lines, line_scores, url, models)
    by_model = by_models(lines, line_scores, reading, hinted)
    bare, framed = may_be_bare(line_scores), is_framed(line_scores)
    if bare or framed:
        by_rule = by_rules(lines, line_scores, hinted)
        whole = len(by_rule.body) + len(by_rule.title_lines) == len(lines)
        comments = framed and below_entries(
            lines, line_scores, reading.shape.counts[3], by_model, by_rule
        )
        if comments or ((framed or whole) and not surely_other(lines, reading, by_model, by_rule)):
            return with_quality(by_rule, reading, models)
    chance = reading.as_article(models) if len(lines) >= LEAST_LINES else None
    if chance is not None and chance < LEAST_ARTICLE:
        excerpt = "\n".join(line.text for line in lines[:20])[:400]
        detail = f"as an article it has a chance of {chance:.3f}"
        return Reject(RejectReason.NOT_AN_ARTICLE, detail, excerpt)
    scores = tuple(np.round(reading.chance.astype(np.float64), 3).tolist())
    return with_quality(replace(by_model, scores=scores), reading, models)


def with_quality(selection: Selection, reading: Reading, models: Models) -> Selection:
    """Return the selection with the probability that it is right."""
    if models.quality is None:
        return selection
    row = quality_row(reading, selection.body)
    return replace(selection, quality=models.quality.probability(row))


def may_be_bare(line_scores: Sequence[LineScore]) -> bool:
    """Return whether almost no line looks like furniture, so that it may be an article alone."""
    against = sum(
        line_score.score <= -BARE and line_score.date == 0 for line_score in line_scores[1:]
    )
    return against <= max(1, BARE_SHARE * len(line_scores))


def is_framed(line_scores: Sequence[LineScore]) -> bool:
    """Return whether the text has a comment form: its notice, or fields marked with stars."""
    starred = 0
    for line_score in line_scores:
        match = line_score.match
        if match is not None and match.kind == "form" and match.whole:
            return True
        starred += line_score.starred
    return starred > 1


def below_entries(
    lines: Sequence[Line],
    line_scores: Sequence[LineScore],
    scripts: NDArray[np.int64],
    by_model: Selection,
    by_rule: Selection,
) -> bool:
    """Return whether all lines that only the models select are below entries of comments.

    Two entries are needed, or one if those lines are in another script than the text.
    """
    entries = comment_entries(lines, line_scores, by_rule.start)
    added = [index for index in by_model.body if index >= by_rule.end]
    if not entries or not added or min(added) < min(entries):
        return False
    body_scripts = {int(scripts[index]) for index in by_rule.body}
    return len(entries) > 1 or body_scripts.isdisjoint(int(scripts[index]) for index in added)


def surely_other(
    lines: Sequence[Line], reading: Reading, by_model: Selection, by_rule: Selection
) -> bool:
    """Return whether the models' selection is so much more likely that the rules must be wrong."""
    titles = [reading.titles.chance_of(selection.title_lines) for selection in (by_model, by_rule)]
    key, rule_key = title_key(by_model.title), title_key(by_rule.title)
    # A text may open with its title in a sentence: "Welcome to the <title>".
    greets = rule_key in key and rule_key.count(" ") + 1 >= GREETED_WORDS
    if (
        key != rule_key
        and not (greets and by_rule.start == 1)
        and np.log(titles[0]) - np.log(titles[1]) > OTHER_TITLE
    ):
        return True
    if len(by_rule.body) + len(by_rule.title_lines) == len(lines):
        return False
    weights = np.minimum(reading.shape.tokens, LONGEST_WEIGHT) ** 0.5
    model_likelihood, rule_likelihood = (
        likelihood(reading.chance, selection.body, weights) for selection in (by_model, by_rule)
    )
    return model_likelihood - rule_likelihood > SURE


def by_rules(
    lines: Sequence[Line], line_scores: Sequence[LineScore], hinted: str | None
) -> Selection:
    """Select by rules: the title, then one run of lines below it."""
    head, end = find_body(lines, line_scores, find_head(lines, line_scores, hinted))
    inside = range(head.start, end)
    end = before_comments(lines, line_scores, end)
    run = without_opening(lines, line_scores, head, end)
    body = without_biography(
        lines, line_scores, [index for index in run if not interrupts(line_scores[index])]
    )
    opening = tuple(
        index for index in inside if index not in body and index not in head.title_lines
    )
    return Selection(
        title=head.title,
        title_evidence=head.title_evidence,
        title_lines=head.title_lines,
        body=tuple(body),
        start=head.start,
        end=end,
        opening=opening,
        method=RULES,
    )


def by_models(
    lines: Sequence[Line], line_scores: Sequence[LineScore], reading: Reading, hinted: str | None
) -> Selection:
    """Select the lines and the title that the models find most likely."""
    likely_body = np.flatnonzero(reading.is_body).tolist()
    title, evidence, title_index = _title(reading, hinted)
    if not hinted and opens_as_mail(lines) and (heading := _heading(reading, likely_body)) >= 0:
        title, title_index = normal_title(lines[heading].text), heading
        evidence = "above the text of a mail"
    last_head = max(title_index, likely_body[0] if likely_body else -1) + 1
    words = frozenset(line_key(title).split())
    repeats = {
        index
        for index in range(min(last_head + 1, len(lines)))
        if title and may_repeat(lines[index], words) and repeats_line(lines[index], title)
    }
    if title_index >= 0:
        repeats.add(title_index)
    cut = {
        index
        for index in likely_body
        if interrupts(line_scores[index]) or heads_comments(lines[index], title)
    }
    body = [index for index in likely_body if index not in repeats and index not in cut]
    if body and is_framed(line_scores):
        body += range(body[-1] + 1, before_comments(lines, line_scores, body[-1] + 1))
    body = without_labels(lines, without_biography(lines, line_scores, body))
    start = body[0] if body else last_head
    end = body[-1] + 1 if body else start
    first = max(0, min(title_index, start) - 2) if title_index >= 0 else max(0, start - 4)
    inside = set(body) | repeats
    near = (
        index
        for index in range(first, min(start + 3, end))
        if index <= title_index + BESIDE or index >= start - BESIDE
    )
    opening = tuple(index for index in near if index not in inside)
    return Selection(title, evidence, frozenset(repeats), tuple(body), start, end, opening, MODEL)


def _title(reading: Reading, hinted: str | None) -> tuple[str, str, int]:
    """Return the title, its evidence, and the index of its line (-1 if none)."""
    ranked = reading.titles.ranked
    if hinted:
        for item in ranked:
            if repeats_title(item.text, hinted):
                return _written(item.text, ranked), "hint", item.line
        return normal_title(hinted), "hint", -1
    likeliest, chance = reading.titles.likeliest()
    if likeliest is None or chance < LEAST_TITLE:
        return "", "none", -1
    return _written(likeliest.text, ranked), f"model: {chance:.2f}", likeliest.line


def _heading(reading: Reading, body: Sequence[int]) -> int:
    """Return the index of a heading directly above a paragraph at the body's beginning, or -1.

    In a newsletter the first headline follows the newsletter's name.
    """
    if len(body) < 2 or body[1] != body[0] + 1:
        return -1
    line, prose = reading.shape.lines[body[0]], reading.shape.prose
    short = line.words >= HEADLINE_WORDS and line.size <= HEADLINE_SIZE
    plain = short and not (line.terminal or line.marked or prose[body[0]])
    return body[0] if plain and prose[body[1]] else -1


def _written(text: str, ranked: Sequence[Candidate]) -> str:
    """Return the title as another line writes it if its own is truncated or in capitals."""
    title = normal_title(text)
    truncated = title.endswith(("…", "..."))
    if not (truncated or title.isupper()):
        return title
    for item in ranked:
        other = normal_title(item.text)
        whole = len(other) > len(title) and not other.endswith(("…", "..."))
        is_other = (
            (whole and repeats_title(title, other)) if truncated else same_title(other, title)
        )
        if is_other and not other.isupper():
            return other
    return title
