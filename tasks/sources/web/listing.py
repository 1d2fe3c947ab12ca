"""From a listing to the articles that it names, whatever kind it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from schemas.words import plural
from tasks.sources.protocol import Known
from tasks.sources.web import sitemaps, wordpress
from tasks.sources.web.background import Desk
from tasks.sources.web.entries import Entry
from tasks.sources.web.failures import FetchError
from tasks.sources.web.feeds import read_feed
from tasks.sources.web.guest import Visit, Wish

ACCEPT_FEED = (
    "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"
)
ACCEPT_XML = "application/xml,text/xml;q=0.9,*/*;q=0.5"
ACCEPT_JSON = "application/json"
LISTS = 5_000  # sitemaps of one site; the largest papers have one a day since their beginning
CURSOR = "modified_after"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing itself was: read, not modified, or out of reach.

    ``how`` is what the next run needs to ask for news alone.
    """

    url: str
    detail: str
    how: Mapping[str, str] = field(default_factory=dict)
    not_modified: bool = False
    error: FetchError | None = None


Offered = Iterator[Entry | Listing]


def offer(kind: str, address: str, desk: Desk, known: Known) -> Offered:
    """Read a listing of a kind."""
    if kind == "feed":
        return offer_feed(address, desk, known)
    if kind == "sitemap":
        from tasks.sources.web.sitemap_tree import offer_sitemap

        return offer_sitemap([address], desk, known)
    if kind == "wordpress":
        return offer_wordpress(address, desk, known)
    from tasks.sources.web.site import offer_site

    return offer_site(address, desk, known)


def ask(desk: Desk, url: str, known: Known, accept: str, cap: int = sitemaps.SIZE) -> Visit:
    """Visit a listing."""
    return desk.wait(desk.guest.visit(url, known.get(url), Wish(accept, None, cap)))


def offer_feed(address: str, desk: Desk, known: Known, visit: Visit | None = None) -> Offered:
    """Offer the entries of a feed."""
    try:
        visit = visit or ask(desk, address, known, ACCEPT_FEED)
        if visit.not_modified:
            yield Listing(address, "nothing new in the feed", visit.how, not_modified=True)
            return
        entries = read_feed(visit.body, visit.url)
    except FetchError as error:
        yield Listing(address, error.detail, error=error)
        return
    except ValueError as error:
        wrong = FetchError("wrong_type", f"{address} is no feed: {error}")
        yield Listing(address, wrong.detail, error=wrong)
        return
    yield from (replace(entry, listing=address) for entry in entries)
    yield Listing(address, f"a feed of {plural(len(entries), 'entry', 'entries')}", visit.how)


def offer_wordpress(api: str, desk: Desk, known: Known) -> Offered:
    """Offer the posts of a WordPress, in later runs those that were edited since.

    The cursor is the latest date of an edit that was seen, less nothing: the API leaves out what
    has that very date, so that posts edited within the same second are read in the run after.
    """
    since = known.get(api, {}).get(CURSOR)
    latest = since or ""
    count = 0
    for page in range(1, wordpress.PAGES + 1):
        try:
            visit = ask(desk, wordpress.list_url(api, page, since), {}, ACCEPT_JSON)
            posts = wordpress.read_list(visit.body)
        except FetchError as error:
            if error.reason == "http_400" and page > 1:
                break  # beyond the last page
            yield Listing(api, error.detail, error=error)
            return
        except ValueError as error:
            wrong = FetchError("wrong_type", f"{api} is no API of WordPress: {error}")
            yield Listing(api, wrong.detail, error=wrong)
            return
        for post in posts:
            count += 1
            latest = max(latest, post.modified)
            yield Entry(post.url, post.mark, post=post.id, api=api, listing=api)
        if len(posts) < wordpress.PER_PAGE:
            break
    how = {"status": "200", CURSOR: latest}
    if count or since is None:
        yield Listing(api, f"WordPress's REST API with {plural(count, 'post')}", how)
    else:
        yield Listing(api, "nothing new in WordPress's REST API", how, not_modified=True)
