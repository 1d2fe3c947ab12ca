"""Join articles that are split over several pages."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Sequence
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.fetcher import Fetcher, FetchRequest, Response
from copydesk.tasks.sources.web.fetch.urls import join

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

PAGES = 30  # maximum pages of one article; more are a list or a loop
BLOCKS = ("blockquote", "dl", "figure", "h2", "h3", "h4", "ol", "p", "pre", "table", "ul")

_LINK = re.compile(rb"<(?:link|a)\b[^<>]*>", re.IGNORECASE)
_REL_NEXT = re.compile(rb"""\brel\s*=\s*(?:"[^"]*\bnext\b|'[^']*\bnext\b|next\b)""", re.IGNORECASE)
_HREF = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_POST = re.compile(rb"""\bpostid-(\d+)|<article[^<>]{0,200}\bid\s*=\s*["']?post-(\d+)""")
_PUBLISHED = re.compile(
    rb"""article:published_time["'][^<>]{0,40}content\s*=\s*["']([^"']{8,40})"""
)
_SIGNS = (_POST, _PUBLISHED)
_HEADING = re.compile(rb"<h1\b[^<>]*>((?:(?!<h1\b).){1,600}?)</h1>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]*>")
_PAGE_NUMBER = re.compile(
    r"[\s(–—|-]*\b(?:page|seite|página|pagina|part|teil)?\s*\d{1,2}\W*$", re.I
)
_LAST_NUMBER = re.compile(r"(\d{1,2})/?$")
_CLASS = re.compile(rb"""\bclass\s*+=\s*+(?:"[^"<>]*+|'[^'<>]*+|[^\s"'<>]++)""", re.IGNORECASE)
_PAGE_WORD = re.compile(rb"\b(?:page|next)", re.IGNORECASE)
_MARKUP = re.compile(rb"<[^<>]*>")
_NUMBERS = frozenset(
    {"page", "p", "pg", "paged", "seite", "pagina", "page_no", "pageno", "pagenum"}
)
_OWN_PART = re.compile(r"^(.*?)(?:/(?:(?:page|p|seite|pagina)[-_/]?)?|[-_,.]page[-_]?)(\d{1,2})/?$")
"""A page number as a path segment of its own or after a word like "page": certainly a page's."""
_IN_NAME = re.compile(r"^(.*?)[-_,.]p?(\d{1,2})/?$")
"""A number at the end of a name, as of "week-19" too."""
_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|shtml)$", re.IGNORECASE)
_MARK = "join-the-next-pages-here-5d1c"


async def with_next_pages(fetcher: Fetcher, response: Response, request: FetchRequest) -> Response:
    """Fetch the following pages of the same article and join them to the first.

    Raises:
        FetchError: A page cannot be fetched now but may be later; half an article is not accepted.
    """
    responses = [response]
    while len(responses) < PAGES:
        link = await asyncio.to_thread(next_page, responses[-1].body, responses[-1].url)
        if link is None or any(earlier.url == link for earlier in responses):
            break
        try:
            following = await fetcher.fetch(link, None, request)
        except FetchError as error:
            if error.consequence.passes:
                raise
            break
        if not await asyncio.to_thread(is_same_article, responses[0], following):
            break
        responses.append(following)
    if len(responses) == 1:
        return response
    return await asyncio.to_thread(_joined, responses)


def _joined(responses: Sequence[Response]) -> Response:
    from copydesk.tasks.cleaning.encoding import decode

    first = responses[0]

    decoded = [decode(page.body, page.media_type) for page in responses]
    texts = [page.text for page in decoded if page is not None]
    if len(texts) < len(responses):
        return first
    transport = {**first.transport, "pages": " ".join(page.url for page in responses)}
    body = join_pages(texts).encode("utf-8", "replace")
    return dataclasses.replace(first, body=body, media_type=HTML, transport=transport)


def next_page(html: bytes, url: str) -> str | None:
    """Return the address of the article's possible next page, or None.

    ``rel=next`` mostly leads to another article. It counts if the addresses differ only by a page
    number that is one higher. Other links count if the number is certainly a page's, as in the
    links that WordPress writes below a post's text.
    """
    sure: str | None = None
    for match in _LINK.finditer(html):
        tag = match[0]
        href = _HREF.search(tag)
        if href is None:
            continue
        raw = (href[1] or href[2] or href[3] or b"").decode("utf-8", "replace")
        is_next = _REL_NEXT.search(tag) is not None
        if not is_next and (sure is not None or not _is_numbered(tag, raw, html, match.end())):
            continue
        link = join(url, raw.replace("&amp;", "&").replace("&#038;", "&")).partition("#")[0]
        if is_next and follows(url, link):
            return link
        if not is_next and sure is None and follows(url, link, surely=True):
            sure = link
    return sure


def _is_numbered(tag: bytes, href: str, html: bytes, end: int) -> bool:
    """Return whether a link leads to a numbered page, by its class or its text."""
    number = _LAST_NUMBER.search(href)
    if number is None:
        return False
    if any(_PAGE_WORD.search(classes) for classes in _CLASS.findall(tag)):
        return True
    text = _MARKUP.sub(b" ", html[end : end + 80]).split(maxsplit=2)
    return number[1].encode() in text[:2]


def follows(url: str, link: str, *, surely: bool = False) -> bool:
    """Return whether an address is that of the article's next page.

    ``surely`` ignores numbers at the end of a name ("week-19").
    """
    try:
        before, after = urlsplit(url), urlsplit(link)
    except ValueError:
        return False
    if before.netloc != after.netloc or (before.path in ("", "/") and not before.query):
        return False
    readings = set(_readings(before.path, before.query, surely=surely))
    return any(
        (base, number - 1) in readings
        for base, number in _readings(after.path, after.query, surely=surely)
    )


def _readings(path: str, query: str, *, surely: bool) -> list[tuple[tuple[str, str], int]]:
    """Return each way to read an address as an article and a page number."""
    names = _NUMBERS if path.strip("/") else _NUMBERS - {"p"}  # WordPress's /?p=7&page=2
    suffix = _SUFFIX.search(path)
    stem = path[: suffix.start()] if suffix else path
    pairs = parse_qsl(query, keep_blank_values=True)
    query_rest = urlencode([pair for pair in pairs if pair[0].lower() not in names])
    numbers = [value for name, value in pairs if name.lower() in names]
    plain = stem.rstrip("/")
    if numbers and numbers[0].isdigit() and len(numbers[0]) < 3:
        return [((plain, query_rest), int(numbers[0]))]
    readings = [((plain, query_rest), 1)]
    for form in (_OWN_PART,) if surely else (_OWN_PART, _IN_NAME):
        if (match := form.match(stem)) and match[1].strip("/"):
            readings += [((match[1].rstrip("/"), query_rest), int(match[2]))]
    return readings


def is_same_article(first: Response, following: Response) -> bool:
    """Return whether a page continues an article, by what both declare.

    WordPress gives the post's number; others give the time of publication. If the address is
    ambiguous (``week-20`` after ``week-19``), the headings must be equal.
    """
    for pattern in _SIGNS:
        first_mark, second_mark = pattern.search(first.body), pattern.search(following.body)
        if first_mark and second_mark:
            if (first_mark[1] or first_mark[first_mark.re.groups]) != (
                second_mark[1] or second_mark[first_mark.re.groups]
            ):
                return False
            if pattern is _POST:
                return True
    headings = [_headings(response) for response in (first, following)]
    if all(headings):
        return headings[0] == headings[1] or (
            follows_surely(first.url, following.url) and _POST.search(first.body) is None
        )
    return follows_surely(first.url, following.url)


def follows_surely(first: str, following: str) -> bool:
    """Return whether an address is certainly that of a later page of an article."""
    try:
        parts = [urlsplit(url) for url in (first, following)]
    except ValueError:
        return False
    bases = [{base for base, _ in _readings(part.path, part.query, surely=True)} for part in parts]
    return not bases[0].isdisjoint(bases[1])


def _headings(response: Response) -> str:
    """Return a page's first heading without the page number."""
    from copydesk.tasks.cleaning.encoding import decode

    match = _HEADING.search(response.body)
    if match is None:
        return ""
    decoded = decode(match[1], response.media_type)
    text = unescape(_TAGS.sub("", decoded.text if decoded else ""))
    return " ".join(_PAGE_NUMBER.sub("", text).split()).casefold()


def join_pages(pages: Sequence[str]) -> str:
    """Insert the text of later pages into the first page, after its text.

    From a later page, the blocks around its longest run of paragraphs are taken, except those that
    the first page has, too: what all pages share belongs to the site.
    """
    # Limits depth as for every cleaned page, since the parser's time is quadratic in it.
    from copydesk.tasks.cleaning.html.parser_limits import parsed

    first = parsed(pages[0])
    target = _container(first)
    if target is None:
        return pages[0]
    texts = {_text(node) for node in first.css(", ".join(BLOCKS))}
    added: list[str] = []
    for page in pages[1:]:
        container = _container(parsed(page))
        for node in container.iter() if container is not None else ():
            text = _text(node)
            if node.tag in BLOCKS and text not in texts:
                texts.add(text)
                added.append(node.html or "")
    target.insert_child(_MARK)
    return (first.html or pages[0]).replace(_MARK, "\n".join(added), 1)


def _container(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the element whose own paragraphs contain the most text."""
    best: LexborNode | None = None
    largest = 0
    sizes: dict[int, int] = {}
    for node in tree.css("p"):
        parent = node.parent
        if parent is not None:
            size = sizes.get(parent.mem_id, 0) + len(_text(node))
            sizes[parent.mem_id] = size
            if size > largest:
                best, largest = parent, size
    return best


def _text(node: LexborNode) -> str:
    return " ".join(node.text().split())
