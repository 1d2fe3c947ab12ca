"""Read JSON-LD as pages write it: broken, nested, in lists, with references.

extruct is not used: it parses the page again with lxml (benchmarks/metadata.py has the time) and
rejects the whole page at the first broken script.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from operator import is_
from typing import Any, Final

Node = Mapping[str, Any]

# The largest script in the development pages has 0.2 MB; a page's scripts together get 2 MB.
MAX_CHARS: Final = 2_000_000
MAX_NODES: Final = 400
MAX_DEPTH: Final = 12

# Properties whose values are about something other than the page's article; not read as objects.
_ELSEWHERE: Final = frozenset(
    {
        "acceptedanswer", "backstory", "citation", "comment", "comments", "ispartof",
        "isrelatedto", "itemlistelement", "mentions", "potentialaction", "publisher",
        "relatedlink", "review", "reviews", "significantlink", "suggestedanswer",
    }
)  # fmt: skip

_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|<!\[CDATA\[|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)\s*"
    r"|(?:(?<!\s)\s+)?(?:-->|\]\]>|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*$"
)
_OPENING: Final = frozenset("{[")
_CLOSING: Final = frozenset("}]")
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_BAD_ESCAPE: Final = re.compile(r'\\(?!["\\/bfnrtu])')
# Tags left in metadata; "the <template> element" may be a headline's own text.
_MARKUP: Final = re.compile(
    r"</?(?:a|b|br|cite|div|em|font|h\d|i|mark|p|small|span|strong|sub|sup|u)(?:\s[^<>]{0,200})?/?>",
    re.I,
)
_ESCAPED_AGAIN: Final = re.compile(r"&(?:#x?[0-9a-f]{1,6}|amp|quot|apos|nbsp|[lr][sd]quo);", re.I)
_NESTED: Final = frozenset({dict, list})
_is_nested: Final = _NESTED.__contains__
_DECODER: Final = json.JSONDecoder(strict=False)

# Fields worth reading from a script that cannot be repaired.
_FIELD: Final = re.compile(
    r'"(headline|datePublished|dateModified|dateCreated|articleSection|@type)"\s*:\s*'
    r'"((?:[^"\\]|\\.){1,500})"'
)
_AUTHOR: Final = re.compile(
    r'"author"\s*:[\[{\s]*+(?:"@type"\s*:\s*"\w+"\s*,\s*)?"name"\s*:\s*"((?:[^"\\]|\\.){1,200})"'
)


def read_scripts(scripts: Iterable[str]) -> tuple[Node, ...]:
    """Return the JSON-LD objects of a page's scripts, flattened, in order, references resolved."""
    room = MAX_CHARS
    nodes: list[Node] = []
    for script in scripts:
        room -= len(script)
        if room < 0:
            break
        for document in parse(script):
            nodes.extend(_flatten(document, MAX_NODES - len(nodes)))
    return tuple(_resolved(nodes))


def parse(script: str) -> list[Any]:
    """Return the JSON documents of one script, repaired if possible.

    A script that stays broken yields one object of the few fields that a pattern finds.
    """
    text = script.strip()
    if text[:1] not in _OPENING or text[-1:] not in _CLOSING:
        text = _WRAPPING.sub("", text).strip().removesuffix(";").strip()
    if not text:
        return []
    if documents := _documents(text):
        return documents
    repaired = _BAD_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub("", text))
    if documents := _documents(repaired):
        return documents
    if "&quot;" in text and (documents := _documents(html.unescape(text))):
        return documents
    return _by_pattern(text)


def types_of(node: Node) -> tuple[str, ...]:
    """Return the object's types in lower case, without the vocabulary's address."""
    declared = node.get("@type")
    if isinstance(declared, str):
        return (_type_name(declared),)
    names = declared if isinstance(declared, list) else ()
    return tuple(_type_name(name) for name in names if isinstance(name, str))


@lru_cache(maxsize=256)
def _type_name(name: str) -> str:
    return name.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()


def texts(value: Any, *, depth: int = 0) -> Iterator[str]:
    """Yield the texts of a value: strings, names of objects, and those in lists of either."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str):
        if clean := plain(value):
            yield clean
    elif isinstance(value, list):
        for each in value[:50]:
            yield from texts(each, depth=depth + 1)
    elif isinstance(value, dict):
        name = next((value[key] for key in ("name", "@value", "headline") if key in value), None)
        yield from texts(name, depth=depth + 1)


def plain(text: str) -> str:
    """Return a text as one line, without tags and with (repeatedly escaped) entities decoded."""
    if "&" in text:
        text = html.unescape(text)
        if "&" in text and _ESCAPED_AGAIN.search(text):
            text = html.unescape(text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    # Of white space, only the space is printable.
    return text.strip(" ") if text.isprintable() and "  " not in text else " ".join(text.split())


def _documents(text: str) -> list[Any]:
    """Return the documents that stand one after another; empty unless all parse."""
    documents: list[Any] = []
    position = 0
    while position < len(text):
        try:
            document, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            # Ignore garbage after a complete first document.
            return documents if documents and text[position : position + 1] not in "{[" else []
        documents.append(document)
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1
    return documents


def _by_pattern(text: str) -> list[Any]:
    node: dict[str, Any] = {}
    for name, value in _FIELD.findall(text):
        node.setdefault(name, value.replace('\\"', '"'))
    if author := _AUTHOR.search(text):
        node["author"] = author.group(1).replace('\\"', '"')
    return [node] if node else []


def _flatten(document: Any, room: int) -> list[Node]:
    nodes: list[Node] = []
    stack: list[tuple[Any, int]] = [(document, 0)]
    while stack and len(nodes) < room:
        value, depth = stack.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, list):
            if any(map(_is_nested, map(type, value))):
                stack.extend((each, depth + 1) for each in reversed(value[:MAX_NODES]))
        elif isinstance(value, dict):
            if "@type" in value or depth == 0:
                nodes.append(value)
            inside = [key for key, each in value.items() if type(each) in _NESTED]
            stack += [
                (value[key], depth + 1) for key in reversed(inside) if key.lower() not in _ELSEWHERE
            ]
    return nodes


def _resolved(nodes: list[Node]) -> list[Node]:
    """Replace references (``"author": {"@id": "#jane"}``) by the objects that they name."""
    by_id = {
        node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 2
    }
    return [_with_objects(node, by_id) for node in nodes] if by_id else nodes


def _with_objects(node: Node, by_id: Mapping[str, Node]) -> Node:
    """Return an object with what its references name; the same one if they name nothing."""
    resolved = {}
    for key, value in node.items():
        if type(value) in _NESTED:
            new = _dereferenced(value, by_id)
            if new is not value:
                resolved[key] = new
    return {**node, **resolved} if resolved else node


def _dereferenced(value: Any, by_id: Mapping[str, Node]) -> Any:
    """Return a value with what its references name, or the same value."""
    if isinstance(value, list):
        values = [
            _dereferenced(each, by_id) if type(each) in _NESTED else each
            for each in value[:MAX_NODES]
        ]
        same = len(values) == len(value) and all(map(is_, values, value))
        return value if same else values
    if "@id" in value and isinstance(value["@id"], str) and "name" not in value:
        return by_id.get(value["@id"], value)
    return value
