"""Articles over several pages, put together again."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.fetcher import Guest, Visit, Wish
from copydesk.tasks.sources.web.fetch.urls import join

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

PAGES = 30  # of one article; more are a list or a loop
BLOCKS = ("blockquote", "dl", "figure", "h2", "h3", "h4", "ol", "p", "pre", "table", "ul")

_LINK = re.compile(rb"<(?:link|a)\b[^<>]*>", re.I)
_REL_NEXT = re.compile(rb"""\brel\s*=\s*(?:"[^"]*\bnext\b|'[^']*\bnext\b|next\b)""", re.I)
_HREF = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_NUMBERS = ("page", "p", "pg", "paged", "seite", "pagina", "page_no", "pageno", "pagenum")
_IN_PATH = re.compile(
    r"^(.*?)(?:/(?:(?:page|p|seite|pagina)[-_/]?)?|[-_,.](?:page|p)?)(\d{1,2})(/?)$"
)
_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|shtml)$", re.IGNORECASE)
_MARK = "join-the-next-pages-here-5d1c"


async def with_next_pages(guest: Guest, visit: Visit, wish: Wish) -> Visit:
    """Read the pages that follow a page of the same article, and join them to it.

    ``FetchError`` if one cannot be had now and may be later: half an article is none.
    """
    visits = [visit]
    while len(visits) < PAGES:
        link = await asyncio.to_thread(next_page, visits[-1].body, visits[-1].url)
        if link is None or any(one.url == link for one in visits):
            break
        try:
            visits.append(await guest.visit(link, None, wish))
        except FetchError as error:
            if error.consequence.passes:
                raise
            break
    if len(visits) == 1:
        return visit
    return await asyncio.to_thread(_joined, visits)


def _joined(visits: Sequence[Visit]) -> Visit:
    from copydesk.tasks.cleaning.encoding import decode

    visit = visits[0]

    decoded = [decode(one.body, one.media_type) for one in visits]
    texts = [one.text for one in decoded if one is not None]
    if len(texts) < len(visits):
        return visit
    how = {**visit.how, "pages": " ".join(one.url for one in visits)}
    body = join_pages(texts).encode("utf-8", "replace")
    return dataclasses.replace(visit, body=body, media_type=HTML, how=how)


def next_page(html: bytes, url: str) -> str | None:
    """Find the next page of the same article; None if there is none.

    ``rel=next`` mostly leads to another article. It counts where the address is the same but for
    the number of the page, which is one higher.
    """
    for link_tag in _LINK.finditer(html):
        tag = link_tag[0]
        if _REL_NEXT.search(tag) and (href := _HREF.search(tag)):
            raw = (href[1] or href[2] or href[3] or b"").decode("utf-8", "replace")
            link = join(url, raw.replace("&amp;", "&").replace("&#038;", "&")).partition("#")[0]
            if follows(url, link):
                return link
    return None


def follows(url: str, link: str) -> bool:
    """Tell whether an address is that of the next page of the same article."""
    try:
        before, after = urlsplit(url), urlsplit(link)
    except ValueError:
        return False
    if before.netloc != after.netloc or before.path in ("", "/"):
        return False
    readings = set(_readings(before.path, before.query))
    return any(
        (base, number - 1) in readings for base, number in _readings(after.path, after.query)
    )


def _readings(path: str, query: str) -> list[tuple[tuple[str, str], int]]:
    """Read an address as that of an article and the number of its page, in each way that fits."""
    suffix = _SUFFIX.search(path)
    stem = path[: suffix.start()] if suffix else path
    pairs = parse_qsl(query, keep_blank_values=True)
    rest = urlencode([pair for pair in pairs if pair[0].lower() not in _NUMBERS])
    numbers = [value for name, value in pairs if name.lower() in _NUMBERS]
    plain = stem.rstrip("/")
    if numbers and numbers[0].isdigit() and len(numbers[0]) < 3:
        return [((plain, rest), int(numbers[0]))]
    found = [((plain, rest), 1)]
    if (match := _IN_PATH.match(stem)) and match[1].strip("/"):
        found.append(((match[1].rstrip("/"), rest), int(match[2])))
    return found


def join_pages(pages: Sequence[str]) -> str:
    """Put the text of the later pages behind that of the first, within it.

    Of a later page, the blocks beside its longest run of paragraphs are taken that the first does
    not have as well: what all pages share is the site's.
    """
    from selectolax.lexbor import LexborHTMLParser

    # Depth is bounded as for any page that is cleaned; the parser's time grows with its square.
    from copydesk.tasks.cleaning.html.parser_limits import bounded

    first = LexborHTMLParser(bounded(pages[0]))
    place = _container(first)
    if place is None:
        return pages[0]
    known = {_text(node) for node in first.css(", ".join(BLOCKS))}
    added: list[str] = []
    for page in pages[1:]:
        container = _container(LexborHTMLParser(bounded(page)))
        for node in container.iter() if container is not None else ():
            text = _text(node)
            if node.tag in BLOCKS and text not in known:
                known.add(text)
                added.append(node.html or "")
    place.insert_child(_MARK)
    return (first.html or pages[0]).replace(_MARK, "\n".join(added), 1)


def _container(tree: LexborHTMLParser) -> LexborNode | None:
    """Find the element whose own paragraphs hold the most text."""
    best: LexborNode | None = None
    most = 0
    seen: dict[int, int] = {}
    for node in tree.css("p"):
        parent = node.parent
        if parent is not None:
            size = seen.get(parent.mem_id, 0) + len(_text(node))
            seen[parent.mem_id] = size
            if size > most:
                best, most = parent, size
    return best


def _text(node: LexborNode) -> str:
    return " ".join(node.text().split())
