"""From a page's HTML to its article, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.schemas.plain_text import word_count
from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.html.block_choice import with_code, with_next
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.cuts import cut_kinds, model_cuts
from copydesk.tasks.cleaning.html.foreign import foreign_passages
from copydesk.tasks.cleaning.html.out_of_view import needs_scripts, paragraphs, revealed
from copydesk.tasks.cleaning.html.page_analysis import Models, Reading, read_page, shipped
from copydesk.tasks.cleaning.html.page_kind import EMPTY, name_of_page, page_chance, page_row
from copydesk.tasks.cleaning.html.parser_limits import parsed
from copydesk.tasks.cleaning.html.render import Piece, body_text, markdown, pieces_of
from copydesk.tasks.cleaning.html.rules import Ruling, bylines, repeats, rulings
from copydesk.tasks.cleaning.html.settings import text_blocks
from copydesk.tasks.cleaning.html.tables import data_cells, tables_between, whole_tables
from copydesk.tasks.cleaning.title import repeats_title

MAX_CHARS = 16_000_000
"""Three times the largest page of WCXB (5.3 million); a bound on memory and time."""

LEAST_ARTICLE = 0.18
"""Chance below which a page is no article; see docs/model-card.md for what it rejects."""

_LEAST_WORDS = 12
"""Fewer are no body: a page's only sentence is its cookie notice."""

_DECLARED_MORE = 2.5
"""A declared body so many times as long as the chosen text replaces it."""

LEAST_OF_TABLE = 0.3
"""Share of a table's words that must be chosen for all of it to be kept: with .1 WCXB gains .0003
more, and lists of links that are set as tables come in."""

_LIKE_TITLE = 0.7
"""Share of words in common with the declared title from which a cut block is compared with it."""

_NAMELESS = frozenset({CutKind.METADATA, CutKind.NAVIGATION, CutKind.BYLINE, CutKind.OTHER})
"""Kinds that say less of a cut title than that it is one."""


def clean_html(
    html: str,
    *,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
    models: Models | None = None,
    octets: bytes | None = None,
) -> Article | Reject:
    """Clean one page; ``observed_at`` is when it was true, ``hints`` what its source said.

    ``octets`` is the page in UTF-8, the same to the octet, where the caller has it.
    """
    if len(html) > MAX_CHARS:
        limit = f"{len(html):,} characters, the limit is {MAX_CHARS:,}"
        return Reject(RejectReason.TOO_LARGE, limit)
    models = models or shipped()
    result = _in_view(html, url, observed_at, hints, models, octets)
    if isinstance(result, Reject) and (shown := revealed(html)) is not None:
        again = _in_view(shown, url, observed_at, hints, models, None)
        if isinstance(again, Article) and _was_out_of_view(again, html):
            return replace(again, evidence={**again.evidence, "text": "out of view"})
    if isinstance(result, Reject) and _is_empty(result) and needs_scripts(html):
        return replace(result, reason=RejectReason.NEEDS_JAVASCRIPT)
    return result


def _was_out_of_view(article: Article, html: str) -> bool:
    """Tell whether most of the text stands nowhere in view: what is there has been refused."""
    in_view = {line for text in read(parsed(html)).text for line in text.split("\n")}
    lines = [line.removeprefix("- ") for line in article.text.split("\n")]
    unseen = sum(len(line) for line in lines if line not in in_view)
    return 2 * unseen >= sum(map(len, lines))


def _is_empty(reject: Reject) -> bool:
    return reject.reason is RejectReason.NO_BODY or reject.detail.startswith(EMPTY)


def _in_view(
    html: str,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    models: Models,
    octets: bytes | None,
) -> Article | Reject:
    tree = parsed(html, octets)
    reading = read_page(tree, url, models)
    if reading is None:
        return Reject(RejectReason.NO_BODY, "the page shows no text")
    page = reading.page
    cells = data_cells(page)
    kept = whole_tables(cells, reading.kept, LEAST_OF_TABLE, reading.words)
    kept = tables_between(page, cells, kept, reading.rows[:, reading.at["text:link_share"]])
    kept = with_code(page, kept)
    kept = with_next(page, kept, reading.chance, reading.words, reading.ends)
    completed = replace(reading, kept=kept)
    known = metadata.reconcile(
        reading.evidence,
        blocks=text_blocks(page, kept.tolist()),
        url=url,
        observed_at=observed_at,
        hints=hints,
    )
    title = known.title or ""
    body, ruled = _body(completed, title, known.authors)
    pieces = pieces_of(page, body, cells)
    text, marked, source = body_text(pieces), markdown(pieces), "blocks"
    if len(reading.declared.body) > _DECLARED_MORE * len(text):
        pieces = _declared_pieces(reading.declared.body)
        text, marked, source = body_text(pieces), markdown(pieces), "json-ld articleBody"
    elif (refusal := _refusal(reading, tree, url, text, models)) is not None:
        return refusal  # a declared body says by itself that there is an article
    return Article(
        title=title,
        text=text,
        **known.fields(),
        cuts=_cuts(completed, ruled, title),
        markdown=marked,
        evidence={**known.evidence, "text": source},
    )


def _body(reading: Reading, title: str, authors: Sequence[str]) -> tuple[list[int], list[Ruling]]:
    """Give the article's blocks, and what rules take out of the chosen ones."""
    page = reading.page
    chosen = np.flatnonzero(reading.kept).tolist()
    ruled: list[Ruling] = []
    judges: tuple[Callable[[list[int]], list[Ruling]], ...] = (
        lambda rest: foreign_passages(reading, rest),
        lambda rest: rulings(page, rest, title),
        lambda rest: bylines(page, rest, authors),
        lambda rest: repeats(page, rest),
    )
    for judge in judges:
        ruled += judge(chosen)
        out = {ruling.index for ruling in ruled}
        chosen = [index for index in chosen if index not in out]
    return chosen, ruled


def _declared_pieces(body: str) -> list[Piece]:
    page = read(parsed(paragraphs(body)))
    return pieces_of(page, range(len(page)))


def _refusal(
    reading: Reading, tree: LexborHTMLParser, url: str | None, text: str, models: Models
) -> Reject | None:
    row = page_row(reading, url)
    chance = page_chance(row, models.pages)
    if chance < LEAST_ARTICLE:
        name = name_of_page(reading, tree, row)
        detail = f"{name}: as an article it has a chance of {chance:.3f}"
    elif len(text) < 12 * _LEAST_WORDS and (words := word_count(text)) < _LEAST_WORDS:
        name = name_of_page(reading, tree, row, empty=True)
        detail = f"{name}: {words} words of text"
    else:
        return None
    shown = " ".join(reading.page.text[:40])[:200]
    return Reject(RejectReason.NOT_AN_ARTICLE, detail, shown)


def _cuts(reading: Reading, ruled: Sequence[Ruling], title: str) -> tuple[Cut, ...]:
    page = reading.page
    kinds = cut_kinds(reading.rows)
    alike = reading.rows[:, reading.at["words:title_like"]] >= _LIKE_TITLE
    for index in np.flatnonzero(alike & ~reading.kept).tolist() if title else ():
        if kinds[index] in _NAMELESS and repeats_title(page.text[index], title):
            kinds[index] = CutKind.REPEATED_TITLE
    cuts = model_cuts(kinds, page.text, reading.chance, reading.kept)
    cuts += [Cut(one.kind, one.rule, one.index, page.text[one.index]) for one in ruled]
    return tuple(sorted(cuts, key=attrgetter("position")) if ruled else cuts)
