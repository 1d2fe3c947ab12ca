"""Decide whether a page is an article, from features of the whole page, and name other kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.plain_text import word_count
from copydesk.schemas.values import split_address
from copydesk.tasks.cleaning.html.features import columns
from copydesk.tasks.cleaning.html.layout import Floats
from copydesk.tasks.cleaning.html.model import Forest
from copydesk.tasks.cleaning.html.native import native_kinds
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.metadata import Evidence
from copydesk.tasks.cleaning.vocabulary.class_names import words

_ARTICLES = frozenset(
    words(
        "article newsarticle blogposting reportagenewsarticle analysisnewsarticle "
        "opinionnewsarticle liveblogposting scholarlyarticle techarticle medicalscholarlyarticle "
        "reviewnewsarticle advertisercontentarticle satiricalarticle socialmediaposting recipe"
    )
)
_KINDS: dict[str, frozenset[str]] = {
    "article": _ARTICLES,
    "product": frozenset({"product", "productgroup", "offer", "aggregateoffer", "product.item"}),
    "collection": frozenset({"collectionpage", "itemlist", "offercatalog", "searchresultspage"}),
    "forum": frozenset({"qapage", "discussionforumposting", "question", "comment"}),
    "service": frozenset(
        {"service", "localbusiness", "professionalservice", "softwareapplication"}
    ),
    "faq": frozenset({"faqpage"}),
    "breadcrumb": frozenset({"breadcrumblist"}),
    "website": frozenset({"website"}),
    "recipe": frozenset({"recipe", "howto"}),
}
_PATHS: dict[str, re.Pattern[str]] = {
    "article": re.compile(r"/(?:19|20)\d\d/|/(?:blog|news|article|story|post|magazine)s?/", re.I),
    "product": re.compile(r"/(?:product|item|dp|p|shop|buy)s?/|\bsku\b", re.I),
    "collection": re.compile(
        r"/(?:categor|collection|tag|topic|archive|c|search|browse|all|catalog)[a-z]*(?:/|$)", re.I
    ),
    "forum": re.compile(
        r"forum|/threads?/|/topic/|/questions?/|viewtopic|/t/|/comments/|/r/", re.I
    ),
    "documentation": re.compile(
        r"\bdocs?\b|documentation|/guide|/reference|/api|/manual|wiki", re.I
    ),
    "service": re.compile(
        r"/(?:service|solution|about|pricing|features|plans)[a-z-]*(?:/|$)", re.I
    ),
}
_ERROR = re.compile(
    r"\b404\b|\b403\b|\b50[0234]\b|not found|page (?:does not|doesn.t) exist|access denied|"
    r"forbidden|bad gateway|service unavailable|just a moment|attention required|"
    r"nicht gefunden|introuvable|no encontrada|não encontrada|non trovata|не найдена"
)
_CONSENT = re.compile(
    r"(?:accept|agree|akzeptieren|zustimmen|accepter|aceptar|aceitar|accetta).{0,200}cookie|"
    r"cookie.{0,400}(?:accept|agree|akzeptieren|zustimmen|accepter|aceptar|aceitar|accetta)|"
    r"before you continue|consent",
    re.S,
)
# Two patterns that each start with a character class: combined, they would be tried at every
# character and take ten times as long.
_MONEY = re.compile(r"[$€£¥₹]\s?\d")
_MONEY_AFTER = re.compile(r"\d\s?(?:€|zł|kr|USD|EUR)\b")


def declared_kinds(evidence: Evidence) -> set[str]:
    """Return ``og:type`` and all JSON-LD types, in lower case."""
    kinds = {kind.lower() for kind in evidence.meta.get("og:type", ())}
    for node in evidence.nodes:
        types = node.get("@type")
        for kind in types if isinstance(types, list) else [types]:
            if isinstance(kind, str):
                kinds.add(kind.lower())
    return kinds


def page_chance(row: Mapping[str, float], model: Forest) -> float:
    """Return the probability that the page with these features is an article."""
    return float(model.chance(np.array([list(row.values())], np.float32))[0])


UNLIKELY_ARTICLE = 0.25
"""Probability below which a page is not an article unless it reads like one; docs/model-card.md."""

_LIKELY_ARTICLE, _LITTLE_TEXT = 0.5, 150
"""Probability that a page with so few characters and no long block needs: it may be a notice or a
form's label. No article of the development sets with as little text is between the two limits."""

_UNSURE_ARTICLE, _LIKELIER_ARTICLE = 0.04, 0.09
"""Probabilities from which a short text, and one of a single paragraph, are articles, too, without
signs of another kind of page."""


def is_refused(row: Mapping[str, float], chance: float) -> bool:
    """Return whether a page with these features and probability is not an article.

    The probability alone refuses articles with layouts outside the training data: .15 of WCXB's if
    its articles are left out. Therefore a page is accepted if it declares an article and has its
    text, or if its chosen text is prose and nothing indicates a shop, a collection or a forum. Long
    guides are filed like collections ("/topics/"); only signs of a product speak against them.
    """
    if not row["kept_long"] and row["kept_text"] < _LITTLE_TEXT:
        return chance < _LIKELY_ARTICLE
    if chance >= UNLIKELY_ARTICLE:
        return False
    if row["declares_article"] and not row["declares_product"] and _is_prose(row, _DECLARED_PROSE):
        return False
    product = row["declares_product"] or row["path_product"]
    if _is_prose(row, _LONG_PROSE) and (row["declares_article"] or not product):
        return False
    if any(row[name] for name in _OTHER_PAGES):
        return True
    if _is_prose(row, _SURE_PROSE):
        return False
    if row["kept_money"] or row["cards"] >= _MAX_CARDS or row["kept_headings"] >= _MAX_HEADINGS:
        return True
    return not (
        (chance >= _UNSURE_ARTICLE and _is_prose(row, _SHORT_PROSE))
        or (chance >= _LIKELIER_ARTICLE and _is_prose(row, _PARAGRAPH))
    )


class _Prose(NamedTuple):
    """Limits for a chosen text that counts as prose, by ``FIGURES``."""

    long_blocks: int
    long_share: float
    link_share: float
    chance: float
    page_share: float


_DECLARED_PROSE = _Prose(3, 0.6, 0.2, 0.5, 0.2)
_LONG_PROSE = _Prose(20, 0.5, 0.15, 0.6, 0.5)
_SURE_PROSE = _Prose(5, 0.7, 0.1, 0.7, 0.4)
_SHORT_PROSE = _Prose(3, 0.6, 0.25, 0.0, 0.0)
_PARAGRAPH = _Prose(1, 0.7, 0.3, 0.3, 0.08)
_MAX_CARDS, _MAX_HEADINGS = 0.6, 0.3
_OTHER_PAGES = (
    *("declares_product", "declares_collection"),
    *("path_product", "path_collection", "path_forum"),
)


def _is_prose(row: Mapping[str, float], bounds: _Prose) -> bool:
    return (
        row["kept_long"] >= bounds.long_blocks
        and row["kept_long_share"] >= bounds.long_share
        and row["kept_links"] <= bounds.link_share
        and row["sure_text"] >= bounds.chance
        and row["kept_share"] >= bounds.page_share
    )


def name_of_page(
    analysis: PageAnalysis, tree: LexborHTMLParser, row: Mapping[str, float], *, empty: bool = False
) -> str:
    """Return what kind of page a refused page is, in words; "a page" if nothing indicates it."""
    page = analysis.page
    title = (analysis.evidence.title or "").lower()
    visible_text = " ".join(page.text[:40])[:2_000].lower()
    if _ERROR.search(title) or (row["text"] < 1_500 and _ERROR.search(visible_text)):
        return "error page"
    if row["text"] < 2_500 and tree.css_first('input[type="password"]') is not None:
        return "login page"
    if row["text"] < 6_000 and _CONSENT.search(visible_text) and row["kept_text"] < 1_000:
        return "consent wall"
    if empty or row["text"] < 300:
        return EMPTY
    listing = row["link_blocks"] > 0.6 or row["cards"] > 0.3
    signs = {
        "product page": row["declares_product"] and not row["declares_collection"],
        "forum page": row["path_forum"] and (row["declares_forum"] or row["comments"] > 0.2),
        "collection page": row["declares_collection"] or (row["path_collection"] and listing),
        "documentation page": row["path_documentation"] and not listing,
    }
    return next((name for name, holds in signs.items() if holds), _listing(row))


def _listing(row: Mapping[str, float]) -> str:
    return "listing page" if row["link_blocks"] > 0.6 or row["kept_links"] > 0.4 else "a page"


EMPTY = "empty shell"
"""The name of a page with almost no text."""

FIGURES = tuple(
    words(
        "blocks text kept kept_text kept_share kept_mean kept_links kept_long kept_long_share "
        "kept_headings kept_span kept_ends kept_alike kept_money kept_first sure sure_text doubt "
        "highest links link_blocks long headings alike images money shop cards comments bylines "
        "dates forms in_article"
    )
)
"""Features of the blocks and the choice among them; the order is part of the model."""

_READ = (
    *("text:length", "text:link_share", "siblings:1_alike", "marks:tag", "text:ends"),
    *("text:images", "class:shop", "class:card", "class:comment", "said:byline", "said:dates"),
    *("marks:form", "marks:article"),
)
"""Columns from which the figures are computed; ``_page_kind.pyx`` relies on their order."""

_LONG = 80  # characters


@cache
def _places() -> NDArray[np.int64]:
    return np.array([columns()[name] for name in _READ], np.int64)


def _total(values: NDArray[Any]) -> float:
    """Return the sum, added in 64 bits in the same order as in the compiled loop."""
    return float(np.cumsum(values, dtype=np.float64)[-1]) if len(values) else 0.0


def page_figures(rows: Floats, chance: Floats, retained: NDArray[np.bool_]) -> list[float]:
    """Return the values of ``FIGURES`` without the compiled loop; prices are 0."""
    read = (rows[:, at] for at in _places().tolist())
    length, share, alike, tag, ends, images, shop, card, comment, byline, dates, form, article = (
        read
    )
    linked, heading, size = length * share, (tag >= 6) & (tag <= 11), len(rows)
    body = np.flatnonzero(retained)
    body_size, body_length = max(1, len(body)), length[body]
    text, body_text = max(1.0, _total(length)), max(1.0, _total(body_length))
    long_ones = body_length > _LONG
    span = _total(length[body[0] : body[-1] + 1]) if len(body) else 0.0

    def count(which: NDArray[np.bool_]) -> float:
        return float(np.count_nonzero(which))

    return [
        float(size),
        text,
        float(len(body)),
        body_text,
        body_text / text,
        body_text / body_size,
        _total(linked[body]) / body_text,
        count(long_ones),
        _total(body_length[long_ones]) / body_text,
        count(heading[body]) / body_size,
        body_text / max(1.0, span) if len(body) else 0.0,
        _total(ends[body]) / body_text,
        _total(alike[body] * body_length) / _total(body_length) if len(body) else 0.0,
        0.0,
        float(body[0]) / size if len(body) else 1.0,
        _total(chance[body]) / len(body) if len(body) else 0.0,
        _total(chance[body] * body_length) / body_text,
        _total(chance * (1 - chance)) / body_size,
        float(chance.max()),
        _total(linked) / text,
        count(share > 0.8) / size,
        count(length > _LONG),
        count(heading),
        float(alike.max()),
        _total(images),
        0.0,
        *(count(near <= 2) / size for near in (shop, card, comment)),
        *(_total(of) for of in (byline, dates, form)),
        _total(article[body]) / len(body) if len(body) else 0.0,
    ]


def _figures(analysis: PageAnalysis) -> list[float]:
    rows, chance, retained = analysis.rows, analysis.chance, analysis.retained
    if native_kinds is None:
        return page_figures(rows, chance, retained)
    figures = np.empty(len(FIGURES), np.float64)
    native_kinds.figures(
        np.ascontiguousarray(rows.T), chance, retained.view(np.uint8), _places(), figures
    )
    listed: list[float] = figures.tolist()
    return listed


def page_row(analysis: PageAnalysis, url: str | None) -> dict[str, float]:
    """Return the page's features by name; the order is part of the model."""
    page, evidence = analysis.page, analysis.evidence
    body = np.flatnonzero(analysis.retained).tolist()
    row = dict(zip(FIGURES, _figures(analysis), strict=True))
    row["kept_money"] = _prices([page.text[index] for index in body], 300) / max(1, len(body))
    row["money"] = float(_prices(page.text, 40))
    kinds = declared_kinds(evidence)
    parts = split_address(url) if url else None
    path = parts.path if parts else ""
    row |= {
        "h1": float(len(evidence.headings)),
        "published": float(
            any("published" in name or "datepublished" in name for name in evidence.meta)
            or any("datePublished" in node for node in evidence.nodes)
        ),
        "author": float(
            "author" in evidence.meta
            or "article:author" in evidence.meta
            or any("author" in node for node in evidence.nodes)
        ),
        "title_words": float(word_count(evidence.title or "")),
        "path_depth": float(path.strip("/").count("/")) if path.strip("/") else -1.0,
        "path_words": float(path.rsplit("/", 2)[-1].count("-") or path.rstrip("/").count("-")),
        "path_digits": float(sum(map(str.isdigit, path))),
    }
    for name, values in _KINDS.items():
        row[f"declares_{name}"] = float(not kinds.isdisjoint(values))
    for name, pattern in _PATHS.items():
        row[f"path_{name}"] = float(pattern.search(path) is not None)
    return row


def _prices(texts: list[str], size: int) -> int:
    """Count prices in texts that are shorter than ``size``."""
    if native_kinds is None:
        return count_prices("\n".join([text for text in texts if len(text) < size]))
    counted: int = native_kinds.prices_of(texts, size)
    return counted


def count_prices(text: str) -> int:
    """Return the number of prices; the Python version of the compiled loop."""
    text, count = _MONEY.subn("\0", text)
    return count + len(_MONEY_AFTER.findall(text))
