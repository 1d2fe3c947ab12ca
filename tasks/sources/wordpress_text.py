"""What WordPress stores of a post, as the page shows it.

The stored text of the classic editor has blank lines for paragraphs and shortcodes for what is
no text; a theme turns them into HTML when a page is shown. An export has the stored text.
"""

from __future__ import annotations

import re

_BLOCK = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|iframe|li|main|nav|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|"
    "thead|tr|ul|video|audio"
)
_STARTS_BLOCK = re.compile(rf"\s*(<!--.*?-->\s*)*</?({_BLOCK})\b", re.IGNORECASE | re.DOTALL)
_PARAGRAPHS = re.compile(r"\r?\n[ \t]*\r?\n\s*")
_HAS_PARAGRAPHS = re.compile(r"<p[\s>]|<!-- wp:", re.IGNORECASE)
_PREFORMATTED = re.compile(r"(<(pre|script|style)\b.*?</\2>)", re.IGNORECASE | re.DOTALL)
_CAPTION = re.compile(r"\[(?:wp_)?caption[^\]]*\](.*?)\[/(?:wp_)?caption\]", re.DOTALL)
_SHORTCODE = re.compile(
    r"\[/?(audio|embed|gallery|playlist|video|contact-form-7|vc_\w+|et_pb_\w+|fusion_\w+)"
    r"(\s[^\[\]]*)?/?\](?:https?://\S+\[/embed\])?"
)
"""Core's shortcodes, and the builders' that are left when their plugin is gone."""


def shown(stored: str) -> str:
    """Give the HTML that WordPress makes of a post's stored text, near enough to read it."""
    text = _CAPTION.sub(r"<figure>\1</figure>", stored)
    text = _SHORTCODE.sub("", text)
    if _HAS_PARAGRAPHS.search(text):
        return text
    parts = _PREFORMATTED.split(text)
    # The pattern has two groups: text, preformatted, its tag, text, …
    return "".join(
        part if i % 3 == 1 else _paragraphs(part) for i, part in enumerate(parts) if i % 3 < 2
    )


def _paragraphs(text: str) -> str:
    return "\n".join(
        part if _STARTS_BLOCK.match(part) else f"<p>{_lines(part)}</p>"
        for part in _PARAGRAPHS.split(text.strip())
        if part.strip()
    )


def _lines(text: str) -> str:
    return re.sub(r"\r?\n", "<br>\n", text.strip())
