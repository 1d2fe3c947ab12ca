"""More ways of copying a page, on which no choice of lines is trained.

``wet`` does what Common Crawl's WET files do: the text of each block element is a line, without
blank lines, list marks or indents; the models of kinds and titles learn from some pages of this
form. ``resiliparse`` is the plain text that this tool dumps of a whole page, with its list marks
and blank lines, ``lynx`` what the text browser shows in 80 columns, and ``firefox`` what a reader
copies from another engine than the one that training's pages were copied with. Nothing at all is
trained on these three; the last two need the programs, and leave their pages out without them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from lxml import etree, html

from benchmarks import firefox

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


def lynx(page: str) -> str:
    """Dump a page with Lynx, as its manual says: indented, 80 columns wide, without the links."""
    utf8 = [f"-{of}charset=utf-8" for of in ("assume_", "assume_local_", "display_")]
    command = ["lynx", "-stdin", "-dump", "-nolist", "-force_html", "-width=80", *utf8]
    encoded = page.encode("utf-8", "replace")
    return subprocess.run(command, input=encoded, capture_output=True, check=False).stdout.decode(
        "utf-8", "replace"
    )


Dump = Callable[[Iterable[str]], Iterator[str]]


def forms() -> dict[str, Dump]:
    """Return the ways of copying that work here, each a function of many pages."""
    dumps: dict[str, Dump] = {"wet": partial(map, wet), "resiliparse": partial(map, resiliparse)}
    if shutil.which("lynx"):
        dumps["lynx"] = partial(map, lynx)
    if firefox.program():
        dumps["firefox"] = firefox.copied
    return dumps
