"""Article or not: what the whole page looks like, and the name of what it is instead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser

from tasks.cleaning.html.model import Forest
from tasks.cleaning.html.reading import Reading
from tasks.cleaning.html.vocabulary import words
from tasks.cleaning.metadata import Evidence

_ARTICLES = frozenset(
    words(
        "article newsarticle blogposting reportagenewsarticle analysisnewsarticle "
        "opinionnewsarticle liveblogposting scholarlyarticle techarticle medicalscholarlyarticle "
        "reviewnewsarticle advertisercontentarticle satiricalarticle socialmediaposting"
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
_SIGNS = ("$", "€", "£", "¥", "₹")
_UNITS = ("€", "USD", "EUR", "zł", "kr")
# Two patterns that each start with a set of characters: tried as one, at every character, they
# take ten times as long.
_MONEY = re.compile(r"[$€£¥₹]\s?\d")
_MONEY_AFTER = re.compile(r"\d\s?(?:€|zł|kr|USD|EUR)\b")


def declared_kinds(evidence: Evidence) -> set[str]:
    """Give ``og:type`` and all JSON-LD types, in lower case."""
    kinds = {kind.lower() for kind in evidence.meta.get("og:type", ())}
    for node in evidence.nodes:
        named = node.get("@type")
        for kind in named if isinstance(named, list) else [named]:
            if isinstance(kind, str):
                kinds.add(kind.lower())
    return kinds


def page_chance(reading: Reading, url: str | None, model: Forest) -> float:
    """Give the probability that the page is an article."""
    row = page_row(reading, url)
    return float(model.chance(np.array([list(row.values())], np.float32))[0])


def name_of_page(
    reading: Reading, tree: LexborHTMLParser, url: str | None, *, empty: bool = False
) -> str:
    """Name what a page that is no article is: for people, by the plainest sign."""
    row = page_row(reading, url)
    page = reading.page
    title = (reading.evidence.title or "").lower()
    shown = " ".join(page.text[:40])[:2_000].lower()
    if tree.css_first('input[type="password"]') is not None and row["kept_text"] < 1_500:
        return "login page"
    if _ERROR.search(title) or (row["text"] < 1_500 and _ERROR.search(shown)):
        return "error page"
    if row["text"] < 6_000 and _CONSENT.search(shown) and row["kept_text"] < 1_000:
        return "consent wall"
    if empty or row["text"] < 300:
        return "empty shell"
    if row["declares_product"] or (row["path_product"] and row["money"] > 2):
        return "product page"
    if row["declares_forum"] or row["path_forum"]:
        return "forum page"
    if row["path_documentation"]:
        return "documentation page"
    if row["declares_collection"] or row["path_collection"] or row["money"] > 12:
        return "collection page"
    if row["link_blocks"] > 0.6 or row["kept_links"] > 0.4 or row["cards"] > 0.3:
        return "listing page"
    return "service page"


def page_row(reading: Reading, url: str | None) -> dict[str, float]:
    """Give the page's features by name; the order is part of the model."""
    page, rows, at = reading.page, reading.rows, reading.at
    chance, evidence = reading.chance, reading.evidence
    length = rows[:, at["text:length"]]
    link_share, alike, tag = (
        rows[:, at[name]] for name in ("text:link_share", "siblings:1_alike", "marks:tag")
    )
    linked = length * link_share
    heading = (tag >= 6) & (tag <= 11)  # h1 to h6
    chosen = np.flatnonzero(reading.kept)
    own = length[chosen]
    text = max(1.0, float(length.sum()))
    mine = max(1.0, float(own.sum()))
    long_ones = own > 80
    kinds = declared_kinds(evidence)
    parts = urlsplit(url) if url else None
    path = parts.path if parts else ""
    joined = (page.text[index] for index in chosen.tolist())
    money = _prices("\n".join([part for part in joined if len(part) < 300]))
    all_money = _prices("\n".join([part for part in page.text if len(part) < 40]))

    def share(which: NDArray[np.bool_]) -> float:
        return float(np.count_nonzero(which) / len(which))

    row = {
        "blocks": float(len(page)),
        "text": text,
        "kept": float(len(chosen)),
        "kept_text": mine,
        "kept_share": mine / text,
        "kept_mean": mine / max(1, len(chosen)),
        "kept_links": float(linked[chosen].sum()) / mine,
        "kept_long": float(long_ones.sum()),
        "kept_long_share": float(own[long_ones].sum()) / mine,
        "kept_headings": float(heading[chosen].sum()) / max(1, len(chosen)),
        "kept_span": mine / max(1.0, float(length[chosen[0] : chosen[-1] + 1].sum()))
        if len(chosen)
        else 0.0,
        "kept_ends": float(rows[chosen, at["text:ends"]].sum()) / mine,
        "kept_alike": float((alike[chosen] * own).sum() / own.sum()) if len(chosen) else 0.0,
        "kept_money": money / max(1, len(chosen)),
        "kept_first": float(chosen[0]) / len(page) if len(chosen) else 1.0,
        "sure": float(chance[chosen].mean()) if len(chosen) else 0.0,
        "sure_text": float((chance[chosen] * own).sum()) / mine,
        "doubt": float((chance * (1 - chance)).sum()) / max(1, len(chosen)),
        "highest": float(chance.max()),
        "links": float(linked.sum()) / text,
        "link_blocks": share(link_share > 0.8),
        "long": float(np.count_nonzero(length > 80)),
        "headings": float(np.count_nonzero(heading)),
        "alike": float(alike.max()),
        "images": float(rows[:, at["text:images"]].sum()),
        "money": float(all_money),
        "shop": share(rows[:, at["class:shop"]] <= 2),
        "cards": share(rows[:, at["class:card"]] <= 2),
        "comments": share(rows[:, at["class:comment"]] <= 2),
        "bylines": float(rows[:, at["said:byline"]].sum()),
        "dates": float(rows[:, at["said:dates"]].sum()),
        "forms": float(rows[:, at["marks:form"]].sum()),
        "in_article": float(rows[chosen, at["marks:article"]].mean()) if len(chosen) else 0.0,
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
        "title_words": float(len((evidence.title or "").split())),
        "path_depth": float(path.strip("/").count("/")) if path.strip("/") else -1.0,
        "path_words": float(path.rsplit("/", 2)[-1].count("-") or path.rstrip("/").count("-")),
        "path_digits": float(sum(map(str.isdigit, path))),
    }
    for name, values in _KINDS.items():
        row[f"declares_{name}"] = float(not kinds.isdisjoint(values))
    for name, pattern in _PATHS.items():
        row[f"path_{name}"] = float(pattern.search(path) is not None)
    return row


def _prices(text: str) -> int:
    """Count prices; most texts have no currency beside a number, which is quicker to see."""
    count = 0
    if any(sign in text for sign in _SIGNS):
        text, count = _MONEY.subn("\0", text)
    if any(_after_number(text, unit) for unit in _UNITS):
        count += len(_MONEY_AFTER.findall(text))
    return count


def _after_number(text: str, unit: str) -> bool:
    at = text.find(unit)
    while at >= 0:
        if text[max(0, at - 2) : at].rstrip()[-1:].isdecimal():
            return True
        at = text.find(unit, at + 1)
    return False
