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
