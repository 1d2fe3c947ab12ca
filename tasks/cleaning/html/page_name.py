"""Name the kind of a page that is no article, where something indicates it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.values import split_address
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis

EMPTY = "empty shell"
"""The name of a page with almost no text."""

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


def name_of_page(
    analysis: PageAnalysis, tree: LexborHTMLParser, row: Mapping[str, float], *, empty: bool = False
) -> str:
    """Return what kind of page a refused page is, in words; "a page" if nothing indicates it."""
    page = analysis.page
    title = (analysis.evidence.title or "").lower()
    visible_text = " ".join(page.text[:40])[:2_000].lower()
    if _ERROR.search(title) or (row["text"] < 1_500 and _ERROR.search(visible_text)):
        return "error page"
    is_thread = row["path_forum"] and row["kept_long"]
    if not is_thread and row["text"] < 2_500 and tree.css_first('input[type="password"]'):
        return "login page"
    if row["text"] < 6_000 and _CONSENT.search(visible_text) and row["kept_text"] < 1_000:
        return "consent wall"
    if empty or row["text"] < 300:
        return EMPTY
    product, collection = row["declares_product"], row["declares_collection"]
    filed = row["path_collection"] and not product
    cards = row["link_blocks"] > 0.6 or row["cards"] > 0.3
    teasers = row["teased"] > 0.5 or (row["link_blocks"] > 0.6 and row["kept_share"] < 0.1)
    signs = {
        "forum page": row["path_forum"],
        "product page": product and not (collection or row["path_collection"]),
        "collection page": (collection and not row["path_product"]) or (filed and cards),
        "documentation page": row["path_documentation"] and not cards,
        "front page": _is_front(analysis.evidence.url),
        "listing page": teasers and not (row["path_product"] or row["path_documentation"]),
    }
    return next((name for name, holds in signs.items() if holds), "a page")


def _is_front(url: str | None) -> bool:
    """Return whether an address is that of a site alone; "/?p=12" may be a post's."""
    parts = split_address(url) if url else None
    return parts is not None and not parts.path.strip("/") and not parts.query
