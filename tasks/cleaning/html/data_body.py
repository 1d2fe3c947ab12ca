"""Find an article's body in data (JSON), and write it as HTML.

A body is one long string, or a list of blocks: the trees of rich-text editors (Slate, ProseMirror,
Lexical, Portable Text, Contentful, Draft.js, Editor.js, Notion), of Arc's content elements and of
React's components differ in names only. A block has its kind under one key and its content under
another; a paragraph's content is a list of pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final, NamedTuple

from copydesk.schemas.plain_text import word_count
from copydesk.tasks.cleaning.html.script_data import LONG, json_value
from copydesk.tasks.cleaning.vocabulary.class_names import words

MARKUP: Final = re.compile(
    r"<(?:p|br|div|h[1-6]|ul|ol|li|blockquote|section|article)\b", re.IGNORECASE
)
_MOST_VALUES: Final = 200_000
_DEEPEST: Final = 80  # levels; rich text of known editors has some 20 below the page's data
_MARKUP_CHARS: Final = 40  # minimum characters of a body with markup; labels have fewer
_NO_BODIES: Final = frozenset(
    words(
        "description summary excerpt caption alt css style script query comment comments bio "
        "disclaimer copyright privacy terms cookie consent"
    )
)
"""Keys of values that are not bodies."""
_KINDS: Final = words("style type nodeType _type tag tagName kind")
_CONTENTS: Final = words(
    "children content rich_text plain_text text value html __html items body data "
    "dangerouslySetInnerHTML root document doc blocks"
)
"""Keys of a node's content; the first that has any is read."""
_TAGS: Final = {
    **dict.fromkeys(words("p paragraph unstyled normal block"), "p"),
    **dict.fromkeys(words("h1 h2 heading header headerone headertwo heading1 heading2"), "h2"),
    **dict.fromkeys(words("h3 h4 h5 h6 headerthree headerfour heading3 heading4"), "h3"),
    **dict.fromkeys(words("blockquote quote pullquote"), "blockquote"),
    **dict.fromkeys(words("ul bulletlist bulletedlist unorderedlist list"), "ul"),
    **dict.fromkeys(words("ol orderedlist numberedlist"), "ol"),
    **dict.fromkeys(words("li listitem unorderedlistitem orderedlistitem"), "li"),
    **dict.fromkeys(words("bulletedlistitem numberedlistitem"), "li"),
    **dict.fromkeys(words("pre code codeblock"), "pre"),
    **dict.fromkeys(words("a link hyperlink"), "a"),
    **dict.fromkeys(words("br hardbreak linebreak"), "br"),
    "table": "table",
    **dict.fromkeys(words("tr tablerow"), "tr"),
    **dict.fromkeys(words("td th tablecell tableheader tableheadercell"), "td"),
}
"""HTML elements by kinds of nodes, in lower case and without the marks between words."""
_INLINE: Final = frozenset(("", "a", "br"))
_HOLD_PIECES: Final = frozenset(("p", "h2", "h3", "pre", "a"))
_CELLS: Final = frozenset(("li", "td"))
_WRAPPED: Final = {"ul": "li", "ol": "li", "table": "tr", "tr": "td"}
"""The element around what an element of the first kind holds; elsewhere it is a paragraph."""
_NO_TEXT: Final = frozenset(
    words("image img figure video audio gallery embed ad advertisement script style svg iframe")
)
_TITLES: Final = words("title headline heading")
_OF_A_RECORD: Final = words("url slug href link permalink path date published publishedAt")
"""Keys that show, beside a title, that a list's elements are other pages, not sections."""
_ADDRESSES: Final = words("url href uri link")
_MARKS: Final = re.compile(r"[^a-z0-9]+")
_ELEMENT: Final = re.compile(r"</?[a-z][a-z0-9]{0,9}\b[^<>]*>", re.IGNORECASE)


class _Passage(NamedTuple):
    """Part of a body: an HTML element (or none), what it holds, and the characters of that."""

    tag: str
    parts: list[str | _Passage]
    size: int
    address: str = ""


_NOTHING: Final = _Passage("", [], 0)


def body_in(data: list[Any]) -> str:
    """Return the longest body in data, as HTML: one long string, or one list of blocks."""
    reader = _Reader()
    for value in data:
        reader.read(value, "", "", 0)
    whole = max(reader.strings, key=len, default="")
    blocks = max(reader.lists, key=lambda passage: passage.size, default=_NOTHING)
    return paragraphs(whole) if len(whole) >= blocks.size else "".join(_written(blocks))


def paragraphs(text: str) -> str:
    """Return a body as HTML: unchanged if it has markup, otherwise one paragraph per line."""
    if "&lt;" in text and not MARKUP.search(text):
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if MARKUP.search(text):
        return text
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())


class _Reader:
    """Collects the strings and lists of data that may be bodies."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.lists: list[_Passage] = []
        self.count = 0

    def read(self, value: Any, key: str, inside: str, depth: int) -> _Passage:
        """Return a value under a key as part of the element that it is inside."""
        self.count += 1
        if key in _NO_BODIES or depth > _DEEPEST or self.count > _MOST_VALUES:
            return _NOTHING
        if isinstance(value, str):
            return self._read_string(value, key, inside, depth)
        if isinstance(value, list):
            component = _component(value)
            if component is None:
                return self._read_list(value, key, inside, depth)
            value = component
        return self._read_node(value, inside, depth) if isinstance(value, dict) else _NOTHING

    def _read_string(self, text: str, key: str, inside: str, depth: int) -> _Passage:
        if len(text) >= LONG and (nested := json_value(text)):
            return self.read(nested[0], key, inside, depth + 1)
        if len(text) >= LONG or (len(text) >= _MARKUP_CHARS and MARKUP.search(text)):
            self.strings.append(text)
        return _Passage("", [text], len(text))

    def _read_list(self, values: list[Any], key: str, inside: str, depth: int) -> _Passage:
        within = _WRAPPED[inside] if inside == "table" else inside
        read = [self.read(each, key, within, depth + 1) for each in values]
        read = [passage for passage in read if passage.size or passage.tag]
        size = sum(passage.size for passage in read)
        if not size:
            return _NOTHING
        are_inline = all(passage.tag in _INLINE for passage in read)
        if inside in _HOLD_PIECES or (are_inline and (inside in _CELLS or _are_pieces(read))):
            return _Passage("", list(read), size)
        wrap = _WRAPPED.get(inside, "p")
        blocks: list[str | _Passage] = [_as_block(passage, wrap) for passage in read]
        body = _Passage("" if inside in _WRAPPED else "div", blocks, size)
        self.lists.append(body)
        return body

    def _read_node(self, node: dict[str, Any], inside: str, depth: int) -> _Passage:
        tag = _tag(node)
        kind = node.get("type")
        keys = dict.fromkeys((kind, *_CONTENTS) if isinstance(kind, str) else _CONTENTS)
        contents = [
            self.read(node[key], key, tag or inside, depth + 1) for key in keys if key in node
        ]
        content = next((passage for passage in contents if passage.size), _NOTHING)
        others = [
            self.read(value, str(key).casefold(), "", depth + 1)
            for key, value in node.items()
            if key not in keys and key not in _TITLES
        ]
        if not content.size:
            content = max(filter(_is_prose, others), key=lambda text: text.size, default=_NOTHING)
        return _as_node(node, tag, content)


def _as_node(node: dict[str, Any], tag: str, content: _Passage) -> _Passage:
    """Return a node's content in its element, below its title if it is a section."""
    title = next((node[key] for key in _TITLES if isinstance(node.get(key), str)), "")
    is_record = title and "children" not in node and any(node.get(key) for key in _OF_A_RECORD)
    if is_record or tag in _NO_TEXT or not (content.size or tag == "br"):
        return _NOTHING
    if title and not tag:
        heading = _Passage("h2", [title], len(title))
        return _Passage("div", [heading, _as_block(content, "p")], len(title) + content.size)
    if tag in _HOLD_PIECES and content.tag not in _INLINE:
        tag = "div"
    return _Passage(tag, [content], content.size, _address(node)) if tag else content


def _component(values: list[Any]) -> dict[str, Any] | None:
    """Return React's ``["$", type, key, props]`` as a node."""
    if len(values) < 4 or values[0] != "$" or not isinstance(values[3], dict):
        return None
    return {**values[3], "type": values[1]}


def _tag(node: dict[str, Any]) -> str:
    """Return the HTML element of a node's kind, a name from ``_NO_TEXT``, or nothing."""
    if node.get("listItem"):
        return "li"
    for key in _KINDS:
        kind = node.get(key)
        name = _MARKS.sub("", kind.lower()) if isinstance(kind, str) else ""
        if name in _NO_TEXT:
            return name
        if name in _TAGS:
            return _TAGS[name]
    return ""


def _address(node: dict[str, Any]) -> str:
    """Return where a link leads."""
    holders = (node, node.get("attrs"), node.get("data"), node.get("fields"))
    addresses = (
        holder.get(key) for holder in holders if isinstance(holder, dict) for key in _ADDRESSES
    )
    return next((address for address in addresses if isinstance(address, str)), "")


def _are_pieces(passages: list[_Passage]) -> bool:
    """Return whether inline passages are one paragraph's: white space begins or ends one."""
    texts = (part for passage in passages for part in passage.parts if isinstance(part, str))
    return any(text != text.strip() for text in texts)


def _is_prose(passage: _Passage) -> bool:
    return any(isinstance(part, str) and word_count(part) > 1 for part in passage.parts)


def _as_block(passage: _Passage, wrap: str) -> _Passage:
    """Return a passage as a block: in the element ``wrap`` if it is none."""
    is_block = passage.tag not in _INLINE and wrap in {"p", passage.tag}
    return passage if is_block else _Passage(wrap, [passage], passage.size)


def _written(passage: _Passage) -> Iterator[str]:
    """Yield a passage as HTML."""
    if passage.tag:
        address = f' href="{escape(passage.address)}"' if passage.address else ""
        yield f"<{passage.tag}{address}>"
    for part in passage.parts:
        if isinstance(part, _Passage):
            yield from _written(part)
        else:
            yield part if _ELEMENT.search(part) else escape(part).replace("\n", "<br>")
    if passage.tag and passage.tag != "br":
        yield f"</{passage.tag}>"
