"""Extract the article from a page's HTML, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.schemas.plain_text import word_count
from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.access import with_access
from copydesk.tasks.cleaning.biographies import biographies
from copydesk.tasks.cleaning.html.block_choice import with_code, with_next
from copydesk.tasks.cleaning.html.block_settings import text_blocks
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.cuts import KINDS, REPEATED_TITLE, cut_kinds, model_cuts
from copydesk.tasks.cleaning.html.data_body import paragraphs
from copydesk.tasks.cleaning.html.foreign import foreign_passages
from copydesk.tasks.cleaning.html.inserts import inserts
from copydesk.tasks.cleaning.html.out_of_view import (
    asks_for_scripts,
    displays_prose,
    needs_scripts,
    revealed,
)
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.page_analysis import Models, PageAnalysis, read_page, shipped
from copydesk.tasks.cleaning.html.page_kind import is_refused, page_chance, page_row
from copydesk.tasks.cleaning.html.page_name import EMPTY, name_of_page
from copydesk.tasks.cleaning.html.parser_limits import as_text, parsed
from copydesk.tasks.cleaning.html.quality_row import quality_row
from copydesk.tasks.cleaning.html.render import written
from copydesk.tasks.cleaning.html.rules import Ruling, any_repeated, bylines, repeats, rulings
from copydesk.tasks.cleaning.html.short_post import with_short_post
from copydesk.tasks.cleaning.html.tables import data_cells, tables_between, whole_tables
from copydesk.tasks.cleaning.html.walls import shown_access
from copydesk.tasks.cleaning.reservations import in_page
from copydesk.tasks.cleaning.title import repeats_title

MAX_CHARS = 16_000_000
"""Three times the largest page of WCXB (5.3 million characters); limits memory and time."""

_LEAST_WORDS = 12
"""Minimum words of a body: a page's only sentence is its cookie notice."""

_DECLARED_MORE = 2.5
"""A declared body replaces the chosen text if it is this many times as long."""

LEAST_OF_TABLE = 0.3
"""Minimum share of a table's words chosen by the model to keep the whole table: .1 would gain .0003
on WCXB, but include lists of links that are set as tables."""

_LIKE_TITLE = 0.7
"""Minimum share of words that a cut block has in common with the declared title to be compared."""

_NAMELESS = frozenset({CutKind.METADATA, CutKind.NAVIGATION, CutKind.BYLINE, CutKind.OTHER})
"""Kinds that are less specific than "title" for a cut that repeats it."""


def clean_html(
    html: str | bytes,
    *,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
    models: Models | None = None,
) -> Article | Reject:
    """Clean one page.

    Args:
        html: The page, as text or in valid UTF-8.
        url: Its address.
        observed_at: When the content was current.
        hints: Metadata from the source.
        models: The trained models; those of the package by default.
    """
    if len(html) > MAX_CHARS and (size := len(as_text(html))) > MAX_CHARS:
        limit = f"{size:,} characters, the limit is {MAX_CHARS:,}"
        return Reject(RejectReason.TOO_LARGE, limit)
    models = models or shipped()
    tree = parsed(html)
    analysis = read_page(tree, url, models)
    result = _in_view(analysis, tree, html, url, observed_at, hints, models)
    if isinstance(result, Article):
        return result
    displayed = Page() if analysis is None else analysis.page
    if displays_prose(displayed):
        return result
    html = as_text(html)
    revealed_html = revealed(html)
    if revealed_html is not None:
        revealed_tree = parsed(revealed_html)
        second_result = _in_view(
            read_page(revealed_tree, url, models),
            *(revealed_tree, revealed_html, url, observed_at, hints, models),
        )
        if isinstance(second_result, Article) and _is_undisplayed_body(second_result, displayed):
            return replace(
                second_result, evidence={**second_result.evidence, "text": "out of view"}
            )
    if _is_empty(result) and needs_scripts(html):
        return replace(result, reason=RejectReason.NEEDS_JAVASCRIPT)
    return result


def _is_undisplayed_body(article: Article, displayed: Page) -> bool:
    """Return whether most of the text is not displayed, while the displayed text was refused.

    A notice that scripts are turned off is not a body.
    """
    if asks_for_scripts(article.text):
        return False
    in_view = {line for text in displayed.text for line in text.split("\n")}
    lines = [line.removeprefix("- ") for line in article.text.split("\n")]
    unseen = sum(len(line) for line in lines if line not in in_view)
    return 2 * unseen >= sum(map(len, lines))


def _is_empty(reject: Reject) -> bool:
    return reject.reason is RejectReason.NO_BODY or reject.detail.startswith(EMPTY)


def _in_view(
    analysis: PageAnalysis | None,
    tree: LexborHTMLParser,
    html: str | bytes,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    models: Models,
) -> Article | Reject:
    if analysis is None:
        return Reject(RejectReason.NO_BODY, "the page shows no text")
    page = analysis.page
    cells = data_cells(page)
    retained = whole_tables(cells, analysis.retained, LEAST_OF_TABLE, analysis.words)
    retained = tables_between(
        page, cells, retained, analysis.rows[:, analysis.column_numbers["text:link_share"]]
    )
    retained = with_code(page, retained) if analysis.has_code else retained
    post = with_short_post(analysis, retained)
    stands_above_comments, retained = post is not retained, post
    retained = with_next(page, retained, analysis.chance, analysis.words, analysis.ends)
    completed = analysis.with_choice(retained)
    fields = metadata.reconcile(
        analysis.evidence,
        blocks=text_blocks(page, retained.tolist()),
        url=url,
        observed_at=observed_at,
        hints=hints,
    )
    title = fields.title or ""
    body, ruled = _body(completed, title, fields.authors)
    base = url or fields.canonical_url
    source = "blocks"
    text, body_markdown = written(page, body, cells, base)
    figures = page_row(analysis, url)
    chance = page_chance(figures, models.pages)
    if stands_above_comments:
        figures["span_dates"] = 0.0  # of comments, which are cut
    is_declared = len(analysis.declared.body) > _DECLARED_MORE * len(text)
    if is_declared:
        source = "json-ld articleBody"
        text, body_markdown = _declared_body(analysis.declared.body, base)
    elif (refusal := _refusal(analysis, tree, figures, chance, text)) is not None:
        return refusal  # a declared body shows that there is an article
    quality = None
    if models.quality is not None:
        quality = models.quality.probability(quality_row(completed, body))
    shown = shown_access(text, page, () if is_declared else body, tree, html, fields.language)
    article = Article(
        title=title,
        text=text,
        **fields.fields(),
        quality=quality,
        reservations=in_page(analysis.evidence.meta),
        cuts=_cuts(completed, ruled, title),
        markdown=body_markdown,
        evidence={**fields.evidence, "text": source},
    )
    return with_access(article, fields.stated_access, shown)


def _body(
    analysis: PageAnalysis, title: str, authors: Sequence[str]
) -> tuple[list[int], list[Ruling]]:
    """Return the article's blocks, and the rulings that removed some of the model's choice."""
    page = analysis.page
    body: list[int] = analysis.retained.nonzero()[0].tolist()
    ruled: list[Ruling] = []
    repeated = any_repeated(page, body)
    judges: tuple[Callable[[list[int]], list[Ruling]], ...] = (
        lambda remaining: foreign_passages(analysis, remaining),
        lambda remaining: rulings(page, remaining, title, repeated=repeated),
        lambda remaining: inserts(analysis, remaining, authors, ruled),
        lambda remaining: bylines(page, remaining, authors),
        lambda remaining: [
            Ruling(index, CutKind.BYLINE, "about_the_author")
            for index in biographies(page.text, remaining, authors)
        ],
        lambda remaining: repeats(page, remaining) if repeated else [],
    )
    for judge in judges:
        if new_rulings := judge(body):
            ruled += new_rulings
            cut_indexes = {ruling.index for ruling in new_rulings}
            body = [index for index in body if index not in cut_indexes]
    return body, ruled


def _declared_body(body: str, base: str | None) -> tuple[str, str]:
    page = read(parsed(paragraphs(body)))
    return written(page, range(len(page)), base=base)


def _refusal(
    analysis: PageAnalysis,
    tree: LexborHTMLParser,
    row: Mapping[str, float],
    chance: float,
    text: str,
) -> Reject | None:
    if is_refused(row, chance):
        name = name_of_page(analysis, tree, row)
        detail = f"{name}: as an article it has a chance of {chance:.3f}"
    elif len(text) < 12 * _LEAST_WORDS and (words := word_count(text)) < _LEAST_WORDS:
        name = name_of_page(analysis, tree, row, empty=True)
        detail = f"{name}: {words} words of text"
    else:
        return None
    excerpt = " ".join(analysis.page.text[:40])[:200]
    return Reject(RejectReason.NOT_AN_ARTICLE, detail, excerpt)


def _cuts(analysis: PageAnalysis, rulings: Sequence[Ruling], title: str) -> tuple[Cut, ...]:
    page, retained = analysis.page, analysis.retained
    numbers = cut_kinds(analysis.rows, retained)
    if title:
        alike = analysis.rows[:, analysis.column_numbers["words:title_like"]] >= _LIKE_TITLE
        for index in alike.nonzero()[0].tolist():
            if retained[index] or KINDS[numbers[index]] not in _NAMELESS:
                continue
            if repeats_title(page.text[index], title):
                numbers[index] = REPEATED_TITLE
    cuts = model_cuts(numbers, page.text, analysis.chance, retained)
    if not rulings:
        return tuple(cuts)
    cuts += [
        Cut(ruling.kind, ruling.rule, ruling.index, page.text[ruling.index]) for ruling in rulings
    ]
    return tuple(sorted(cuts, key=attrgetter("position")))
