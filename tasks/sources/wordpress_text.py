"""What WordPress stores of a post, as the page shows it.

The stored text of the classic editor has blank lines for paragraphs and shortcodes for what is
no text; a theme turns them into HTML when a page is shown. An export has the stored text.
"""

from __future__ import annotations

import re

from tasks.enclosed import enclosed

_BLOCK = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|iframe|li|main|nav|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|"
    "thead|tr|ul|video|audio"
)
_STARTS_BLOCK = re.compile(
    rf"\s*+(?:<!--(?>.*?-->)\s*+)*+</?({_BLOCK})\b", re.IGNORECASE | re.DOTALL
)
_PARAGRAPHS = re.compile(r"\r?\n[ \t]*\r?\n\s*")
_HAS_PARAGRAPHS = re.compile(r"<p[\s>]|<!-- wp:", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<(pre|script|style)\b", re.IGNORECASE)
_PREFORMATTED_ENDS = {
    name: re.compile(f"</{name}>", re.IGNORECASE) for name in ("pre", "script", "style")
}
_CAPTION = re.compile(r"\[(?:wp_)?(caption)[^\[\]]*\]")
_CAPTION_ENDS = {"caption": re.compile(r"\[/(?:wp_)?caption\]")}
_SHORTCODE = re.compile(
    r"\[/?(audio|embed|gallery|playlist|video|contact-form-7|vc_\w+|et_pb_\w+|fusion_\w+)"
    r"(\s[^\[\]]*)?/?\](?:https?://[^\s\[]+\[/embed\])?"
)
"""Core's shortcodes, and the builders' that are left when their plugin is gone."""


def shown(stored: str) -> str:
    """Give the HTML that WordPress makes of a post's stored text, near enough to read it."""
    text = _with_figures(stored)
    text = _SHORTCODE.sub("", text)
    if _HAS_PARAGRAPHS.search(text):
        return text
    parts: list[str] = []
    done = 0
    for opened, closed in enclosed(text, _PREFORMATTED, _PREFORMATTED_ENDS):
        parts += [
            _paragraphs(text[done : opened.start()]),
            text[opened.start() : closed.end()],
        ]
        done = closed.end()
    return "".join([*parts, _paragraphs(text[done:])])


def _with_figures(text: str) -> str:
    parts: list[str] = []
    done = 0
    for opened, closed in enclosed(text, _CAPTION, _CAPTION_ENDS):
        inner = text[opened.end() : closed.start()]
        parts += [text[done : opened.start()], "<figure>", inner, "</figure>"]
        done = closed.end()
    return "".join([*parts, text[done:]])


def _paragraphs(text: str) -> str:
    return "\n".join(
        part if _STARTS_BLOCK.match(part) else f"<p>{_lines(part)}</p>"
        for part in _PARAGRAPHS.split(text.strip())
        if part.strip()
    )


def _lines(text: str) -> str:
    return re.sub(r"\r?\n", "<br>\n", text.strip())
