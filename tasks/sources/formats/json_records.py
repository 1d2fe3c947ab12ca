"""JSON files: an array of articles, alone or within an object, one article, or many in a row.

Positions count the articles. Other JSON (settings, manifests) is ignored unless the user named it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any, BinaryIO, Final

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.json_text import read_json_at
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows
from copydesk.tasks.sources.streams.compression import TooLargeError

STEP: Final = 65_536  # bytes read at once, at first
LISTS: Final = ("articles", "items", "posts", "data", "results", "documents", "docs", "entries",
                "records", "rows", "stories", "news", "hits", "response", "value",
                "feed")  # fmt: skip
"""Names under which an object has its array of articles, or an object with it."""
DEEPEST: Final = 3  # objects around the array
_LIST_BEGINS: Final = re.compile(rf'"(?:{"|".join(LISTS)})"\s*:\s*\[(?=\s*\{{)')
_SPACE: Final = re.compile(r"[\s,]*")
_NEXT: Final = re.compile(r"\}\s*+,?+\s*+(?=\{)")
_NEAR_END: Final = 16  # characters in which an error may come from the text's going on


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the articles."""
    return offer_rows("json", _rows, reading, entry, is_optional=not entry.is_named)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read articles."""
    return read_rows(_rows, reading, path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    with reading.open(path) as stream:
        for number, element in enumerate(_elements(_Text(stream, reading.limits.line))):
            if number < position:
                continue
            if isinstance(element, (dict, Exception)):
                yield number, element
            else:
                yield number, ValueError("not a JSON object")


class _Text:
    """A JSON text that is read as far ahead as a value reaches, ``cap`` characters at most."""

    def __init__(self, stream: BinaryIO, cap: int) -> None:
        self._stream = stream
        self._cap = cap
        head = stream.read(STEP)
        encoding = json.detect_encoding(head) if head else "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self.text = self._decoder.decode(head).removeprefix("\ufeff")
        self.at = 0
        self.ended = len(head) < 1

    def skip_space(self) -> str:
        """Go to the next character that is no space or comma, and return it; empty at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text) or not self._more():
                return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        """Read the value that begins here, and go behind it; ``ValueError`` if there is none."""
        while True:
            try:
                value, end = read_json_at(self.text, self.at)
            except ValueError as error:
                if self._is_certain(error) or not self._more():
                    raise
                continue
            if end == len(self.text) and self._more():
                continue
            self.at = end
            return value

    def skip_damage(self) -> bool:
        """Go to the next object behind a damaged one; False where there is none."""
        while True:
            match = _NEXT.search(self.text, self.at + 1)
            if match is not None:
                self.at = match.end()
                return True
            self.at = max(self.at, len(self.text) - 1)
            if not self._more():
                return False

    def _is_certain(self, error: ValueError) -> bool:
        """Tell that more of the text cannot mend an error."""
        if not isinstance(error, json.JSONDecodeError):
            return True
        is_open = error.msg.startswith("Unterminated")
        return not is_open and error.pos < len(self.text) - _NEAR_END

    def _more(self) -> bool:
        """Read as much again as is held, so that reading on stays linear; False at the end."""
        held = len(self.text) - self.at
        if held > self._cap:
            raise TooLargeError(self._cap)
        data = b"" if self.ended else self._stream.read(max(STEP, held))
        was_ended, self.ended = self.ended, not data
        added = "" if was_ended else self._decoder.decode(data, final=self.ended)
        self.text, self.at = self.text[self.at :] + added, 0
        return bool(added)


def _elements(text: _Text) -> Iterator[Any]:
    """Yield the articles, or an exception where one is damaged."""
    first = text.skip_space()
    if first == "[":
        text.at += 1
        yield from _array(text)
        return
    while text.skip_space():
        try:
            value = text.value()
        except TooLargeError:
            begins = _LIST_BEGINS.search(text.text, text.at)
            if begins is None:
                raise
            text.at = begins.end()
            yield from _array(text)
            return
        except ValueError as error:
            yield ValueError(f"not JSON: {error}")
            if not text.skip_damage():
                return
            continue
        articles = _list_in(value, DEEPEST)
        yield from [value] if articles is None else articles


def _array(text: _Text) -> Iterator[Any]:
    while (char := text.skip_space()) and char != "]":
        try:
            yield text.value()
        except ValueError as error:
            yield ValueError(f"not JSON: {error}")
            if not text.skip_damage():
                return
    if not char:
        yield EOFError("the array has no end")


def _list_in(value: Any, depth: int) -> list[Any] | None:
    """Return the array of objects in an object, under one of the names that it goes by."""
    if not isinstance(value, dict) or not depth:
        return None
    for name in LISTS:
        inner = value.get(name)
        if isinstance(inner, list) and inner and all(isinstance(each, dict) for each in inner):
            sources = [each.get("_source") for each in inner]  # Elasticsearch's hits
            return sources if all(isinstance(each, dict) for each in sources) else inner
        if (articles := _list_in(inner, depth - 1)) is not None:
            return articles
    return None
