"""What changed in a WordPress since the last run: posts edited, renamed, added and gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from copydesk.schemas.plural import plural
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.source import Known
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.event_loop import Desk
from copydesk.tasks.sources.web.listings.base import LeftOut, Listing, Offered
from copydesk.tasks.sources.web.listings.entry import Entry
from copydesk.tasks.sources.web.listings.wordpress_api import Post
from copydesk.tasks.sources.web.listings.wordpress_list import PostList, count_posts

CURSOR, TOTAL, LISTED = "modified_after", "total", "listed"
"""Names in the ``how`` of an API: the latest edit, the posts there were, when all were listed."""
POST, API, FROM = "post", "api", "from"
"""Names in the ``how`` of a post: its number, the API that has it, and what it was read from."""

WHOLE: Final = timedelta(days=7)
"""From one list of all posts to the next, whatever their number says."""


def offer_wordpress(api: str, desk: Desk, known: Known) -> Offered:
    """Offer the posts of a WordPress, in later runs those that were edited since.

    The cursor is the latest date of an edit that was seen, less nothing: the API leaves out what
    has that very date, so that posts edited within the same second are read in the run after.
    Where the number of posts is not what it should be, all are listed: one that is not among them
    any more is offered by its address, which tells whether it is gone.
    """
    before = known.get(api, {})
    posts = _known_posts(api, known) if before else {}
    try:
        yield from _News(api, desk, before, posts).offered()
    except FetchError as error:
        yield Listing(api, error.detail, error=error)
    except ValueError as error:
        wrong = FetchError("wrong_type", f"{api} is no API of WordPress: {error}")
        yield Listing(api, wrong.detail, error=wrong)


class _News:
    def __init__(
        self, api: str, desk: Desk, before: Mapping[str, str], posts: Mapping[int, str]
    ) -> None:
        self._api = api
        self._desk = desk
        self._before = before
        self._posts = posts
        self._latest = before.get(CURSOR) or ""
        self._listed = before.get(LISTED) or ""

    def offered(self) -> Offered:
        since = self._before.get(CURSOR)
        found = PostList(self._desk, self._api, since)
        new = 0
        for post in found:
            new += post.id not in self._posts
            yield self._entry(post)
        count, total = found.count, found.total
        yield from self._unlisted(found)
        if since is None:
            self._listed = self._desk.now().isoformat()
        else:
            total = count_posts(self._desk, self._api) if total is not None else None
            if self._is_to_be_listed(total, new):
                whole = PostList(self._desk, self._api)
                yield from self._compared(whole)
                total = whole.total
        how = {"status": "200", CURSOR: self._latest, LISTED: self._listed}
        if total is not None:
            how[TOTAL] = str(total)
        if count or since is None:
            yield Listing(self._api, f"WordPress's REST API with {plural(count, 'post')}", how)
        else:
            yield Listing(self._api, "nothing new in WordPress's REST API", how, not_modified=True)

    def _entry(self, post: Post) -> Entry:
        self._latest = max(self._latest, post.modified)
        return Entry(
            post.url, post.mark, post=post.id, api=self._api, listing=self._api,
            locator=self._posts.get(post.id),
        )  # fmt: skip

    def _unlisted(self, found: PostList) -> Iterator[LeftOut]:
        if missing := found.unlisted + found.nameless:
            detail = f"{plural(missing, 'post')} that the API counts and does not list"
            yield LeftOut(self._api, f"not_listed:{missing}", "not_listed", detail)

    def _is_to_be_listed(self, total: int | None, new: int) -> bool:
        """Tell whether posts may have gone, or been missed."""
        last = self._before.get(TOTAL, "")
        if total is not None and last.isdecimal() and total != int(last) + new:
            return True
        listed: datetime | None = parse_date(self._listed)
        return listed is None or not timedelta() <= self._desk.now() - listed < WHOLE

    def _compared(self, whole: PostList) -> Iterator[Entry | LeftOut]:
        """List all posts: offer those that are not known, and the known that are not there."""
        there: set[int] = set()
        for post in whole:
            there.add(post.id)
            if self._posts.get(post.id) != post.url:
                yield self._entry(post)
        yield from self._unlisted(whole)
        self._listed = self._desk.now().isoformat()
        for number, address in self._posts.items():
            if number not in there:
                yield Entry(address, listing=self._api)


def _known_posts(api: str, known: Known) -> dict[int, str]:
    """Give the addresses under which posts of an API were read before, by their numbers."""
    posts: dict[int, str] = {}
    for locator in known:
        how = known[locator]
        if how.get(FROM) == "rest" and how.get(POST, "").isdecimal() and how.get(API) == api:
            posts[int(how[POST])] = locator
    return posts
