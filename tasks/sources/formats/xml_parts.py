"""The items of XML that may be damaged: each by itself, so that none takes another with it.

The text is cut at the tags of the wanted elements, outside of CDATA and comments. What a part holds
is then read by libxml2, strictly, and where that fails once more, repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from copydesk.tasks.sources.formats.xml_lookahead import COMMENT, TextAhead
from copydesk.tasks.sources.formats.xml_stream import Element, read_elements
from copydesk.tasks.sources.formats.xml_text import balanced, escaped, repaired

HEAD: Final = 65_536
"""Characters before the first part that are kept: the root with its namespaces stands there."""
CUT: Final = "the file ends in it"
"""The problem of a part that is the last of a text and has no end."""
BATCH: Final = 16_000
"""Characters of parts that are parsed at once."""

_ENCLOSING: Final = 300  # characters before CDATA in which the tag of its element stands
_OPENED: Final = re.compile(r"<([A-Za-z_][\w:.-]*+)[^<>]*+>[^<>]*+\Z")
_SPACE: Final = re.compile(r"\s")
_ATTRIBUTE: Final = re.compile(r"""\s([\w.-]+(?::[\w.-]+)?)\s*=\s*("[^"<&]*"|'[^'<&]*')""")
_NAMESPACE: Final = re.compile(r"""\b(xmlns(?::[\w.-]+)?)\s*=\s*("[^"<]*"|'[^'<]*')""")


@dataclass(frozen=True, slots=True)
class Part:
    """An element from its opening to its closing tag, CDATA written as text.

    ``problem`` says what it lacks: its end, or all of it where it is too large.
    """

    name: str
    markup: str
    problem: str | None = None
    is_too_large: bool = False


class Parts:
    """The elements of the wanted names in a text, however it is damaged, one at a time.

    ``items`` never stand in one another; ``others`` are read outside of them alone. Names are local
    and in lower case. ``cap`` bounds the characters of one. When all were read, ``is_closed`` tells
    whether a root's end came behind them, and ``strays`` how many ends of items had no beginning.
    """

    def __init__(
        self,
        text: Iterable[str],
        items: Sequence[str],
        roots: Sequence[str],
        *,
        others: Sequence[str] = (),
        cap: int,
    ) -> None:
        """Read nothing yet."""
        self._text = TextAhead(text, cap)
        self._cap = cap
        self._items, self._roots = frozenset(items), frozenset(roots)
        tags = "|".join(map(re.escape, (*items, *others, *roots)))
        self._token = re.compile(
            rf"<!\[CDATA\[|<!--|<(?P<close>/?)(?P<name>(?:[\w.-]{{1,40}}:)?(?P<local>{tags}))"
            r"(?=[\s/<>])",
            re.IGNORECASE,
        )
        self._opened: str | None = None
        self._pieces: list[str] = []
        self._size = 0
        self._enclosing = ""
        inside = "|".join(map(re.escape, items))
        self._boundary = re.compile(rf"(?:</(?:{inside})\s*>\s*)?<(?:{inside})[\s>]", re.IGNORECASE)
        self.head = ""
        self.strays = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[Part]:
        """Read from where the text stands."""
        while (token := self._text.search(self._token)) is not None:
            before = self._text.take(token.start())
            self._add(before)
            if token[0] == COMMENT:
                self._text.skip_comment()
            elif token["name"] is None:  # CDATA, in whatever letters
                self._note_enclosing(before)
                self._add(escaped(self._text.cdata(self._enclosing, self._boundary)))
            else:
                yield from self._tag(token)
        self._add(self._text.rest())
        if self._opened is not None:
            yield self._part(CUT)

    def _tag(self, token: re.Match[str]) -> Iterator[Part]:
        name, local = token["name"].lower(), token["local"].lower()
        tag = self._text.take(token.end())
        if token["close"]:
            yield from self._close(name, local, tag)
            return
        is_item = local in self._items
        if self._opened is None or is_item:
            if self._opened is not None:
                yield self._part("it has no end")
            self.is_closed = False
            if local not in self._roots:
                self._opened = name
        if token.string[token.end() : token.end() + 1] == "<":  # what has no end of its own
            tag += ">"
        else:
            tag += self._text.take_tag()
        self._add(tag)
        if self._opened == name and tag.endswith("/>"):
            yield self._part()

    def _close(self, name: str, local: str, tag: str) -> Iterator[Part]:
        if local in self._roots:
            self.is_closed = True
            if self._opened is not None:
                yield self._part("it has no end")
        elif self._opened is None:
            self.strays += local in self._items
        elif name == self._opened:
            self._text.take_tag()
            self._add(f"{tag}>")
            yield self._part()
        else:
            self._add(tag)

    def _add(self, text: str) -> None:
        if self._opened is not None:
            self._size += len(text)
            if self._size <= self._cap:
                self._pieces.append(text)
            else:
                self._pieces.clear()
        elif len(self.head) < HEAD:
            self.head += text[: HEAD - len(self.head)]

    def _note_enclosing(self, before: str) -> None:
        """Note the element in which CDATA stands."""
        if match := _OPENED.search(before[-_ENCLOSING:]):
            self._enclosing = match[1]

    def _part(self, problem: str | None = None) -> Part:
        name = (self._opened or "").rpartition(":")[2]
        markup, is_too_large = "".join(self._pieces), self._size > self._cap
        self._opened, self._pieces, self._size, self._enclosing = None, [], 0, ""
        if is_too_large:
            return Part(name, "", f"larger than {self._cap:,} characters", is_too_large=True)
        return Part(name, markup, problem)


def parse_parts(parts: Parts) -> Iterator[tuple[Part, Element | None]]:
    """Read the parts, with the root's namespaces; None for one that cannot be read at all."""
    batch: list[Part] = []
    size = 0
    for part in parts:
        batch.append(part)
        size += len(part.markup)
        if size >= BATCH:
            yield from _parsed(batch, parts.head)
            batch, size = [], 0
    yield from _parsed(batch, parts.head)


def _parsed(batch: Sequence[Part], head: str) -> Iterator[tuple[Part, Element | None]]:
    namespaces = _namespaces(head)
    whole = [part for part in batch if part.problem is None]
    elements = read_elements("".join(part.markup for part in whole), namespaces)
    if elements is not None and len(elements) == len(whole):
        read = iter(elements)
        for part in batch:
            yield part, (next(read) if part.problem is None else _alone(part, namespaces))
        return
    for part in batch:
        yield part, _alone(part, namespaces)


def _alone(part: Part, namespaces: str) -> Element | None:
    """Read a part for which the strict parser may have no patience."""
    if not part.markup:
        return None
    opening, bracket, content = part.markup.partition(">")
    markup = repaired(sound_tag(opening) + bracket + content)
    elements = read_elements(markup, namespaces) or read_elements(
        balanced(markup), namespaces, lenient=True
    )
    return elements[0] if elements else None


def sound_tag(opening: str) -> str:
    """Leave of an opening tag, its bracket cut off, what is surely an attribute."""
    name = opening[: end.start()] if (end := _SPACE.search(opening)) else opening
    pairs = {match[1]: match[2] for match in _ATTRIBUTE.finditer(opening)}
    return name + "".join(f" {key}={value}" for key, value in pairs.items())


def _namespaces(head: str) -> str:
    """Return the namespaces that a root declares, the last of each prefix."""
    declared = {match[1].lower(): match[2] for match in _NAMESPACE.finditer(head)}
    return " ".join(f"{name}={value}" for name, value in declared.items())
