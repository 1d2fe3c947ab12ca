"""Find article bodies that a page does not display: in ``noscript``, templates, or script data.

Used only if the displayed text makes no article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from copydesk.schemas.plain_text import word_count
from copydesk.tasks.cleaning.html.script_data import script_contents
from copydesk.tasks.cleaning.vocabulary.class_names import words
from copydesk.tasks.enclosed import enclosed

LEAST_WORDS: Final = 30
"""Minimum words of an undisplayed body; notices like "Please enable JavaScript" have fewer."""

_NOTICE_WORDS: Final = 60
"""Maximum words of a notice per mention of JavaScript."""
_HOLDERS: Final = re.compile(r"<(/?)(?:noscript|template)\b[^<>]*>", re.I)
_HOLDER: Final = re.compile(r"<(noscript|template)\b[^<>]*>", re.I)
_HOLDER_ENDS: Final = {name: re.compile(rf"</{name}|\Z", re.I) for name in ("noscript", "template")}
_ANY_TAG: Final = re.compile(r"<[^<>]*>")
_ROOT: Final = re.compile(
    r"<app-root\b|<(?:div|main|section)\b[^<>]{0,200}\bid\s{0,3}=\s{0,3}[\"']?"
    r"(?:root|app|__next|__nuxt|___gatsby|svelte|app-root)[\"'\s>]",
    re.I,
)
_TAG: Final = re.compile(r"<(?:p|br|div|h[1-6]|ul|ol|li|blockquote|section|article)\b", re.I)

_MOST_VALUES: Final = 200_000
_PART_CHARS: Final = 40  # minimum characters of a part of a body; names and labels have fewer
_WHOLE_CHARS: Final = 400  # minimum characters of a whole body
_NO_BODIES: Final = frozenset(
    words(
        "description summary excerpt caption alt css style script query comment comments bio "
        "disclaimer copyright privacy terms cookie consent"
    )
)
"""Keys of long strings that are not bodies."""


def revealed(html: str) -> str | None:
    """Return the page's HTML with its undisplayed bodies displayed; None if they are small.

    Takes time linear in the page's length.
    """
    templates, data = script_contents(html)
    parts = [text for text in (*templates, _body_in(data)) if word_count(text) >= LEAST_WORDS]
    if not parts and not _holds_words(html):
        return None
    head = max(html.lower().find("<body"), 0)
    revealed_html = html[:head] + _HOLDERS.sub(r"<\1div>", html[head:])
    body = "".join(f"<article>{part}</article>" for part in parts)
    at = revealed_html.lower().rfind("</body")
    return revealed_html + body if at < 0 else revealed_html[:at] + body + revealed_html[at:]


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


def paragraphs(text: str) -> str:
    """Return a body as HTML: unchanged if it has markup, otherwise one paragraph per line."""
    if "&lt;" in text and not _TAG.search(text):
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if _TAG.search(text):
        return text
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())


def _body_in(data: list[Any]) -> str:
    """Return the longest body in data, as HTML: one long string, or the parts in one list."""
    lists: dict[tuple[int, str], list[str]] = defaultdict(list)
    wholes: list[str] = []
    for key, holders, text in _strings(data):
        if len(text) >= _WHOLE_CHARS or (_TAG.search(text) and len(text) >= _PART_CHARS):
            wholes.append(text)
        for holder in holders if len(text) >= _PART_CHARS else ():
            lists[holder, key].append(text)
    joined = ["\n".join(texts) for texts in lists.values() if len(texts) > 1]
    longest = max((*wholes, *joined), key=len, default="")
    return paragraphs(longest)


def _strings(data: list[Any]) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield strings that may be prose, with their key and the indexes of the two nearest lists."""
    stack: list[tuple[str, tuple[int, ...], Any]] = [("", (), value) for value in reversed(data)]
    count = 0
    while stack and count < _MOST_VALUES:
        key, holders, value = stack.pop()
        count += 1
        if isinstance(value, str):
            if " " in value.strip() or word_count(value[:_WHOLE_CHARS]) > _PART_CHARS // 2:
                yield key, holders, value
        elif isinstance(value, list):
            stack += [(key, (*holders[-1:], count), each) for each in reversed(value)]
        elif isinstance(value, dict):
            stack += [
                (str(name), holders, each)
                for name, each in reversed(value.items())
                if str(name).casefold() not in _NO_BODIES
            ]
