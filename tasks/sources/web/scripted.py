"""Pages that show their article by scripts alone, so that there is none in what was read."""

from __future__ import annotations

import re

FEW_WORDS = 40  # the shortest news item that is worth keeping has more
_SCRIPTS = re.compile(rb"<(script|style|noscript|svg|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(rb"<[^>]*>")
_STORED = re.compile(rb'"(articleBody|__NEXT_DATA__|content|body|text)"\s*:\s*"[^"]{400}')
"""A text in the page's own data, which cleaning can use."""

_NEEDS = re.compile(
    rb"""<noscript\b[^>]*>(?:(?!</noscript).)*\bjava\s?script\b|"""
    rb"""<(?:div|main|section)\b[^>]*\bid\s*=\s*["']?(?:root|app|__next|__nuxt|___gatsby|"""
    rb"""svelte|app-root)["'\s>]|<app-root\b|cf-browser-verification|challenge-platform""",
    re.IGNORECASE | re.DOTALL,
)


def needs_javascript(html: bytes) -> bool:
    """Tell a page that says or shows that nothing is to be read without scripts."""
    if b"<script" not in html.lower() or _STORED.search(html) or not _NEEDS.search(html):
        return False
    text = _TAGS.sub(b" ", _SCRIPTS.sub(b" ", html))
    return len(text.split()) < FEW_WORDS
