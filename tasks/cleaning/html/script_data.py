"""Extract HTML templates and data from a page's scripts and attributes."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_SCRIPT: Final = re.compile(r"<script\b([^<>]*)>", re.I)
_SCRIPT_END: Final = re.compile(r"</script", re.I)
_TEMPLATE_TYPE: Final = re.compile(r"text/(?:html|(?:x-)?(?:[a-z]+-)?(?:template|tmpl))", re.I)
_DATA_TYPE: Final = re.compile(r"application/(?:[a-z.]+\+)?json", re.I)
_ASSIGNMENT: Final = re.compile(
    r"(?:\b\w{1,60}(?:\.\w{1,60}|\[[\"']\w{1,60}[\"']\])"
    r"|\b(?:var|let|const)\s{1,9}\w{1,60})\s{0,9}=\s{0,9}"
    r"(?:(?=[{\[])|(?P<parse>JSON\.parse\(\s{0,9})(?=[\"']))"
)
"""Matches ``window.state = {…}``, ``site.story = {…}`` and ``const state = JSON.parse("…")``."""
_MAX_ASSIGNMENTS: Final = 50
"""Maximum per script: programs assign thousands of small objects; pages put their data first."""
_STRING: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?", re.S)
"""Matches a string literal; also one that is not closed, so that a search does not start again."""
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))", re.S)
_STREAM: Final = re.compile(r"\b__next_f\.push\(\[1,\s{0,9}(?=\")")
"""Next.js streams React's components to the browser in string literals, cut at any place."""
_ROW: Final = re.compile(rb"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,8}),|(?=[\[{\"]))")
"""A row of such a stream: ``id:JSON`` up to the line's end, or ``id:Tlength,`` and raw text."""
_ATTRIBUTE: Final = re.compile(
    r"\s[\w:-]{1,60}\s{0,9}=\s{0,9}"
    r"(?:\"([\[{](?:[\[{]|&quot;|&#34;)[^\"]*)\"|'([\[{][\[{\"][^']*)')"
)
"""An attribute of JSON: ``data-page="{&quot;…"`` of Inertia, ``props`` of Astro."""
LONG: Final = 400
"""Minimum characters of a string in a program and of an attribute; those of a body have more."""
_DECODER: Final = json.JSONDecoder(strict=False)


class ScriptContents(NamedTuple):
    """What a page holds beside its text: markup of templates, and values of data."""

    templates: list[str]
    values: list[Any]


def script_contents(page: str) -> ScriptContents:
    """Return the markup in script templates, and the values in scripts and attributes.

    Values are JSON, and the long strings of programs.
    """
    contents = ScriptContents([], [])
    streamed: list[str] = []
    for attributes, inner in _scripts(page):
        if _TEMPLATE_TYPE.search(attributes):
            contents.templates.append(inner.replace("<\\/", "</"))
        elif _DATA_TYPE.search(attributes):
            contents.values.extend(_value_at(inner.strip(), 0)[0])
        elif (stream := _STREAM.search(inner)) is not None:
            streamed += _literal_at(inner, stream.end())[0]
        else:
            contents.values.extend(_assigned_values(inner))
            contents.values.extend(_long_strings(inner))
    contents.values.extend(_streamed_values("".join(streamed)))
    contents.values.extend(_attribute_values(page))
    return contents


def json_value(text: str) -> list[Any]:
    """Return the object or list that a text is in JSON; nothing if it is not."""
    stripped = text.strip()
    if stripped[:1] not in ("{", "[") or stripped[-1:] not in ("}", "]"):
        return []
    return _value_at(stripped, 0)[0]


def _scripts(page: str) -> Iterator[tuple[str, str]]:
    """Yield each script's attributes and content."""
    at = 0
    while (start := _SCRIPT.search(page, at)) is not None:
        end = _SCRIPT_END.search(page, start.end())
        at = end.start() if end else len(page)
        yield start.group(1), page[start.end() : at]


def _assigned_values(script: str) -> list[Any]:
    values: list[Any] = []
    at = 0
    for _ in range(_MAX_ASSIGNMENTS):
        assignment = _ASSIGNMENT.search(script, at)
        if assignment is None:
            break
        if assignment["parse"]:
            literal, at = _literal_at(script, assignment.end())
            parsed = [value for text in literal for value in _value_at(text.strip(), 0)[0]]
        else:
            parsed, at = _value_at(script, assignment.end())
        values += parsed
    return values


def _long_strings(script: str) -> Iterator[str]:
    for literal in _STRING.finditer(script):
        if literal.end() - literal.start() >= LONG:
            yield from _literal_at(script, literal.start())[0]


def _attribute_values(page: str) -> Iterator[Any]:
    for attribute in _ATTRIBUTE.finditer(page):
        text = attribute[1] or attribute[2]
        if len(text) >= LONG:
            yield from _value_at(html.unescape(text), 0)[0]


def _streamed_values(stream: str) -> Iterator[Any]:
    """Yield the values of the rows of a stream of React's components; lengths are in bytes."""
    octets = stream.encode("utf-8", "replace")
    at = 0
    while at < len(octets):
        end = octets.find(b"\n", at)
        end = len(octets) if end < 0 else end
        row = _ROW.match(octets, at)
        if row is not None and row[2]:
            end = min(row.end() + int(row[2], 16), len(octets))
            yield octets[row.end() : end].decode("utf-8", "replace")
        elif row is not None:
            yield from _value_at(octets[row.end() : end].decode("utf-8", "replace"), 0)[0]
            end += 1
        else:
            end += 1
        at = end


def _value_at(text: str, start: int) -> tuple[list[Any], int]:
    """Return the JSON value at a position (or nothing), and the position after it."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return [], start + 1
    return [value], end


def _literal_at(script: str, start: int) -> tuple[list[str], int]:
    """Return the text of a string literal (or nothing), and where the literal ends."""
    literal = _STRING.match(script, start)
    if literal is None:
        return [], start + 1
    if literal.end() - start < 2 or script[literal.end() - 1] != script[start]:
        return [], literal.end()
    inner = _ESCAPE.sub(_json_escape, literal.group()[1:-1].replace('"', "\0"))
    decoded, _ = _value_at('"' + inner.replace("\0", '\\"') + '"', 0)
    return decoded, literal.end()


def _json_escape(escape: re.Match[str]) -> str:
    """Return a script string's escape in JSON's notation."""
    if escape[1]:
        return f"\\u00{escape[1]}"
    return escape[0] if escape[2] in "bfnrtu\\/" else escape[2]
