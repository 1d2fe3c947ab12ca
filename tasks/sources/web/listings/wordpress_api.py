"""WordPress's REST API: posts as they were written, a hundred per request.

Listing requests only the posts' addresses and dates; reading requests their texts, as many as one
response can contain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from copydesk.schemas.article import Hints
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.json_text import read_json_at
from copydesk.tasks.sources.web.fetch.urls import join
from copydesk.tasks.sources.web.listings.entry import mark_of, plain_title

PER_PAGE = 100  # the API's maximum
PAGES = 10_000  # a million posts: no site has more, and a loop ends
LIST_FIELDS = "id,link,modified_gmt,date_gmt"
TRIES = 100
"""Maximum brackets at which the beginning of a list is tried."""
RELATION = "https://api.w.org/"

_BEGINS = re.compile(r"[\[{]")
_LINK_HEADER = re.compile(r'<([^<>]+)>\s*;\s*rel="?https://api\.w\.org/"?')
_LINK_TAG = re.compile(rb"<link\b[^<>]*>", re.IGNORECASE)
_HREF = re.compile(rb"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Post:
    """A post in a list; ``mark`` changes when it is edited."""

    id: int
    url: str
    mark: str
    modified: str
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostPage:
    """A page of the list; ``nameless`` counts posts without a number or address."""

    posts: list[Post]
    nameless: int


@dataclass(frozen=True, slots=True)
class PostText:
    """A post with its text as HTML, as the theme would show it."""

    url: str
    html: str
    hints: Hints
    protected: bool


def find_api(headers: Mapping[str, str], body: bytes, url: str) -> str | None:
    """Return the address of a site's API, from its front page."""
    if match := _LINK_HEADER.search(headers.get("link", "")):
        return join(url, match[1])
    tags = (tag[0] for tag in _LINK_TAG.finditer(body))
    tag = next((tag for tag in tags if RELATION.encode() in tag), None)
    href = _HREF.search(tag) if tag else None
    return join(url, href[1].decode("utf-8", "replace").replace("&#038;", "&")) if href else None


def list_url(
    api: str,
    page: int,
    modified_after: str | None,
    published: tuple[datetime, datetime] | None = None,
    size: int = PER_PAGE,
) -> str:
    """Return the address of a page of ``size`` posts, in an order that new posts do not change.

    ``published`` bounds the publication; a site of an old release reads it in its own time zone.
    """
    query = {"per_page": size, "page": page, "orderby": "id", "order": "asc",
             "_fields": LIST_FIELDS}  # fmt: skip
    if modified_after:
        query["modified_after"] = modified_after
    if published:
        query["after"], query["before"] = (f"{moment:%Y-%m-%dT%H:%M:%S}Z" for moment in published)
    return _route(api, query)


def posts_url(api: str, ids: Sequence[int]) -> str:
    """Return the address of up to a hundred posts with their texts."""
    numbers = ",".join(map(str, ids))
    return _route(api, {"include": numbers, "per_page": len(ids), "_embed": "author,wp:term"})


def read_list(body: bytes, api: str) -> PostPage:
    """Parse a page of an API's list; ``ValueError`` if it is none."""
    posts = []
    records = _array(body)
    for record in records:
        number, link = _id(record), record.get("link")
        if number is not None and isinstance(link, str) and link:
            link = link if link.startswith(("http://", "https://")) else join(api, link)
            modified = str(record.get("modified_gmt") or "")
            mark = mark_of(number, link, modified)
            posts.append(Post(number, link, mark, modified, parse_date(record.get("date_gmt"))))
    return PostPage(posts, len(records) - len(posts))


def read_posts(body: bytes, url: str) -> dict[int, PostText]:
    """Parse posts with their texts, by id; ``ValueError`` if it is no list of posts."""
    numbered = ((_id(record), record) for record in _array(body))
    return {number: _post(record, url) for number, record in numbered if number is not None}


def _id(record: Mapping[str, Any]) -> int | None:
    """Return a post's number, which some sites write as a string."""
    number = record.get("id")
    if isinstance(number, str) and number.isdecimal() and len(number) < 19:
        return int(number)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _post(record: Mapping[str, Any], url: str) -> PostText:
    content = record.get("content")
    content = content if isinstance(content, Mapping) else {}
    embedded = record.get("_embedded")
    embedded = embedded if isinstance(embedded, Mapping) else {}
    authors = [author.get("name") for author in _maps(embedded.get("author"))]
    groups = embedded.get("wp:term")
    terms = [
        term for group in (groups if isinstance(groups, list) else ()) for term in _maps(group)
    ]
    sections = [
        plain_title(term.get("name")) for term in terms if term.get("taxonomy") == "category"
    ]
    tags = [plain_title(term.get("name")) for term in terms if term.get("taxonomy") == "post_tag"]
    title = record.get("title")
    rendered = title.get("rendered") if isinstance(title, Mapping) else title
    return PostText(
        url=join(url, str(record.get("link") or "")),
        html=str(content.get("rendered") or ""),
        hints=Hints(
            title=plain_title(rendered),
            authors=tuple(str(name) for name in authors if name),
            published_at=parse_date(record.get("date_gmt")),
            modified_at=parse_date(record.get("modified_gmt")),
            section=next((section for section in sections if section), None),
            tags=tuple(tag for tag in tags if tag),
        ),
        protected=bool(content.get("protected")),
    )


def _array(body: bytes) -> list[dict[str, Any]]:
    """Return the list in a response, which may follow notices that plugins print.

    When a plugin removes posts from a list, PHP writes the rest as an object with numeric keys.
    """
    text = body.decode("utf-8", "replace")
    empty = False
    at = tries = 0
    while (begin := _BEGINS.search(text, at)) and tries < TRIES:
        tries += 1
        try:
            array, at = read_json_at(text, begin.start())
        except ValueError:
            at = begin.end()
            continue
        if isinstance(array, dict) and array and all(key.isdecimal() for key in array):
            array = list(array.values())
        if isinstance(array, list) and any(isinstance(element, dict) for element in array):
            return list(_maps(array))
        empty = empty or array == []
    if not empty:
        raise ValueError("not a list of posts")
    return []


def _maps(value: object) -> Iterable[dict[str, Any]]:
    return (
        (element for element in value if isinstance(element, dict))
        if isinstance(value, list)
        else ()
    )


def _route(api: str, query: Mapping[str, object]) -> str:
    """Join the posts' route to an API's address, in its path or in its query."""
    separator = "&" if "?" in api else "?"
    return f"{api.rstrip('/')}/wp/v2/posts{separator}{urlencode(query, safe=',:')}"
