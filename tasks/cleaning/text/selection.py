"""What of a copied text is kept: by rules where its structure is plain, else by the models.

Rules read what is laid out as they know it to the letter: an article alone, an article above a
comment form whose phrases are known. There the models have a say where they are sure of the
opposite. Everywhere else the models choose, the title too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from copydesk.schemas.article import Reject, RejectReason
from copydesk.tasks.cleaning.text.body import find_body
from copydesk.tasks.cleaning.text.head import find_head, may_repeat, repeats_line
from copydesk.tasks.cleaning.text.line_scores import CALLS, Signs
from copydesk.tasks.cleaning.text.lines import Line
from copydesk.tasks.cleaning.text.measures import Floats
from copydesk.tasks.cleaning.text.model import Models, shipped
from copydesk.tasks.cleaning.text.opening import without_opening
from copydesk.tasks.cleaning.text.reading import Reading, read
from copydesk.tasks.cleaning.text.tail import comment_entries
from copydesk.tasks.cleaning.text.title_choice import Candidate
from copydesk.tasks.cleaning.title import normal_title, repeats_title, title_key
from copydesk.tasks.cleaning.vocabulary.phrases import line_key

RULES, MODEL = "lines", "lines: model"
"""What ``evidence['text']`` says of a body that rules chose, and of one that the models did."""

LEAST_TITLE = 0.12
"""Chance below which the best candidate is no title: a text without one has an empty title."""

LEAST_ARTICLE = 0.3
"""Chance below which a text is no article; see docs/model-card.md for what it rejects."""

LEAST_LINES = 30
"""Lines of a text that may be a list of articles or products: fewer were chosen by somebody."""

MOST_LINES = 4_000
"""Lines up to which the trees choose: no page that they were trained on has more, and of a book
that was pasted whole they would cut what they have never seen."""

FEW_LINES = 6
"""Lines of a text that is too short to have chrome that the models know."""

LONGEST_WEIGHT = 60.0  # words from which a longer line says no more

SURE, MORE, ALONE = 9.0, 3.0, 30.0
"""Log-odds by which the models' choice must be likelier than that of the rules to replace it;
less is enough where it has all that the rules keep and more. Set on WordPress pages out of fold:
those of wordpress-dev stay exact, of the dressed ones .94 for .75 are. Where no line reads like
chrome at all the text is an article alone, a poem perhaps, and far more is asked."""

OTHER_TITLE = 0.8
"""The same of the title."""

DOUBTFUL = 0.25  # chance above which a paragraph goes with the one beside it

NAME_WORDS = 4  # of a person's name that stands alone
NAME_SIZE = 24.0  # of a word above it, "By" in any language
BYLINE_LINES = 5  # date, name, section and tags
LAST_LINES = 12  # of a list or a sign-off that ends a text
CHROME = 1.5  # what signs say against a sure heading of comments
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_QUOTED = re.compile(r"[“”„«»「」『』《》〈〉]")
_SHAPES = frozenset({"arrow", "copyright", "row_of_links", "time"})

BESIDE = 10  # lines below the title and above the text among which author and day stand

BARE = 1.0  # what signs say against a line that is chrome
BARE_SHARE = 0.04  # lines of an article alone that read like chrome: headings, short answers


@dataclass(frozen=True, slots=True)
class Selection:
    """The title with its lines, the lines of the body, and how they were chosen.

    ``start`` and ``end`` bound the body: its first line and the one after its last. ``opening``
    are cut lines around title and body that may name author and day.
    """

    title: str
    why: str
    title_lines: frozenset[int]
    body: tuple[int, ...]
    start: int
    end: int
    opening: tuple[int, ...]
    how: str
    scores: tuple[float, ...] = ()

    @property
    def inside(self) -> str:
        """Name the rule that cuts lines between those of the body."""
        return "model" if self.how == MODEL else "opening"


def select(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    url: str | None,
    hinted: str | None,
    models: Models | None,
) -> Selection | Reject:
    """Choose title and body, or say why the text is no article."""
    if not FEW_LINES < len(lines) <= MOST_LINES:
        return by_rules(lines, signs, hinted)
    models = models or shipped()
    reading = read(lines, signs, url, models)
    chosen = by_models(lines, signs, reading, hinted)
    bare, framed = may_be_bare(signs), is_framed(signs)
    if bare or framed:
        ruled = by_rules(lines, signs, hinted)
        whole = len(ruled.body) + len(ruled.title_lines) == len(lines)
        comments = framed and below_entries(lines, signs, reading.shape.counts[3], chosen, ruled)
        if comments or (
            (framed or whole) and not surely_other(lines, signs, reading, chosen, ruled)
        ):
            return ruled
    if len(lines) >= LEAST_LINES:
        chance = reading.as_article(models)
        if chance < LEAST_ARTICLE:
            shown = "\n".join(line.text for line in lines[:20])[:400]
            detail = f"as an article it has a chance of {chance:.3f}"
            return Reject(RejectReason.NOT_AN_ARTICLE, detail, shown)
    scores = tuple(np.round(reading.chance.astype(np.float64), 3).tolist())
    return replace(chosen, scores=scores)


def may_be_bare(signs: Sequence[Signs]) -> bool:
    """Tell whether next to nothing speaks against any line: it may be an article alone."""
    against = sum(sign.score <= -BARE and sign.date == 0 for sign in signs[1:])
    return against <= max(1, BARE_SHARE * len(signs))


def is_framed(signs: Sequence[Signs]) -> bool:
    """Tell whether a comment form stands below: its notice, or the stars of its fields."""
    sure = sum(
        sign.match is not None and sign.match.kind == "form" and sign.match.whole for sign in signs
    )
    return sure > 0 or sum(sign.starred for sign in signs) > 1


def below_entries(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    scripts: NDArray[np.int64],
    chosen: Selection,
    ruled: Selection,
) -> bool:
    """Tell whether all that the models would add stands below dates and names of comments.

    One such entry is enough where what follows is in another script (``scripts``) than the text.
    """
    entries = comment_entries(lines, signs, ruled.start)
    more = [index for index in chosen.body if index >= ruled.end]
    if not entries or not more or min(more) < min(entries):
        return False
    own = {int(scripts[index]) for index in ruled.body}
    return len(entries) > 1 or own.isdisjoint(int(scripts[index]) for index in more)


def surely_other(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    reading: Reading,
    chosen: Selection,
    ruled: Selection,
) -> bool:
    """Tell whether the models' choice is so much likelier that the rules must be wrong."""
    titles = [reading.titles.chance_of(one.title_lines) for one in (chosen, ruled)]
    other_title = title_key(chosen.title) != title_key(ruled.title)
    if other_title and np.log(titles[0]) - np.log(titles[1]) > OTHER_TITLE:
        return True
    weights = np.minimum(reading.shape.tokens, LONGEST_WEIGHT) ** 0.5
    own, other = (likelihood(reading.chance, one.body, weights) for one in (chosen, ruled))
    scripts = reading.shape.counts[3]
    if len(ruled.body) + len(ruled.title_lines) == len(lines):
        return own - other > ALONE
    return own - other > (MORE if adds_text(lines, signs, scripts, chosen, ruled) else SURE)


def adds_text(
    lines: Sequence[Line],
    signs: Sequence[Signs],
    scripts: NDArray[np.int64],
    chosen: Selection,
    ruled: Selection,
) -> bool:
    """Tell whether the models keep all that the rules do, and more that nothing speaks against."""
    more = set(chosen.body) - set(ruled.body)
    if not more or len(more) + len(ruled.body) > len(chosen.body):
        return False
    key = title_key(ruled.title)
    own = {int(scripts[index]) for index in ruled.body}
    for index in more:
        if int(scripts[index]) not in own:
            return False
        sign = signs[index]
        if sign.match is not None or sign.date or sign.starred or (key and key in lines[index].key):
            return False
    return True


def by_rules(lines: Sequence[Line], signs: Sequence[Signs], hinted: str | None) -> Selection:
    """Choose as the rules do: the title, then one run of lines below it."""
    head, end = find_body(lines, signs, find_head(lines, signs, hinted))
    inside = range(head.start, end)
    end = before_comments(lines, signs, end)
    run = without_opening(lines, signs, head, end)
    body = without_biography(lines, signs, [i for i in run if not interrupts(signs[i])])
    opening = tuple(i for i in inside if i not in body and i not in head.title_lines)
    return Selection(
        title=head.title,
        why=head.why,
        title_lines=head.title_lines,
        body=tuple(body),
        start=head.start,
        end=end,
        opening=opening,
        how=RULES,
    )


def interrupts(sign: Signs) -> bool:
    """Tell whether a line is no body wherever it stands: a call, an owner's notice."""
    return sign.rule in CALLS or (sign.rule == "copyright" and sign.score < 0)


def heads_comments(line: Line, title: str) -> bool:
    """Tell whether a line counts something and names the title in quotes: "4 X on “Title”"."""
    if not title or len(line.text) > len(title) + 60 or not _QUOTED.search(line.text):
        return False
    key = line_key(title)
    rest = line.key.replace(key, "", 1)
    return key in line.key and any(char.isdigit() for char in rest)


def without_biography(
    lines: Sequence[Line], signs: Sequence[Signs], body: Sequence[int]
) -> list[int]:
    """Leave out a name at the body's end with the paragraph that begins with it."""
    if len(body) > 2:
        name, text = lines[body[-2]], lines[body[-1]]
        short = name.words <= NAME_WORDS and not name.terminal and len(name.key) > NAME_WORDS
        if short and text.words > name.words and text.text.startswith(name.text):
            above = lines[body[-3]]
            word = above.words == 1 and above.size < NAME_SIZE and not above.terminal  # "By"
            rest = list(body[: -3 if word else -2])
            # What stands between a date and the biography is the byline.
            day = next((at for at in rest[-BYLINE_LINES:] if signs[at].date >= 0.5), len(lines))
            return [at for at in rest if at < day]
    return list(body)


def before_comments(lines: Sequence[Line], signs: Sequence[Signs], end: int) -> int:
    """Give the end of a body that a list or a sign-off ends, right above the comments' heading.

    Nothing between may read like chrome: a phrase, a day of a year, a field, a paragraph.
    """
    for index in range(end, min(end + LAST_LINES + 1, len(lines))):
        line, sign = lines[index], signs[index]
        if sign.match is not None:
            heads = sign.match.kind in ("comments", "form") and sign.match.whole
            return index if heads and sign.score < -CHROME else end
        if line.bare[0].isdigit() and line.words <= NAME_WORDS and index + 1 < len(lines):
            after = signs[index + 1].match
            if after is not None and after.kind in ("comments", "form"):
                return index  # "4 responses" above the form
        if _QUOTED.search(line.text):
            return end
        dated = sign.date >= 0.5 and (sign.time or _YEAR.search(line.text) is not None)
        if dated or sign.starred or sign.prose >= 1.3 or sign.rule in _SHAPES:
            return end
    return end


def with_neighbours(reading: Reading) -> list[int]:
    """Give the chosen lines, and the doubtful paragraphs right beside chosen paragraphs."""
    kept, prose = reading.kept.tolist(), reading.shape.prose.tolist()
    likely = (reading.chance > DOUBTFUL).tolist()
    for order in (range(1, len(kept)), range(len(kept) - 2, -1, -1)):
        for index in order:
            beside = index - order.step
            if kept[beside] and prose[beside] and prose[index] and likely[index]:
                kept[index] = True
    return [index for index, chosen in enumerate(kept) if chosen]


def by_models(
    lines: Sequence[Line], signs: Sequence[Signs], reading: Reading, hinted: str | None
) -> Selection:
    """Choose the lines and the title that the models find most likely."""
    kept = with_neighbours(reading)
    title, why, at = _title(reading, hinted)
    last_head = max(at, kept[0] if kept else -1) + 1
    words = frozenset(line_key(title).split())
    same = {
        i
        for i in range(min(last_head + 1, len(lines)))
        if title and may_repeat(lines[i], words) and repeats_line(lines[i], title)
    }
    if at >= 0:
        same.add(at)
    cut = {i for i in kept if interrupts(signs[i]) or heads_comments(lines[i], title)}
    body = [i for i in kept if i not in same and i not in cut]
    if body and is_framed(signs):
        body += range(body[-1] + 1, before_comments(lines, signs, body[-1] + 1))
    body = without_biography(lines, signs, body)
    start = body[0] if body else last_head
    end = body[-1] + 1 if body else start
    first = max(0, min(at, start) - 2) if at >= 0 else max(0, start - 4)
    inside = set(body) | same
    near = (i for i in range(first, min(start + 3, end)) if i <= at + BESIDE or i >= start - BESIDE)
    opening = tuple(i for i in near if i not in inside)
    return Selection(title, why, frozenset(same), tuple(body), start, end, opening, MODEL)


def _title(reading: Reading, hinted: str | None) -> tuple[str, str, int]:
    """Give the title, what told it, and its line; the line is -1 where it stands nowhere."""
    ranked, chances = reading.titles.ranked, reading.titles.chances
    if hinted:
        for item in ranked:
            if repeats_title(item.text, hinted):
                return _written(item.text, ranked), "hint", item.line
        return normal_title(hinted), "hint", -1
    if not ranked or chances[0] < LEAST_TITLE:
        return "", "none", -1
    return _written(ranked[0].text, ranked), f"model: {chances[0]:.2f}", ranked[0].line


def _written(text: str, ranked: Sequence[Candidate]) -> str:
    """Give the title as another line writes it, where its own is cut short or all in capitals."""
    title = normal_title(text)
    if not title.isupper() and not title.endswith(("…", "...")):
        return title
    key = title_key(title)
    for item in ranked:
        other = normal_title(item.text)
        same = title_key(other) == key and not other.isupper()
        whole = len(other) > len(title) and repeats_title(title, other) and not other.isupper()
        if same or (title.endswith(("…", "...")) and whole):
            return other
    return title


def likelihood(chance: Floats, body: Sequence[int], weights: Floats) -> float:
    """Give the log-likelihood of a choice of lines, long lines weighing more."""
    kept = np.zeros(len(chance), np.bool_)
    kept[list(body)] = True
    sure = np.clip(chance.astype(np.float64), 0.001, 0.999)
    return float((np.log(np.where(kept, sure, 1 - sure)) * weights).sum())
