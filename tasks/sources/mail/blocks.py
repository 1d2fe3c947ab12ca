"""Cuts a mail's HTML or text into blocks: its tables are layout, what is hidden is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Final

from selectolax.lexbor import LexborNode

from copydesk.tasks.cleaning.html.parser_limits import parsed
from copydesk.tasks.sources.mail.links import target_of

_LEFT_OUT: Final = frozenset(
    {"script", "style", "head", "title", "meta", "link", "noscript", "template", "svg", "form",
     "button", "input", "select", "textarea", "iframe", "object", "map"}
)  # fmt: skip
_INLINE: Final = frozenset({"b", "strong", "i", "em", "u", "s", "sub", "sup", "code"})
_PLAIN_INLINE: Final = frozenset(
    {"a", "span", "font", "small", "big", "abbr", "cite", "q", "mark", "time", "tt", "o:p", "ins",
     "del", "label", "img", "wbr", *_INLINE}
)  # fmt: skip
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN: Final = re.compile(
    r"display\s?:\s?none|visibility\s?:\s?hidden|mso-hide\s?:\s?all|max-height\s?:\s?0(?!\.?\d)"
    r"|opacity\s?:\s?0(?![.\d]*[1-9])|font-size\s?:\s?[01]px|(?<![a-z-])height\s?:\s?0(?:px)?\s?[;\"]",
    re.IGNORECASE,
)
_PREHEADER: Final = re.compile(r"pre-?header|preview-?text", re.IGNORECASE)
_FILLER: Final = re.compile(r"[\u00ad\u034f\u061c\u200b-\u200f\u2007\u2060\ufeff]+")
_SPACES: Final = re.compile(r"[ \t\r\n\f\u00a0]+")


@dataclass(slots=True)
class Block:
    """A paragraph, heading, list item or quotation: ``tag``, its text and the same as HTML.

    ``link_chars`` are the characters of its text that are links.
    """

    tag: str
    text: str = ""
    html: str = ""
    link_chars: int = 0
    hrefs: list[str] = field(default_factory=list)

    @property
    def words(self) -> int:
        """Count the words; of scripts without spaces, two characters are a word."""
        return max(len(self.text.split()), sum(ord(char) > 0x2E80 for char in self.text) // 2)

    @property
    def is_links(self) -> bool:
        """Return whether nearly all of it is links."""
        return bool(self.text) and self.link_chars >= 0.8 * len(self.text)


def blocks_of_html(html: str) -> list[Block]:
    """Cut a mail's HTML into blocks."""
    root = parsed(html).body
    return [] if root is None else _Walk(root).blocks


def blocks_of_text(text: str) -> list[Block]:
    """Cut a plain text into blocks at empty lines; lines of one paragraph are joined."""
    blocks = []
    for piece in re.split(r"\n[ \t>]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.strip() for line in piece.split("\n") if line.strip(" \t>*-=_~#·")]
        if not lines:
            continue
        wrapped = max(map(len, lines)) >= 50 or len(lines) == 1
        if wrapped and not any(re.match(r"[*•-] |\d{1,3}[.)] ", line) for line in lines):
            blocks.append(_plain_block(" ".join(lines)))
        else:
            blocks += [_plain_block(line) for line in lines]
    return blocks


def _plain_block(text: str) -> Block:
    hrefs = re.findall(r"https?://[^\s<>()]{1,2000}", text)
    return Block("p", text, escape(text), sum(map(len, hrefs)), hrefs)


class _Walk:
    """Walks over the tree in document order, without recursion."""

    def __init__(self, root: LexborNode) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._html: list[str] = []
        self._hrefs: list[str] = []
        self._link_chars = 0
        self._tags: list[str] = []
        self._link = 0
        self._open: list[str] = []
        for node, is_end in _events(root):
            if node.is_text_node:
                self._add(node.text_content or "")
            elif is_end:
                self._leave(node)
            else:
                self._enter(node)
        self._flush()

    def _enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._text.append("\n")
            self._html.append("\n")
        elif tag == "a":
            href = (node.attributes.get("href") or "").strip()
            href = target_of(href) if href.startswith(("http://", "https://")) else ""
            self._link += 1
            self._hrefs.append(href or (node.attributes.get("href") or ""))
            self._html.append(f'<a href="{escape(href)}">' if href else "<a>")
        elif tag in _INLINE:
            self._html.append(f"<{tag}>")
        elif tag not in _PLAIN_INLINE:
            self._flush()
            self._tags.append(tag)

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "a":
            self._link -= 1
            self._html.append("</a>")
        elif tag in _INLINE:
            self._html.append(f"</{tag}>")
        elif tag not in _PLAIN_INLINE and tag != "br":
            self._flush()
            if self._tags:
                self._tags.pop()

    def _add(self, text: str) -> None:
        text = _SPACES.sub(" ", _FILLER.sub("", text))
        self._text.append(text)
        self._html.append(escape(text, quote=False))
        if self._link:
            self._link_chars += len(text.strip())

    def _flush(self) -> None:
        """End the block; two line breaks in a row end a paragraph, too."""
        text, html = "".join(self._text), "".join(self._html)
        tag = next((tag for tag in reversed(self._tags) if tag in _KEPT), "p")
        pieces = re.split(r"\n[ ]?\n[ \n]*", text) if "\n" in text else [text]
        marked = re.split(r"\n[ ]?\n[ \n]*", html) if len(pieces) > 1 else [html]
        if len(marked) != len(pieces) or len(pieces) == 1:
            pieces, marked = [text], [html]
        share = self._link_chars / max(len(text), 1)
        for piece, with_tags in zip(pieces, marked, strict=True):
            plain = "\n".join(line.strip() for line in piece.strip().split("\n") if line.strip())
            if plain:
                inner = with_tags.strip().replace("\n", "<br>")
                self.blocks.append(
                    Block(tag, plain, inner, round(share * len(plain)), list(self._hrefs))
                )
        self._text, self._html, self._hrefs, self._link_chars = [], [], [], 0


_KEPT: Final = frozenset({"li", "blockquote", "pre", *_HEADINGS})


def _events(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each visible node, and each element again where it ends."""
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, is_end = stack.pop()
        if is_end or node.is_text_node:
            yield node, is_end
            continue
        if node.is_comment_node or node.tag in _LEFT_OUT or _is_hidden(node):
            continue
        yield node, False
        stack.append((node, True))
        children = []
        child = node.first_child
        while child is not None:
            children.append(child)
            child = child.next
        stack += [(child, False) for child in reversed(children)]


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    style = (attributes.get("style") or "")[:2000]
    return (
        "hidden" in attributes
        or bool(style and _HIDDEN.search(style + ";"))
        or bool(_PREHEADER.search(names[:500]))
    )
