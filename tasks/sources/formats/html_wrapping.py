"""Builds documents from separate parts: a title, and a text or a piece of HTML."""

from __future__ import annotations

import re
from html import escape

from copydesk.schemas.article import Hints

_WHOLE_PAGE = re.compile(
    r"\s*+(?:<!--(?>.*?-->)\s*+)*+(<!doctype|<html|<\?xml)", re.IGNORECASE | re.DOTALL
)
_MARKUP = re.compile(
    r"</(p|div|a|span|h[1-6]|ul|ol|li|em|strong|b|i|blockquote|figure|table)>|<(br|p|img)\b[^<>]*/?>",
    re.IGNORECASE,
)

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


def looks_like_html(text: str) -> bool:
    """Tell HTML, a page or a piece of one, from text that contains angle brackets."""
    return bool(_WHOLE_PAGE.match(text) or _MARKUP.search(text))


def is_page(html: str) -> bool:
    """Tell a page from a piece of one."""
    return bool(_WHOLE_PAGE.match(html))


def page_of(fragment: str, hints: Hints, url: str | None = None) -> bytes:
    """Wrap an article's HTML in a minimal page, so that it is cleaned like any other."""
    title = escape(hints.title or "")
    language = f' lang="{escape(hints.language)}"' if hints.language else ""
    canonical = f'<link rel="canonical" href="{escape(url)}">' if url else ""
    heading = f"<h1>{title}</h1>\n" if title else ""
    return (
        f'<!doctype html>\n<html{language}><head><meta charset="utf-8">'
        f"<title>{title}</title>{canonical}</head>\n"
        f"<body><article>\n{heading}{fragment}\n</article></body></html>\n"
    ).encode("utf-8", "replace")


def text_of(text: str, hints: Hints) -> bytes:
    """Put the title at the head of a text, as in copied articles."""
    title = (hints.title or "").strip()
    if title and not text.lstrip().startswith(title):
        text = f"{title}\n\n{text}"
    return text.encode("utf-8", "replace")
