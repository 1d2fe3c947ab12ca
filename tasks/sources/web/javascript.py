"""Detect pages that show their article only by running scripts."""

from __future__ import annotations

import re

from copydesk.tasks.cleaning.encoding import decode
from copydesk.tasks.cleaning.html.out_of_view import revealed
from copydesk.tasks.enclosed import enclosed, without_enclosed

FEW_WORDS = 40  # words; the shortest news item worth keeping has more
_SCRIPTS = re.compile(rb"<(script|style|noscript|svg|head)\b", re.IGNORECASE)
_SCRIPT_ENDS = {
    name: re.compile(rb"</" + name + rb"\s*>", re.IGNORECASE)
    for name in (b"script", b"style", b"noscript", b"svg", b"head")
}
_TAGS = re.compile(rb"<[^<>]*>")
_STORED = re.compile(rb'"(articleBody|__NEXT_DATA__|content|body|text)"\s*:\s*"[^"]{400}')
"""Text in the page's own data, which cleaning can use."""

_NEEDS = re.compile(
    rb"""<(?:div|main|section)\b[^<>]*\bid\s*=\s*["']?(?:root|app|__next|__nuxt|___gatsby|"""
    rb"""svelte|app-root)["'\s>]|<app-root\b|cf-browser-verification|challenge-platform""",
    re.IGNORECASE,
)
_NOSCRIPT = re.compile(rb"<(noscript)\b[^<>]*>", re.IGNORECASE)
_NOSCRIPT_ENDS = {b"noscript": re.compile(rb"</noscript|\Z", re.IGNORECASE)}
_JAVASCRIPT = re.compile(rb"\bjava\s?script\b", re.IGNORECASE)


def needs_javascript(html: bytes) -> bool:
    """Return whether a page has no text without scripts, judging by its words and its markup."""
    if b"<script" not in html.lower() or _STORED.search(html) or not _says_so(html):
        return False
    text = _TAGS.sub(b" ", without_enclosed(html, _SCRIPTS, _SCRIPT_ENDS, b" "))
    return len(text.split()) < FEW_WORDS


def holds_undisplayed_text(html: bytes, media_type: str | None = None) -> bool:
    """Return whether a page contains text that it does not display, but that cleaning can read.

    Such text is in ``noscript``, in a template, or in the data of scripts.
    """
    decoded = decode(html, media_type)
    return decoded is not None and revealed(decoded.text) is not None


def _says_so(html: bytes) -> bool:
    return _NEEDS.search(html) is not None or any(
        _JAVASCRIPT.search(html, start_tag.end(), end_tag.start())
        for start_tag, end_tag in enclosed(html, _NOSCRIPT, _NOSCRIPT_ENDS)
    )
