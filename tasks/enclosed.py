"""Finds the parts of a text between start and end tags, in linear time.

A pattern such as ``<script.*?</script>`` looks from each opening to the end of a text that has no
closing: a page of openings costs the square of its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import AnyStr


def enclosed(
    text: AnyStr, opening: re.Pattern[AnyStr], closings: Mapping[AnyStr, re.Pattern[AnyStr]]
) -> Iterator[tuple[re.Match[AnyStr], re.Match[AnyStr]]]:
    """Yield each start tag with the first end tag behind it; pairs do not nest.

    ``closings`` has the closing of each opening by its group 1 in lower case. An opening without
    a closing encloses nothing, and its closing is not looked for again.
    """
    unclosed: set[AnyStr] = set()
    at = 0
    while (start_tag := opening.search(text, at)) is not None:
        at = start_tag.end()
        name = start_tag[1].lower()
        if name in unclosed:
            continue
        end_tag = closings[name].search(text, at)
        if end_tag is None:
            unclosed.add(name)
            continue
        yield start_tag, end_tag
        at = end_tag.end()


def without_enclosed(
    text: AnyStr,
    opening: re.Pattern[AnyStr],
    closings: Mapping[AnyStr, re.Pattern[AnyStr]],
    instead: AnyStr,
) -> AnyStr:
    """Return the text with ``instead`` in place of each enclosed part, its tags included."""
    parts: list[AnyStr] = []
    end = 0
    for start_tag, end_tag in enclosed(text, opening, closings):
        parts += [text[end : start_tag.start()], instead]
        end = end_tag.end()
    parts.append(text[end:])
    return text[:0].join(parts)
