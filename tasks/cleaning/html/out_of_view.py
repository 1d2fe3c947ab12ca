"""Find article bodies that a page does not display: in ``noscript``, templates, comments, or data.

Used only for pages that display little text outside links: the data of a shop or of a front page
holds the descriptions of everything on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from copydesk.schemas.plain_text import word_count
from copydesk.tasks.cleaning.html.data_body import body_in, paragraphs
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.script_data import script_contents
from copydesk.tasks.enclosed import enclosed, without_enclosed

LEAST_WORDS: Final = 30
"""Minimum words of an undisplayed body; notices like "Please enable JavaScript" have fewer."""

_PROSE_WORDS: Final = 50
"""Minimum words that a page displays outside links if its article is displayed.

Of 33 shops, front pages and tables of wcxb-dev that data would make articles, 28 have more.
"""
_NOTICE_WORDS: Final = 60
"""Maximum words of a notice per mention of JavaScript."""
_HOLDERS: Final = re.compile(r"<(/?)(?:noscript|template)\b[^<>]*>", re.I)
_HOLDER: Final = re.compile(r"<(noscript|template)\b[^<>]*>", re.I)
_HOLDER_ENDS: Final = {name: re.compile(rf"</{name}|\Z", re.I) for name in ("noscript", "template")}
_RAW: Final = re.compile(r"<(textarea|xmp)\b[^<>]*>", re.I)
_RAW_ENDS: Final = {name: re.compile(rf"</{name}", re.I) for name in ("textarea", "xmp")}
"""Elements whose content is not read as markup, from which scripts make a text."""
_PROGRAM: Final = re.compile(r"<(script|style)\b[^<>]*>", re.I)
_PROGRAM_ENDS: Final = {name: re.compile(rf"</{name}", re.I) for name in ("script", "style")}
_COMMENT: Final = re.compile(r"<(!--)")
_COMMENT_ENDS: Final = {"!--": re.compile(r"-->")}
_PARAGRAPHS: Final = re.compile(r"<p\b|<br\b|</div>|</li>", re.I)
_FEWEST_PARAGRAPHS: Final = 2
_ANY_TAG: Final = re.compile(r"<[^<>]*>")
_ROOT: Final = re.compile(
    r"<app-root\b|<astro-island\b|\bdata-page=[\"']\{|<(?:div|main|section)\b[^<>]{0,200}"
    r"\bid\s{0,3}=\s{0,3}[\"']?(?:root|app|__next|__nuxt|___gatsby|svelte|app-root)[\"'\s>]",
    re.I,
)


def revealed(html: str) -> str | None:
    """Return the page's HTML with its undisplayed bodies displayed; None if they are small.

    Takes time linear in the page's length.
    """
    templates, data = script_contents(html)
    parts = [
        text
        for text in (*templates, *_unread(html), body_in(data))
        if word_count(text) >= LEAST_WORDS
    ]
    if not parts and not _holds_words(html):
        return None
    head = max(html.lower().find("<body"), 0)
    revealed_html = html[:head] + _HOLDERS.sub(r"<\1div>", html[head:])
    body = "".join(f"<article>{part}</article>" for part in parts)
    at = revealed_html.lower().rfind("</body")
    return revealed_html + body if at < 0 else revealed_html[:at] + body + revealed_html[at:]


def _unread(html: str) -> Iterator[str]:
    """Yield the longest texts that are markup only for a script: of comments and raw elements.

    Sites comment out parts of a layout, too: a comment counts if it has paragraphs.
    """
    raw = (
        html[opened.end() : closed.start()] for opened, closed in enclosed(html, _RAW, _RAW_ENDS)
    )
    if longest := max(raw, key=len, default=""):
        yield paragraphs(unescape(longest))
    markup = without_enclosed(html, _PROGRAM, _PROGRAM_ENDS, "<")
    comments = (
        markup[opened.end() : closed.start()]
        for opened, closed in enclosed(markup, _COMMENT, _COMMENT_ENDS)
    )
    longest = max(comments, key=len, default="")
    if len(_PARAGRAPHS.findall(longest)) >= _FEWEST_PARAGRAPHS:
        yield longest


def displays_prose(page: Page) -> bool:
    """Return whether a page displays text outside links, and not only a menu and a footer."""
    outside_links = (
        text for text, linked in zip(page.text, page.linked, strict=True) if 2 * linked < len(text)
    )
    return sum(map(word_count, outside_links)) >= _PROSE_WORDS


def _holds_words(html: str) -> bool:
    """Return whether ``noscript`` and templates contain enough words for a body."""
    count = 0
    for opened, closed in enclosed(html, _HOLDER, _HOLDER_ENDS):
        text = _ANY_TAG.sub(" ", html[opened.end() : closed.start()])
        count += 0 if asks_for_scripts(text) else word_count(text)
        if count >= LEAST_WORDS:
            return True
    return False


def asks_for_scripts(text: str) -> bool:
    """Return whether a text is a notice that scripts are turned off, in any language."""
    return text.lower().count("javascript") * _NOTICE_WORDS >= max(1, word_count(text))


def needs_scripts(html: str) -> bool:
    """Return whether a page without text needs scripts, by its notice or its framework."""
    lower = html.lower()
    if "<script" not in lower:
        return False
    noscript = lower.find("<noscript")
    return _ROOT.search(html) is not None or (noscript >= 0 and "javascript" in lower[noscript:])
