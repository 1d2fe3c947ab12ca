"""Cuts a mail's HTML or text into blocks: its tables are layout, what is hidden is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final, NamedTuple

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
_FONT_SIZE: Final = re.compile(
    r"font(?:-size)?\s?:[^;]{0,60}?(\d{1,3}(?:\.\d{1,3})?)\s?(px|pt|em|rem|%)"
)
_WEIGHT: Final = re.compile(r"font(?:-weight)?\s?:[^;]{0,60}?\b(bold|bolder|[6-9]00)\b")
_BORDER: Final = re.compile(r"border-(top|bottom)\s?:\s?(?!0|none|[^;]{0,40}(?:none|transparent))")
_PIXELS: Final = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16}
_PATH: Final = 96
"""Elements around a block that are told apart; mails nest tables some forty deep."""

_RULE: Final = re.compile(r"[-=_*~#·•—–\s]{3,}")
_HEADING_CHARS: Final = 200
"""Of a line of text that is underlined."""


@dataclass(slots=True)
class Block:
    """A paragraph, heading, list item or quotation: ``tag``, its text and the same as HTML.

    ``link_chars`` and ``bold_chars`` are the characters of its text that are links, and bold.
    ``size`` is its font's in pixels, 0 if unsaid; ``mark`` the innermost class around its start;
    ``path`` numbers the elements around it, ``article`` the innermost of them that is one;
    ``is_ruled`` tells a line drawn above it. ``words`` counts its text's; of scripts without
    spaces, two characters are a word.
    """

    tag: str
    text: str = ""
    html: str = ""
    link_chars: int = 0
    hrefs: list[str] = field(default_factory=list)
    bold_chars: int = 0
    size: float = 0.0
    mark: str = ""
    path: tuple[int, ...] = ()
    article: int = 0
    is_ruled: bool = False
    words: int = field(init=False)

    def __post_init__(self) -> None:
        """Count the words once: finding foot, headings and stories asks for them many times."""
        spaceless = 0 if self.text.isascii() else sum(ord(char) > 0x2E80 for char in self.text)
        self.words = max(len(self.text.split()), spaceless // 2)

    @property
    def is_links(self) -> bool:
        """Return whether nearly all of it is links."""
        return bool(self.text) and self.link_chars >= 0.8 * len(self.text)


def blocks_of_html(html: str) -> list[Block]:
    """Cut a mail's HTML into blocks."""
    root = parsed(html).body
    return [] if root is None else _Walk(root).blocks


def blocks_of_text(text: str) -> list[Block]:
    """Cut a plain text into blocks at empty lines and rules; lines of one paragraph are joined."""
    blocks: list[Block] = []
    lines: list[str] = []
    is_ruled = False
    every = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in map(str.strip, [*every, ""]):
        is_rule = bool(_RULE.fullmatch(line))
        if line.strip(" \t>") and not is_rule:
            if line.strip(" \t>*-=_~#·"):
                lines.append(line)
            continue
        is_heading = is_rule and len(lines) == 1 and len(lines[0]) <= _HEADING_CHARS
        if lines:
            found = _paragraphs_of(lines)
            found[0].is_ruled, is_ruled = is_ruled, False
            found[0].tag = "h2" if is_heading else "p"
            blocks += found
            lines = []
        is_ruled |= is_rule and not is_heading
    return blocks


def _paragraphs_of(lines: list[str]) -> list[Block]:
    is_wrapped = max(map(len, lines)) >= 50 or len(lines) == 1
    if is_wrapped and not any(re.match(r"[*•-] |\d{1,3}[.)] ", line) for line in lines):
        return [_plain_block(" ".join(lines))]
    return [_plain_block(line) for line in lines]


def _plain_block(text: str) -> Block:
    hrefs = re.findall(r"https?://[^\s<>()]{1,2000}", text)
    return Block("p", text, escape(text), sum(map(len, hrefs)), hrefs)


class _Style(NamedTuple):
    """How an element's text looks, from its own attributes and those of the elements around it."""

    size: float = 0.0
    is_bold: bool = False
    mark: str = ""
    border: str = ""

    def inside(self, tag: str, attributes: Mapping[str, str | None]) -> _Style:
        is_bold = self.is_bold or tag in {"b", "strong"}
        if not attributes:
            return self._replace(is_bold=is_bold, border="")
        style = (attributes.get("style") or "")[:2000].lower()
        size = _FONT_SIZE.search(style) if "font" in style else None
        border = _BORDER.search(style) if "border-" in style else None
        return _Style(
            float(size[1]) * _PIXELS[size[2]] if size else self.size,
            is_bold or bool("font" in style and _WEIGHT.search(style)),
            " ".join((attributes.get("class") or "")[:100].split()) or self.mark,
            border[1] if border else "",
        )


class _Walk:
    """Walks over the tree in document order, without recursion."""

    def __init__(self, root: LexborNode) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._html: list[str] = []
        self._hrefs: list[str] = []
        self._link_chars = 0
        self._tags: list[str] = []
        self._links: list[str] = []
        self._styles = [_Style()]
        self._style: _Style | None = None
        self._path: list[int] = []
        self._elements = 0
        self._sizes = 0.0
        self._bold_chars = 0
        self._articles: list[int] = []
        self._is_ruled = False
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
        self._styles.append(self._styles[-1].inside(tag, node.attributes))
        if tag == "br":
            self._text.append("\n")
            self._html.append("\n")
        elif tag == "a":
            href = (node.attributes.get("href") or "").strip()
            href = target_of(href) if href.startswith(("http://", "https://")) else ""
            self._links.append(href or (node.attributes.get("href") or ""))
            self._hrefs.append(self._links[-1])
            self._html.append(_start_of_link(self._links[-1]))
        elif tag in _INLINE:
            self._html.append(f"<{tag}>")
        elif tag not in _PLAIN_INLINE:
            self._flush()
            self._tags.append(tag)
            self._elements += 1
            self._path.append(self._elements)
            if tag == "article":
                self._articles.append(self._elements)
            self._is_ruled |= tag == "hr" or self._styles[-1].border == "top"

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        style = self._styles.pop()
        if tag == "a":
            self._links.pop()
            self._html.append("</a>")
        elif tag in _INLINE:
            self._html.append(f"</{tag}>")
        elif tag not in _PLAIN_INLINE and tag != "br":
            self._flush()
            if self._tags:
                self._tags.pop()
                element = self._path.pop()
                if self._articles and self._articles[-1] == element:
                    self._articles.pop()
            self._is_ruled |= style.border == "bottom"

    def _add(self, text: str) -> None:
        text = _SPACES.sub(" ", _FILLER.sub("", text))
        self._text.append(text)
        self._html.append(escape(text, quote=False))
        chars = len(text.strip())
        if self._links:
            self._link_chars += chars
        if chars:
            style = self._styles[-1]
            self._style = self._style or style
            self._sizes += style.size * chars
            self._bold_chars += chars if style.is_bold else 0

    def _flush(self) -> None:
        """End the block; two line breaks in a row end a paragraph, too."""
        text, html = "".join(self._text), "".join(self._html) + "</a>" * len(self._links)
        tag = next((tag for tag in reversed(self._tags) if tag in _KEPT), "p")
        pieces = re.split(r"\n[ ]?\n[ \n]*", text) if "\n" in text else [text]
        marked = re.split(r"\n[ ]?\n[ \n]*", html) if len(pieces) > 1 else [html]
        if len(marked) != len(pieces) or len(pieces) == 1:
            pieces, marked = [text], [html]
        share = self._link_chars / max(len(text), 1)
        bold = self._bold_chars / max(len(text.strip()), 1)
        size = self._sizes / max(len(text.strip()), 1)
        mark = self._style.mark if self._style else ""
        for piece, with_tags in zip(pieces, marked, strict=True):
            plain = "\n".join(line.strip() for line in piece.strip().split("\n") if line.strip())
            if plain:
                inner = with_tags.strip().replace("\n", "<br>")
                block = Block(tag, plain, inner, round(share * len(plain)), list(self._hrefs))
                block.bold_chars, block.size, block.mark = round(bold * len(plain)), size, mark
                block.path, block.is_ruled = tuple(self._path[:_PATH]), self._is_ruled
                block.article = self._articles[-1] if self._articles else 0
                self.blocks.append(block)
                self._is_ruled = False
        self._text, self._html = [], list(map(_start_of_link, self._links))
        self._hrefs, self._link_chars = list(self._links), 0
        self._style, self._sizes, self._bold_chars = None, 0.0, 0


def _start_of_link(href: str) -> str:
    is_address = href.startswith(("http://", "https://"))
    return f'<a href="{escape(href)}">' if is_address else "<a>"


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
