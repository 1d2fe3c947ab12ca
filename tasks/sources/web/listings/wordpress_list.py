"""List all posts of a WordPress site, whatever page size it allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import FetchLoop
from copydesk.tasks.sources.web.fetch.fetcher import FetchRequest, Response
from copydesk.tasks.sources.web.listings import wordpress_api
from copydesk.tasks.sources.web.listings.base import SIZE
from copydesk.tasks.sources.web.listings.wordpress_api import Post

ACCEPT_JSON: Final = "application/json"
SIZES: Final = (wordpress_api.PER_PAGE, 50, 20, 10)
"""Page sizes to try: some sites refuse large ones."""
IDLE: Final = 3
"""Consecutive pages without a new post after which the list counts as complete."""

_BEYOND: Final = ("http_400", "http_404")


class PostList:
    """The posts of an API, each once; ``total`` is the site's own count, if it gives one.

    The site's number of pages determines the end of the list. A page may be short: sites give fewer
    posts than requested, and plugins remove posts. ``nameless`` counts posts without a number or
    address.

    Raises:
        FetchError: A page cannot be fetched.
        ValueError: A page is not a list.
    """

    def __init__(
        self,
        fetch_loop: FetchLoop,
        api: str,
        since: str | None = None,
        published: tuple[datetime, datetime] | None = None,
    ) -> None:
        """Request nothing yet; ``since`` and ``published`` limit the dates, as for ``list_url``."""
        self._fetch_loop = fetch_loop
        self._api = api
        self._since = since
        self._published = published
        self.total: int | None = None
        self.nameless = 0
        self.count = 0

    def __iter__(self) -> Iterator[Post]:
        """Request the posts page by page."""
        numbers: set[int] = set()
        pages: int | None = None
        idle = 0
        for page in range(1, wordpress_api.PAGES + 1):
            response = self._ask(page) if page == 1 else self._next(page, pages)
            if response is None:
                return
            post_page = wordpress_api.read_list(response.body, self._api)
            pages, self.total = (
                _number(response, "x-wp-totalpages"),
                _number(response, "x-wp-total"),
            )
            fresh = [post for post in post_page.posts if post.id not in numbers]
            self.nameless += post_page.nameless
            numbers.update(post.id for post in fresh)
            self.count = len(numbers)
            yield from fresh
            idle = 0 if fresh else idle + 1
            is_last = pages is not None and page >= pages
            has_all = self.total is None or self.count + self.nameless >= self.total
            if idle >= IDLE or (is_last and (has_all or not fresh)) or (pages is None and idle):
                return

    @property
    def unlisted(self) -> int:
        """Return how many posts the site counts but did not list."""
        return max(0, (self.total or 0) - self.count - self.nameless)

    def _ask(self, page: int) -> Response:
        """Request a page, with fewer posts if the site refuses."""
        for self._size in SIZES:
            try:
                return self._page(page)
            except FetchError as error:
                if error.reason != "http_400" or self._size == SIZES[-1]:
                    raise
        raise AssertionError("the last size returns or raises")

    def _next(self, page: int, pages: int | None) -> Response | None:
        try:
            return self._page(page)
        except FetchError as error:
            if error.reason in _BEYOND and (pages is None or page > pages):
                return None
            raise

    def _page(self, page: int) -> Response:
        url = wordpress_api.list_url(self._api, page, self._since, self._published, self._size)
        return _fetch(self._fetch_loop, url)


def count_posts(fetch_loop: FetchLoop, api: str) -> int | None:
    """Fetch the number of posts; None if the site does not give it."""
    try:
        return _number(
            _fetch(fetch_loop, wordpress_api.list_url(api, 1, None, size=1)), "x-wp-total"
        )
    except FetchError:
        return None


def _fetch(fetch_loop: FetchLoop, url: str) -> Response:
    return fetch_loop.wait(
        fetch_loop.fetcher.fetch(url, None, FetchRequest(ACCEPT_JSON, None, SIZE))
    )


def _number(response: Response, header: str) -> int | None:
    text = response.headers.get(header, "").partition(",")[0].strip()
    return int(text) if text.isdecimal() and len(text) < 10 else None
