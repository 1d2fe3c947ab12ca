"""Sort a page's JSON-LD objects into the article, the page and the site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from copydesk.tasks.cleaning.metadata.jsonld import Node, texts, types_of
from copydesk.tasks.cleaning.metadata.model import Evidence
from copydesk.tasks.cleaning.title import title_key

# Endings of schema.org types for texts: NewsArticle, BlogPosting, Report …
_ARTICLE_ENDINGS: Final = ("article", "posting", "report")
_ARTICLE_TYPES: Final = frozenset(
    {
        "analysisnewsarticle", "book", "chapter", "creativework", "howto", "recipe", "review",
        "analysis", "opinion", "blog", "scholarlywork", "thesis", "faqpage", "claimreview",
        "medicalwebpage",
    }
)  # fmt: skip
_PAGE_ENDINGS: Final = ("webpage", "itempage", "aboutpage", "profilepage", "qapage")
_SITE_TYPES: Final = frozenset(
    {"website", "organization", "newsmediaorganization", "corporation", "publisher"}
)


_TEXT, _TEXT_LIKE, _PAGE, _SITE, _NOTHING = range(5)
# How likely an object describes the article, by what it is; ``_fit`` is added to it.
_LIKELY: Final = {_TEXT: 4, _TEXT_LIKE: 2}
_UNTYPED: Final = 1
_LEAST_FIT: Final = -2

# Addresses whose path needs no parsing, which takes ten times as long.
_WHOLE: Final = re.compile(r"https?://[a-z0-9.-]+(/[\w%.~+,=&:@!$'()*/-]*)?(?:[?#].*)?", re.A)


class Subject(NamedTuple):
    """The JSON-LD objects by what they describe, the most likely first."""

    articles: tuple[Node, ...]
    pages: tuple[Node, ...]
    sites: tuple[Node, ...]


def find_subject(evidence: Evidence) -> Subject:
    """Sort the objects; a list of other articles' headlines does not describe this article."""
    articles: list[tuple[int, Node]] = []
    pages: list[Node] = []
    sites: list[Node] = []
    for node in evidence.nodes:
        types = types_of(node)
        what = min(map(_what, types), default=_NOTHING)
        if what in _LIKELY:
            articles.append((_LIKELY[what], node))
        elif what == _PAGE:
            pages.append(node)
        elif what == _SITE:
            sites.append(node)
        elif not types and "headline" in node:
            articles.append((_UNTYPED, node))
    return Subject(_fitting(articles, evidence), tuple(pages), tuple(sites))


def _fitting(articles: Sequence[tuple[int, Node]], evidence: Evidence) -> tuple[Node, ...]:
    """Return the objects that fit the page about as well as the best does, the best first."""
    if not articles or (len(articles) == 1 and articles[0][0] > -_LEAST_FIT):
        return tuple(node for _, node in articles)  # however well it fits
    addresses = {a for a in map(_path, (evidence.url, evidence.canonical, _og_url(evidence))) if a}
    title_text = " ".join(
        title_key(text)
        for text in (evidence.title, *evidence.headings[:3], *evidence.meta.get("og:title", ()))
        if text
    )
    fits = [(likely + _fit(node, addresses, title_text), node) for likely, node in articles]
    fits.sort(key=lambda item: -item[0])
    best = fits[0][0]
    # Keep further objects only if they fit about as well: the same article described twice.
    return tuple(node for fit, node in fits if fit >= best - 2 and fit > 0)


@lru_cache(maxsize=256)
def _what(kind: str) -> int:
    """Return the class of a type, such as ``_PAGE``; the smallest if there are several types."""
    if kind.endswith(_ARTICLE_ENDINGS):
        return _TEXT
    if kind in _ARTICLE_TYPES:
        return _TEXT_LIKE
    if kind.endswith(_PAGE_ENDINGS):
        return _PAGE
    return _SITE if kind in _SITE_TYPES else _NOTHING


def _fit(node: Node, addresses: set[str], title_text: str) -> int:
    """Return how well an object matches, by address and headline: from ``_LEAST_FIT`` on."""
    fit = 0
    node_addresses = {p for p in map(_path, _addresses(node)) if p}
    if node_addresses and addresses:
        fit += 3 if node_addresses & addresses else -1
    headline = next(texts(node.get("headline") or node.get("name")), "")
    if headline and title_text:
        key = title_key(headline)
        fit += 2 if key and key in title_text else -1
    return fit


def _addresses(node: Node) -> Sequence[str]:
    addresses: list[Any] = [node.get("url"), node.get("@id")]
    page = node.get("mainEntityOfPage")
    addresses += [page.get("@id"), page.get("url")] if isinstance(page, dict) else [page]
    return [value for value in addresses if isinstance(value, str)]


def _og_url(evidence: Evidence) -> str | None:
    return next(iter(evidence.meta.get("og:url", ())), None)


def _path(address: str | None) -> str | None:
    """Return an address's path for comparison; None for a front page."""
    return _path_of(address) if address else None


@lru_cache(maxsize=256)  # a page repeats its address in several places
def _path_of(address: str) -> str | None:
    if match := _WHOLE.fullmatch(address):
        return (match[1] or "").rstrip("/").lower() or None
    try:
        path = urlsplit(address.strip()).path.rstrip("/").lower()
    except ValueError:
        return None
    return path or None
