from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning import clean
from copydesk.tasks.sources.web.pagination import follows, join_pages, next_page
from tests.servers.site import Page, Site
from tests.sources.web.test_source import Run

X = "https://x.example"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("/story", "/story/2"),
        ("/story/", "/story/2/"),
        ("/story/2/", "/story/3/"),
        ("/story", "/story/page/2"),
        ("/story.html", "/story-2.html"),
        ("/story-2.html", "/story-3.html"),
        ("/story.html", "/story.html?page=2"),
        ("/story?id=7&page=2", "/story?id=7&page=3"),
        ("/2024/05/story_1.php", "/2024/05/story_2.php"),
        ("/top-10", "/top-10/2"),
    ],
)
def test_the_next_page_of_an_article(url, link):
    assert follows(X + url, X + link)
    assert not follows(X + link, X + url)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("/story", "/another-story"),
        ("/story", "/story"),
        ("/story", "/story/3"),
        ("/story?id=7", "/story?id=8"),
        ("/", "/page/2"),
        ("/story", "https://y.example/story/2"),
        ("/?p=7", "/?p=8"),
        ("/2024/05/story", "/2024/06/story"),
        ("/12345", "/12346"),
    ],
)
def test_another_article(url, link):
    assert not follows(X + url, link if "://" in link else X + link)


def test_where_a_page_names_it():
    assert next_page(b'<link href="/s/2" rel="next">', f"{X}/s") == f"{X}/s/2"
    assert next_page(b"<a class=x rel=next href='?page=2'>More</a>", f"{X}/s") == f"{X}/s?page=2"
    assert next_page(b'<a rel="next" href="/other">Next post</a>', f"{X}/s") is None
    assert next_page(b'<a rel="nextish" href="/s/2">', f"{X}/s") is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_raises(url, link):
    follows(X + url, X + link)
    follows(url, link)
    next_page(f'<a rel=next href="{link}">'.encode("utf-8", "replace"), X + "/" + url)


def article(number: int, last: int) -> str:
    more = f'<link rel="next" href="/story/{number + 1}">' if number < last else ""
    text = "".join(
        f"<p>Paragraph {number}.{i} tells something of its own, in enough words.</p>"
        for i in range(6)
    )
    return (
        f"<!doctype html><html><head><title>The Story – Site</title>{more}</head><body>"
        "<nav><ul><li><a href=/>Home</a></li></ul></nav><article><h1>The Story</h1>"
        f"<p>By Anna Berg, shared by all pages.</p>{text}</article>"
        "<footer><p>All rights of the site are reserved.</p></footer></body></html>"
    )


def test_pages_are_joined_in_order_without_what_they_share():
    joined = join_pages([article(n, 3) for n in (1, 2, 3)])
    places = [joined.index(f"Paragraph {n}.{i} ") for n in (1, 2, 3) for i in range(6)]
    assert places == sorted(places)
    for shared in ("By Anna Berg", "All rights", "<h1>", "Home"):
        assert joined.count(shared) == 1
    assert places[-1] < joined.index("</article>")


def test_pages_without_paragraphs_are_left_alone():
    assert join_pages(["<div>one</div>", "<div>two</div>"]) == "<div>one</div>"


def test_an_article_of_three_pages():
    with Site({"/story": article(1, 3), "/story/2": article(2, 3), "/story/3": article(3, 3)}) as s:
        (document,) = Run(s, "/story").documents
        assert document.how["pages"] == f"{s.url}/story {s.url}/story/2 {s.url}/story/3"
        assert b"Paragraph 3.5" in document.body
        cleaned = clean(document.body, media_type=document.media_type, url=document.url)
        assert "Paragraph 3.5" in cleaned.text


def test_a_page_that_is_missing_or_broken():
    with Site({"/story": article(1, 3)}) as site:
        (document,) = Run(site, "/story").documents
        assert b"Paragraph 1.5" in document.body
        site.add("/story/2", Page(status=500))
        (missing,) = Run(site, "/story").missing
        assert missing.reason == "http_500"


PLACES = "<p>{text} It was told at length, and in more than one sentence.</p>" * 3


def post(title: str, text: str, foot: str = "", number: int = 0) -> str:
    identity = f" id=post-{number}" if number else ""
    return (
        f"<!doctype html><title>{title} – Notes</title><main><article{identity}><h1>{title}</h1>"
        f"<div>{PLACES.format(text=text)}</div></article>{foot}</main>"
    )


@pytest.mark.parametrize(
    ("first", "second", "titles"),
    [
        ("/week-19/", "/week-20/", ("A winch", "A bakery")),
        ("/2024/05/week-1/", "/2024/05/week-2/", ("A winch", "A bakery")),
        ("/links/", "/links-2/", ("Links of May", "Links of June")),
        ("/links_1.html", "/links_2.html", ("A", "B")),
    ],
)
def test_posts_that_are_numbered_stay_apart(first, second, titles):
    following = f"<nav><a rel=next href='{second}'>Next post: {titles[1]}</a></nav>"
    with Site({first: post(titles[0], "One.", following), second: post(titles[1], "Two.")}) as s:
        (document,) = Run(s, first).documents
    assert b"Two." not in document.body


def test_posts_of_one_title_are_told_by_their_numbers_or_moments():
    following = "<link rel=next href='/links-2/'>"
    meta = '<meta property="article:published_time" content="2024-05-0{n}T10:00:00Z">'
    for item, other in (
        (post("Links", "One.", following, 7), post("Links", "Two.", number=8)),
        (
            post("Links", "One.", following + meta.format(n=1)),
            post("Links", "Two.", meta.format(n=2)),
        ),
    ):
        with Site({"/links/": item, "/links-2/": other}) as site:
            assert b"Two." not in Run(site, "/links/").documents[0].body


@pytest.mark.parametrize(
    ("first", "second", "link"),
    [
        ("/long/", "/long/2/", '<a href="/long/2/" class="post-page-numbers">Page 2</a>'),
        ("/long/", "/long/2/", '<p>Pages: 1 <a href="/long/2/"><span>2</span></a></p>'),
        ("/long/", "/long/2/", '<p>Seiten: 1 <a href="/long/2/">Seite 2</a></p>'),
        ("/?p=7", "/?p=7&page=2", '<a href="/?p=7&#038;page=2" class="post-page-numbers">2</a>'),
        ("/long.html", "/long.html?page=2", '<a class="pager-next" href="?page=2">Weiter</a>'),
        ("/long-1/", "/long-2/", '<a rel="next" href="/long-2/">Next page</a>'),
    ],
)  # fmt: skip
def test_the_pages_of_one_post(first, second, link):
    with Site() as site:
        site.add(first, post("The long read", "One.", link))
        site.add(second, post("The long read – Page 2", "Two."))
        (document,) = Run(site, first).documents
    assert document.body.count(b"Two.") == 1


def test_comments_and_other_lists_are_no_pages():
    links = (
        '<a href="/long/comment-page-2/">2</a><a href="/long/?cpage=2">2</a><a href="/top/2/">2</a>'
        '<a href="/long/3/">3</a><a href="/long/2/">two of our favourites</a>'
    )
    with Site({"/long/": post("Long", "One.", links), "*": post("Long", "Two.")}) as site:
        assert b"Two." not in Run(site, "/long/").documents[0].body
