"""Find what changed in a WordPress since the last run: posts edited, moved, added and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.source import KnownTransport
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.listings.base import Listing, Offered, SkippedAddress
from copydesk.tasks.sources.web.listings.entry import Entry
from copydesk.tasks.sources.web.listings.wordpress_api import Post
from copydesk.tasks.sources.web.listings.wordpress_list import PostList, count_posts

CURSOR, TOTAL, LISTED = "modified_after", "total", "listed"
"""Keys in the API's transport metadata: latest edit, number of posts, last full listing."""
POST, API, FROM = "post", "api", "from"
"""Keys in a post's transport metadata: its number, its API, and what it was read from."""

WHOLE: Final = timedelta(days=7)
"""Maximum time between two full listings, whatever the number of posts."""


def offer_wordpress(api: str, fetch_loop: FetchLoop, known_transport: KnownTransport) -> Offered:
    """Yield the posts of a WordPress; in later runs those edited since the last run.

    The cursor is the date of the latest edit seen. The API excludes posts with exactly that date,
    so posts edited within the same second are read one run later. If the number of posts is
    unexpected, all are listed, and a known post that is missing is offered by its address, which
    shows whether it was deleted.
    """
    before = known_transport.get(api, {})
    posts = _known_posts(api, known_transport) if before else {}
    try:
        yield from _News(api, fetch_loop, before, posts).offered()
    except FetchError as error:
        yield Listing(api, error.detail, error=error)
    except ValueError as error:
        wrong = FetchError("wrong_type", f"{api} is not an API of WordPress: {error}")
        yield Listing(api, wrong.detail, error=wrong)


class _News:
    def __init__(
        self, api: str, fetch_loop: FetchLoop, before: Mapping[str, str], posts: Mapping[int, str]
    ) -> None:
        self._api = api
        self._fetch_loop = fetch_loop
        self._before = before
        self._posts = posts
        self._latest = before.get(CURSOR) or ""
        self._listed = before.get(LISTED) or ""

    def offered(self) -> Offered:
        since = self._before.get(CURSOR)
        post_list = PostList(self._fetch_loop, self._api, since)
        new = 0
        for post in post_list:
            new += post.id not in self._posts
            yield self._entry(post)
        count, total = post_list.count, post_list.total
        yield from self._unlisted(post_list)
        if since is None:
            self._listed = self._fetch_loop.now().isoformat()
        else:
            total = count_posts(self._fetch_loop, self._api) if total is not None else None
            if self._is_to_be_listed(total, new):
                whole = PostList(self._fetch_loop, self._api)
                yield from self._compared(whole)
                total = whole.total
        transport = {"status": "200", CURSOR: self._latest, LISTED: self._listed}
        if total is not None:
            transport[TOTAL] = str(total)
        if count or since is None:
            yield Listing(
                self._api, f"WordPress's REST API with {plural(count, 'post')}", transport
            )
        else:
            yield Listing(
                self._api, "nothing new in WordPress's REST API", transport, not_modified=True
            )

    def _entry(self, post: Post) -> Entry:
        self._latest = max(self._latest, post.modified)
        return Entry(
            post.url, post.mark, post=post.id, api=self._api, listing=self._api,
            locator=self._posts.get(post.id),
        )  # fmt: skip

    def _unlisted(self, post_list: PostList) -> Iterator[SkippedAddress]:
        if missing := post_list.unlisted + post_list.nameless:
            detail = f"{plural(missing, 'post')} that the API counts and does not list"
            yield SkippedAddress(self._api, f"not_listed:{missing}", "not_listed", detail)

    def _is_to_be_listed(self, total: int | None, new: int) -> bool:
        """Return whether posts may have been deleted or missed."""
        last = self._before.get(TOTAL, "")
        if total is not None and last.isdecimal() and total != int(last) + new:
            return True
        listed: datetime | None = parse_date(self._listed)
        return listed is None or not timedelta() <= self._fetch_loop.now() - listed < WHOLE

    def _compared(self, whole: PostList) -> Iterator[Entry | SkippedAddress]:
        """List all posts: yield the unknown ones, and the known ones that are missing."""
        numbers: set[int] = set()
        for post in whole:
            numbers.add(post.id)
            if self._posts.get(post.id) != post.url:
                yield self._entry(post)
        yield from self._unlisted(whole)
        self._listed = self._fetch_loop.now().isoformat()
        for number, address in self._posts.items():
            if number not in numbers:
                yield Entry(address, listing=self._api)


def _known_posts(api: str, known_transport: KnownTransport) -> dict[int, str]:
    """Return the addresses under which an API's posts were read before, by number."""
    posts: dict[int, str] = {}
    for locator in known_transport:
        transport = known_transport[locator]
        if (
            transport.get(FROM) == "rest"
            and transport.get(POST, "").isdecimal()
            and transport.get(API) == api
        ):
            posts[int(transport[POST])] = locator
    return posts
