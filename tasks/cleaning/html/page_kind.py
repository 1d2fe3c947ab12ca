"""Decide whether a page is an article, from features of the whole page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    # "/p/" and a name alone is a post's address on several platforms.
    "product": re.compile(r"/(?:product|item|dp|shop|buy)s?/|./p/|^/p/[^/]{1,200}/.|\bsku\b", re.I),
    "collection": re.compile(
        r"/(?:categor[a-z]*|collections?|tags?|topics?|archives?|c|search[a-z]*|browse|all|"
        r"catalog[a-z]*)(?:/|$)",
        re.I,
    ),
    "forum": re.compile(
        r"/(?:forums?|boards?|bbs|threads?|viewtopic|showthread|discussions?|r)[/.?]|"
        r"/(?:questions|topic|t|d|comments)/(?:[^/]{0,200}/)?\d",
        re.I,
    ),
    "documentation": re.compile(
        r"\bdocs?\b|documentation|/guide|/reference|/api|/manual|wiki", re.I
    ),
    "service": re.compile(
        r"/(?:service|solution|about|pricing|features|plans)[a-z-]*(?:/|$)", re.I
    ),
}
_DECLARED = {f"declares_{name}": kinds for name, kinds in _KINDS.items()}
_ADDRESSED = {f"path_{name}": pattern for name, pattern in _PATHS.items()}
_FORUM_HOST = re.compile(r"(?:^|\.)(?:forums?|boards?|bbs|discuss|discussions?)\.", re.I)
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


UNLIKELY_ARTICLE = 0.27
"""Probability below which a page is not an article unless it reads like one; docs/model-card.md."""

_THREAD, _PRODUCT, _COLLECTION = 0.75, 0.6, 0.6
"""The same for pages with the address of a forum's thread, and for those that declare no article
and have signs of a product, or of a collection, or nearly as many dates as long passages."""

_LIKELY_ARTICLE, _LITTLE_TEXT = 0.5, 150
"""Probability that a page with so few characters and no long block needs: it may be a notice or a
form's label. No article of the development sets with as little text is between the two limits."""

_UNSURE_ARTICLE, _LIKELIER_ARTICLE = 0.04, 0.09
"""Probabilities from which a short text, and one of a single paragraph, are articles, too, without
signs of another kind of page."""

_UNSURE_DECLARED, _UNSURE_PARAGRAPHS = 0.1, 0.05
"""Probabilities from which a short text, and one of two paragraphs, are an article if the page
declares one."""


def is_refused(row: Mapping[str, float], chance: float) -> bool:
    """Return whether a page with these features and probability is not an article.

    The probability alone refuses articles with layouts outside the training data: .06 of WCXB's if
    its articles are left out. Therefore a page is accepted if it declares an article and has its
    text, or if its chosen text is prose and nothing indicates a shop, a collection or a forum. With
    the address of an article ("/blog/") that may be a small share of the page, as in a shop. Long
    guides are filed like collections ("/topics/"); only signs of a product speak against them.
    Threads are prose, too: what tells them apart is the address, or a date with each passage.
    """
    if not row["kept_long"] and row["kept_text"] < _LITTLE_TEXT:
        return chance < _LIKELY_ARTICLE
    posts = _is_posts(row)
    if chance >= _least_chance(row, posts):
        return False
    if row["path_forum"] or posts:
        return True
    if _reads_as_declared(row, chance):
        return False
    product = row["declares_product"] or row["path_product"]
    if _is_prose(row, _LONG_PROSE) and (row["declares_article"] or not product):
        return False
    if any(row[name] for name in _OTHER_PAGES):
        return True
    if _is_prose(row, _SURE_PROSE) or (row["path_article"] and _is_prose(row, _ADDRESSED_PROSE)):
        return False
    if row["kept_money"] or row["cards"] >= _MAX_CARDS or row["kept_headings"] >= _MAX_HEADINGS:
        return True
    return not (
        (chance >= _UNSURE_ARTICLE and _is_prose(row, _SHORT_PROSE))
        or (chance >= _LIKELIER_ARTICLE and _is_prose(row, _PARAGRAPH))
    )


def _is_posts(row: Mapping[str, float]) -> bool:
    """Return whether the text is one of dated passages, and no article is declared."""
    return (
        row["span_dates"] >= _POST_DATES
        and row["kept_long"] >= _FEWEST_POSTS
        and not row["declares_article"]
    )


def _least_chance(row: Mapping[str, float], posts: bool) -> float:
    """Return the probability from which a page is an article, whatever it reads like."""
    if row["path_forum"]:
        return _THREAD
    least = UNLIKELY_ARTICLE
    if not row["declares_article"]:
        if row["declares_product"] or row["path_product"]:
            least = _PRODUCT
        elif posts or row["declares_collection"] or row["path_collection"]:
            least = _COLLECTION
    return least


def _reads_as_declared(row: Mapping[str, float], chance: float) -> bool:
    """Return whether a page declares an article and has its text.

    One that declares products, too (a test of several), needs a longer text.
    """
    if not row["declares_article"]:
        return False
    if chance >= _UNSURE_DECLARED and _is_prose(row, _SHORT_PROSE):
        return True
    if row["declares_product"]:
        return _is_prose(row, _REVIEW_PROSE)
    if _is_prose(row, _DECLARED_PROSE) or _is_prose(row, _DECLARED_GUIDE):
        return True
    return (
        chance >= _UNSURE_PARAGRAPHS
        and row["kept_text"] >= _PARAGRAPHS_TEXT
        and _is_prose(row, _DECLARED_PARAGRAPHS)
    )


class _Prose(NamedTuple):
    """Limits for a chosen text that counts as prose, by ``FIGURES``."""

    long_blocks: int
    long_share: float
    link_share: float
    chance: float
    page_share: float


_DECLARED_PROSE = _Prose(3, 0.6, 0.2, 0.5, 0.2)
_DECLARED_GUIDE = _Prose(20, 0.5, 0.15, 0.6, 0.2)
_DECLARED_PARAGRAPHS, _PARAGRAPHS_TEXT = _Prose(2, 0.9, 0.1, 0.6, 0.2), 1000
_REVIEW_PROSE = _Prose(8, 0.8, 0.2, 0.5, 0.2)
_LONG_PROSE = _Prose(20, 0.5, 0.15, 0.6, 0.5)
_SURE_PROSE = _Prose(5, 0.7, 0.1, 0.7, 0.4)
_ADDRESSED_PROSE = _Prose(5, 0.7, 0.1, 0.7, 0.1)
_SHORT_PROSE = _Prose(3, 0.6, 0.25, 0.0, 0.0)
_PARAGRAPH = _Prose(1, 0.7, 0.3, 0.3, 0.08)
_MAX_CARDS, _MAX_HEADINGS = 0.8, 0.5
_POST_DATES, _FEWEST_POSTS = 0.7, 3
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


FIGURES = tuple(
    words(
        "blocks text kept kept_text kept_share kept_mean kept_links kept_long kept_long_share "
        "kept_headings kept_span kept_ends kept_alike kept_money kept_first sure sure_text doubt "
        "highest links link_blocks long headings alike images money shop cards comments bylines "
        "dates forms in_article kept_teased teased span_dates span_bylines kept_runs"
    )
)
"""Features of the blocks and the choice among them; the order is part of the model.

The last five tell lists of passages from a story: the shares of the chosen text and of all long
passages below a heading that is a link; dates and bylines from the first chosen block to the last,
and runs of chosen blocks, each for a long chosen block.
"""

_READ = (
    *("text:length", "text:link_share", "siblings:1_alike", "marks:tag", "text:ends"),
    *("text:images", "class:shop", "class:card", "class:comment", "said:byline", "said:dates"),
    *("marks:form", "marks:article"),
)
"""Columns from which the figures are computed; ``_page_kind.pyx`` relies on their order."""

_LONG = 80  # characters
_TEASER = 6  # blocks below a heading that is a link


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
    within = slice(body[0], body[-1] + 1) if len(body) else slice(0)
    span = _total(length[within])
    numbers = np.arange(size)
    above = np.maximum.accumulate(np.where(heading, numbers, -1))
    teased = (above >= 0) & (numbers - above <= _TEASER) & (share > 0.8)[above] & ~heading
    passage = (length > _LONG) & (share < 0.5)
    stories = max(1, int(np.count_nonzero(long_ones)))
    runs = 1 + np.count_nonzero(np.diff(body) > 1) if len(body) else 0

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
        _total(length[body][teased[body]]) / body_text,
        _total(length[passage & teased]) / max(1.0, _total(length[passage])),
        _total(dates[within]) / stories,
        _total(byline[within]) / stories,
        runs / stories,
    ]


def _figures(analysis: PageAnalysis) -> list[float]:
    rows, chance, retained = analysis.rows, analysis.chance, analysis.retained
    if native_kinds is None:
        return page_figures(rows, chance, retained)
    figures: list[float] = native_kinds.figures(
        np.ascontiguousarray(rows.T), chance, retained.view(np.uint8), _places()
    )
    return figures


def page_row(analysis: PageAnalysis, url: str | None) -> dict[str, float]:
    """Return the page's features by name; the order is part of the model."""
    page, evidence = analysis.page, analysis.evidence
    body = analysis.retained.nonzero()[0].tolist()
    row = dict(zip(FIGURES, _figures(analysis), strict=True))
    row["kept_money"] = _prices([page.text[index] for index in body], 300) / max(1, len(body))
    row["money"] = float(_prices(page.text, 40))
    kinds = declared_kinds(evidence)
    parts = split_address(url) if url else None
    path = parts.path if parts else ""
    row |= {
        "h1": float(len(evidence.headings)),
        "published": float(
            "published" in "\n".join(evidence.meta)
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
    for name, values in _DECLARED.items():
        row[name] = 0.0 if kinds.isdisjoint(values) else 1.0
    for name, pattern in _ADDRESSED.items():
        row[name] = 1.0 if pattern.search(path) else 0.0
    if parts and _FORUM_HOST.search(parts.hostname or ""):
        row["path_forum"] = 1.0
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
