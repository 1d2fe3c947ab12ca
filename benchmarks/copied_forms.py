"""Two more ways of copying a page, which nothing is trained on.

``wet`` does what Common Crawl's WET files do: the text of each block element is a line, without
blank lines, list marks or indents; ``resiliparse`` is the plain text that this tool dumps of a
whole page, with its list marks and blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree, html

_BLOCKS = frozenset(
    "address article aside blockquote body br button caption center dd details dialog dir div dl "  # noqa: SIM905
    "dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li legend main menu nav "
    "ol option p pre section select summary table tbody td tfoot th thead title tr ul".split()
)
_UNSEEN = frozenset(
    "script style noscript template head svg iframe object video audio canvas textarea".split()  # noqa: SIM905
)
_SPACE = re.compile(r"\s+")


def wet(page: str) -> str:
    """Dump a page as Common Crawl does."""
    tree = _parsed(page)
    if tree is None:
        return ""
    parts: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        name = element.tag if isinstance(element.tag, str) else ""
        block = name in _BLOCKS
        if event == "start":
            if block:
                parts.append("\n")
            if name and not _hidden(element):
                parts.append(_SPACE.sub(" ", element.text or ""))
            continue
        if block:
            parts.append("\n")
        above = element.getparent()
        if above is not None and not _hidden(above):
            parts.append(_SPACE.sub(" ", element.tail or ""))
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _hidden(element: etree._Element) -> bool:
    while element is not None:
        if element.tag in _UNSEEN:
            return True
        element = element.getparent()
    return False


def _parsed(page: str) -> etree._Element | None:
    try:
        return html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        return None


def resiliparse(page: str) -> str:
    """Dump a page with Resiliparse: everything that it shows."""
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(
        page, preserve_formatting=True, main_content=False, list_bullets=True, links=False
    )
    return text


FORMS: dict[str, Callable[[str], str]] = {"wet": wet, "resiliparse": resiliparse}
