"""Parts of a text between an opening and its closing, found in linear time.

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
    """Give each opening with the first closing behind it, none within another.

    ``closings`` has the closing of each opening by its group 1 in lower case. An opening without
    a closing encloses nothing, and its closing is not looked for again.
    """
    unclosed: set[AnyStr] = set()
    at = 0
    while (opened := opening.search(text, at)) is not None:
        at = opened.end()
        name = opened[1].lower()
        if name in unclosed:
            continue
        closed = closings[name].search(text, at)
        if closed is None:
            unclosed.add(name)
            continue
        yield opened, closed
        at = closed.end()


def without_enclosed(
    text: AnyStr,
    opening: re.Pattern[AnyStr],
    closings: Mapping[AnyStr, re.Pattern[AnyStr]],
    instead: AnyStr,
) -> AnyStr:
    """Give the text with ``instead`` where the enclosed parts were, openings and closings, too."""
    parts: list[AnyStr] = []
    done = 0
    for opened, closed in enclosed(text, opening, closings):
        parts += [text[done : opened.start()], instead]
        done = closed.end()
    parts.append(text[done:])
    return text[:0].join(parts)
