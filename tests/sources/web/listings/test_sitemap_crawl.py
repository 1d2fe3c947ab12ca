"""What is asked of a site's sitemaps from run to run, and that nothing is missed by it."""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.fetcher import Response
from copydesk.tasks.sources.web.listings.base import Listing
from copydesk.tasks.sources.web.listings.entry import Entry
from copydesk.tasks.sources.web.listings.sitemap_crawl import offer_sitemap
from copydesk.tasks.sources.web.listings.sitemap_state import TRUSTED, State, end_of, read_state

ROOT = "https://x.example"
INDEX = f"{ROOT}/sitemap.xml"
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class FakeSite:
    """Sitemaps by address, each with the ETag of its bytes; plays the desk that asks for them."""

    now_: datetime = START
    bodies: dict[str, bytes | str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    known: dict[str, Mapping[str, str]] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)

    @property
    def fetcher(self) -> FakeSite:
        return self

    def now(self) -> datetime:
        return self.now_

    def wait(self, work: Coroutine[Any, Any, Response]) -> Response:
        try:
            work.send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("the fake never waits")

    async def fetch(self, url: str, known: Mapping[str, str] | None, _wish: object) -> Response:
        self.asked.append(url.removeprefix(ROOT))
        body = self.bodies.get(url, "http_404")
        if isinstance(body, str):
            raise FetchError(body, f"{url} {body}")
        etag = hashlib.sha256(body).hexdigest()
        same = (known or {}).get("etag") == etag
        if not same:
            self.whole.append(url.removeprefix(ROOT))
        options = {"status": "304" if same else "200", "etag": etag}
        return Response(url, int(options["status"]), b"" if same else body, None, options, {})

    def part(self, name: str, *pages: str, lastmod: str | None = None) -> None:
        """Write a sitemap; ``lastmod`` is that of its pages."""
        tag = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
        body = "".join(f"<url><loc>{ROOT}/{page}</loc>{tag}</url>" for page in pages)
        self.bodies[f"{ROOT}/{name}"] = (
            f"<urlset>{body}</urlset>\n<!-- made by a plugin -->".encode()
        )

    def index(self, name: str = "sitemap.xml", **parts: str | None) -> None:
        tags = {item: f"<lastmod>{mod}</lastmod>" if mod else "" for item, mod in parts.items()}
        body = "".join(
            f"<sitemap><loc>{ROOT}/{item}</loc>{tag}</sitemap>" for item, tag in tags.items()
        )
        self.bodies[f"{ROOT}/{name}"] = f"<sitemapindex>{body}</sitemapindex>".encode()

    def run(self, later: timedelta = HOUR) -> list[str]:
        """Read the index as a run does; gives the pages that are offered."""
        self.now_ += later
        self.asked, self.whole = [], []
        result = list(offer_sitemap([INDEX], self, dict(self.known)))  # type: ignore[arg-type]
        self.listings = [offer for offer in result if isinstance(offer, Listing)]
        self.known |= {offer.url: offer.transport for offer in self.listings if not offer.error}
        return [offer.url.removeprefix(f"{ROOT}/") for offer in result if isinstance(offer, Entry)]


@pytest.fixture
def site() -> FakeSite:
    created = FakeSite()
    created.part("a", "1", "2")
    created.part("b", "3")
    created.index(a="2026-02-01", b="2026-02-20T10:00:00+01:00")
    return created


def test_what_has_not_changed_costs_one_request(site: FakeSite) -> None:
    assert site.run() == ["1", "2", "3"]
    assert site.asked == ["/sitemap.xml", "/a", "/b"]
    for _ in range(3):
        assert site.run() == []
        assert (site.asked, site.whole) == (["/sitemap.xml"], [])
        assert [listing.detail for listing in site.listings] == ["nothing new in the sitemap"]


def test_a_part_is_asked_for_when_its_date_moves_and_until_a_day_after_it(site: FakeSite) -> None:
    site.run()
    site.part("b", "3", "4")
    site.index(a="2026-02-01", b="2026-03-01T01:30:00Z")
    assert site.run() == ["3", "4"]
    assert site.asked == ["/sitemap.xml", "/b"]
    assert site.listings[0].detail == (
        "not requested: unchanged since 2026-02-01, as its index says"
    )
    assert site.run() == []  # the index has not changed; the part may have, within its date
    assert (site.asked, site.whole) == (["/sitemap.xml", "/b"], [])
    site.part("b", "3", "4", "5")  # as a cache may give it late
    assert site.run() == ["3", "4", "5"]
    assert site.run(DAY) == []
    assert site.asked == ["/sitemap.xml", "/b"]
    assert site.run() == []
    assert site.asked == ["/sitemap.xml"]


@pytest.mark.parametrize("placeholder", ["0001-01-01", "1970-01-01T00:00:00Z", "soon"])
def test_a_date_that_is_none_is_not_trusted(site: FakeSite, placeholder: str) -> None:
    site.index(a=placeholder, b="2026-02-20")
    site.run()
    site.run()
    assert site.asked == ["/sitemap.xml", "/a"]


def test_parts_without_dates_are_asked_for_in_every_run(site: FakeSite) -> None:
    site.index(a=None, b="2026-02-20")
    site.run()
    assert site.run() == []
    assert (site.asked, site.whole) == (["/sitemap.xml", "/a"], [])
    site.part("a", "1", "2", "9")
    assert site.run() == ["1", "2", "9"]


def test_an_index_whose_dates_lag_behind_its_pages_is_not_trusted(site: FakeSite) -> None:
    site.part("a", "1", lastmod="2026-02-15")
    site.run()
    site.run()
    assert site.asked == ["/sitemap.xml", "/a"]


def test_after_a_week_everything_is_asked_for_all_the_same(site: FakeSite) -> None:
    site.run()
    site.part("a", "1", "2", "9")  # and the index does not say so
    assert site.run(TRUSTED - HOUR) == []
    assert site.run(HOUR) == ["1", "2", "9"]
    assert (site.asked, site.whole) == (["/sitemap.xml", "/a", "/b"], ["/sitemap.xml", "/a"])


@pytest.mark.parametrize("broken", [
    "http_503", "http_404", b"", b"<html>Back soon", b"<urlset><url><loc>https://x.example/1</loc>",
])  # fmt: skip
def test_a_part_that_was_not_read_whole_is_asked_for_again(
    site: FakeSite, broken: bytes | str
) -> None:
    was, site.bodies[f"{ROOT}/a"] = site.bodies[f"{ROOT}/a"], broken
    site.run()
    site.bodies[f"{ROOT}/a"] = was
    assert site.run() == ["1", "2"]
    assert site.asked == ["/sitemap.xml", "/a"]
    site.run()
    assert site.asked == ["/sitemap.xml"]


def test_indexes_within_indexes_have_an_end(site: FakeSite) -> None:
    for depth in range(30):
        site.index(f"i{depth}", **{f"i{depth + 1}": "2026-02-01", "b": "2026-02-01"})
    site.index(a="2026-02-01", i0="2026-02-01")
    assert site.run() == ["1", "2", "3"]
    assert len(site.asked) < 15
    site.index(a="2026-02-01", inner="2026-02-01")
    site.index("inner", b="2026-02-01")
    assert site.run() == []
    assert site.run() == []
    assert site.asked == ["/sitemap.xml"]
    site.part("b", "3", "7")
    site.index("inner", b="2026-03-01")
    site.index(a="2026-02-01", inner="2026-03-01")
    assert site.run() == ["3", "7"]
    assert site.asked == ["/sitemap.xml", "/inner", "/b"]


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.builds(
    State, MOMENTS, st.none() | MOMENTS, st.none() | st.just("2026-03"),
    st.none() | st.just(()) | st.just(("https://x.example/a b", "https://x.example/c")),
))  # fmt: skip
def test_a_state_comes_back_as_it_was_kept(state: State) -> None:
    assert read_state({"etag": "1", **state.transport()}) == state


@given(st.dictionaries(st.sampled_from(["read", "newest", "lastmod", "parts"]), st.text()))
def test_no_state_and_no_date_raises(how: dict[str, str]) -> None:
    state = read_state(how)
    if state is not None:
        state.stands(state.lastmod, START)
    for value in how.values():
        end_of(value)


@pytest.mark.parametrize(
    ("word", "end"),
    [("2026-02-28", "2026-03-01"), ("2026-12", "2027-01-01"), ("2026", "2027-01-01"),
     ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00"), ("9999-12-31", None), ("soon", None),
     ("2026-02-31", None), ("0000", "0001-01-01"), ("2026-13", None)],
)  # fmt: skip
def test_a_date_has_an_end(word: str, end: str | None) -> None:
    assert end_of(word) == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


STEPS = st.tuples(
    st.sampled_from(["publish", "fail", "run"]),
    st.integers(0, 2),
    st.sampled_from([HOUR, 5 * HOUR, DAY, 3 * DAY]),
)


@example(
    [("run", 0, HOUR), ("publish", 0, HOUR), ("run", 0, HOUR), ("publish", 0, HOUR)], "%Y-%m-%d"
)
@given(st.lists(STEPS, max_size=25), st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", ""]))
def test_of_a_site_that_keeps_its_dates_no_page_is_missed(
    steps: list[tuple[str, int, timedelta]], form: str
) -> None:
    site = FakeSite()
    pages: dict[str, list[str]] = {name: ["0" + name] for name in "abc"}
    changed = dict.fromkeys("abc", START - 40 * DAY)
    offered: set[str] = set()

    def write(failing: str | None = None) -> None:
        for name, own_names in pages.items():
            site.part(name, *own_names)
        site.index(
            **{name: f"{moment:{form}}" if form else None for name, moment in changed.items()}
        )
        if failing:
            site.bodies[f"{ROOT}/{failing}"] = "http_503"

    for what, number, later in [*steps, ("run", 0, HOUR)]:
        name = "abc"[number]
        if what == "publish":
            site.now_ += later
            pages[name].append(f"{len(pages[name])}{name}")
            changed[name] = site.now_
        write(name if what == "fail" else None)
        if what != "publish":
            offered |= set(site.run(later))
            reached = {page for part, own_names in pages.items() for page in own_names
                       if what == "run" or part != name}  # fmt: skip
            assert reached <= offered
