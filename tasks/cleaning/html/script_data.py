"""Extract HTML templates and JSON data from a page's scripts."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_SCRIPT: Final = re.compile(r"<script\b([^<>]*)>", re.I)
_SCRIPT_END: Final = re.compile(r"</script", re.I)
_TEMPLATE_TYPE: Final = re.compile(r"text/(?:html|(?:x-)?(?:[a-z]+-)?(?:template|tmpl))", re.I)
_DATA_TYPE: Final = re.compile(r"application/(?:[a-z.]+\+)?json", re.I)
_ASSIGNMENT: Final = re.compile(
    r"(?:\b(?:window|self|globalThis)(?:\.\w{1,60}|\[[\"']\w{1,60}[\"']\])"
    r"|\b(?:var|let|const)\s{1,9}\w{1,60})\s{0,9}=\s{0,9}"
    r"(?:(?=[{\[])|(?P<parse>JSON\.parse\(\s{0,9})(?=[\"']))"
)
"""Matches ``window.state = {…}`` and ``const state = JSON.parse("…")``."""
_MAX_ASSIGNMENTS: Final = 50
"""Maximum per script: programs assign thousands of small objects; pages put their data first."""
_STRING: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'", re.S)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))", re.S)
_DECODER: Final = json.JSONDecoder(strict=False)


def script_contents(html: str) -> tuple[list[str], list[Any]]:
    """Return the markup in script templates, and the JSON values in scripts."""
    templates: list[str] = []
    values: list[Any] = []
    at = 0
    while (start := _SCRIPT.search(html, at)) is not None:
        end = _SCRIPT_END.search(html, start.end())
        at = end.start() if end else len(html)
        inner, attributes = html[start.end() : at], start.group(1)
        if _TEMPLATE_TYPE.search(attributes):
            templates.append(inner.replace("<\\/", "</"))
        elif _DATA_TYPE.search(attributes):
            values += _value_at(inner.strip(), 0)[0]
        else:
            values += _assigned_values(inner)
    return templates, values


def _assigned_values(script: str) -> list[Any]:
    values: list[Any] = []
    at = 0
    for _ in range(_MAX_ASSIGNMENTS):
        assignment = _ASSIGNMENT.search(script, at)
        if assignment is None:
            break
        if assignment["parse"]:
            parsed, at = _parsed_string(script, assignment.end())
        else:
            parsed, at = _value_at(script, assignment.end())
        values += parsed
    return values


def _value_at(text: str, start: int) -> tuple[list[Any], int]:
    """Return the JSON value at a position (or nothing), and the position after it."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return [], start + 1
    return [value], end


def _parsed_string(script: str, start: int) -> tuple[list[Any], int]:
    """Return the JSON value in a string literal (or nothing), and where the literal ends."""
    literal = _STRING.match(script, start)
    if literal is None:
        return [], start + 1
    inner = _ESCAPE.sub(_json_escape, literal.group()[1:-1].replace('"', "\0"))
    decoded, _ = _value_at('"' + inner.replace("\0", '\\"') + '"', 0)
    return (_value_at(decoded[0].strip(), 0)[0] if decoded else []), literal.end()


def _json_escape(escape: re.Match[str]) -> str:
    """Return a script string's escape in JSON's notation."""
    if escape[1]:
        return f"\\u00{escape[1]}"
    return escape[0] if escape[2] in "bfnrtu\\/" else escape[2]
