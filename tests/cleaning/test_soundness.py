"""A page says what cannot be stored: that value is lost, and the article stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.schemas.article import Article, Hints
from copydesk.tasks.cleaning import clean
from tests.schemas.test_values import MALFORMED, holds

BODY = "<h1>The lock at Weir Lane</h1>" + "".join(
    f"<p>On day {n} the keepers of the lock let {n}0 barges through before the rain came, and "
    "those who waited were given tea in the old toll house by the towpath.</p>"
    for n in range(1, 9)
)
ADDRESS = "https://canal.example/2026/lock"


def page(head: str = "", body: str = BODY) -> str:
    return (
        f"<html><head><title>The lock at Weir Lane</title>{head}</head><body>{body}</body></html>"
    )


def article(document: str | bytes, **how) -> Article:
    result = clean(document, media_type="text/html", **how)
    assert isinstance(result, Article), result
    texts = [result.title, result.text, result.standfirst, result.language, result.site,
             result.section, result.canonical_url, result.image_url, result.markdown,
             *result.authors, *result.tags, *result.evidence,
             *result.evidence.values()]  # fmt: skip
    texts += [cut.text for cut in result.cuts]
    assert all(map(holds, texts))
    return result


@pytest.mark.parametrize("address", [*MALFORMED, "//[x", "//a:99999/", "http://[::1]extra"])
def test_a_malformed_address_loses_itself_wherever_it_stands(address):
    plain = article(page())
    assert article(page(), url=address).text == plain.text
    message = address.replace("<", "&lt;").replace("\0", "").replace("\ud83d", "&#xD83D;")
    for head in (
        f'<link rel="canonical" href="{message}">',
        f'<meta property="og:url" content="{message}">',
        f'<base href="{message}">',
        f'<meta property="og:image" content="{message}">',
        f'<link rel="canonical" href="{message}"><meta property="og:image" content="/a.jpg">',
    ):
        for url in (None, ADDRESS):
            result = article(page(head), url=url)
            assert result.text == plain.text
            assert result.canonical_url is None or result.canonical_url.startswith("http")
    linked = BODY.replace("the towpath", f'<a href="{message}">the towpath</a>')
    assert article(page(body=linked), url=ADDRESS).text == plain.text


def test_the_next_address_is_taken_where_the_first_is_malformed():
    head = f'<link rel="canonical" href="http://[::1"><meta property="og:url" content="{ADDRESS}">'
    assert article(page(head), url=ADDRESS).canonical_url == ADDRESS


@settings(max_examples=30)
@given(
    st.fixed_dictionaries(
        {
            "@type": st.just("NewsArticle"),
            "headline": st.sampled_from(["The \ud83d lock", "The lock\0 at Weir Lane"]),
            "author": st.sampled_from([{"name": "Ann \ud83d"}, ["A\0 Reed", 5], 1e400]),
            "keywords": st.sampled_from(["canal,\udfff", ["a\ud83d"], 10**30, float("nan")]),
            "articleSection": st.sampled_from(["Water\ud83d", {"a": "\ud83d"}, []]),
            "description": st.sampled_from(["What \ud83d happened", "\0", None]),
            "datePublished": st.sampled_from(
                ["0000-00-00", "10000-01-01", "0001-01-01T00:00:00+14:00",
                 "9999-12-31T23:59:59-12:00", "2026-02-30", 10**40, 1e400, "\ud83d"]
            ),
            "image": st.sampled_from(["http://[::1", {"url": "http://a:99999/"}, ["\ud83d"]]),
            "url": st.sampled_from(["http://[::1", "\ud83d", 7]),
        }
    ),
    st.sampled_from([None, ADDRESS, "http://[::1"]),
)  # fmt: skip
def test_declared_values_that_cannot_be_stored_are_lost_alone(node, url):
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    assert article(page(script), url=url).text == article(page()).text


@pytest.mark.parametrize("media_type", ["text/html", "text/markdown", "text/plain", None])
def test_text_and_hints_with_halves_of_pairs_give_an_article(media_type):
    text = "# The \ud83d lock\n\n" + "The keepers let the barges\0 through \udfff today.\n\n" * 12
    document = page(body=BODY + "\ud83d\0") if media_type == "text/html" else text
    hints = Hints(title="The \ud83d lock", authors=("A\0nn",), tags=("\udc00",))
    result = clean(document, media_type=media_type, url="http://[::1", hints=hints)
    assert isinstance(result, Article)
    assert holds(result.title + result.text + "".join(result.authors + result.tags))


def test_front_matter_with_a_malformed_address_loses_it():
    text = (
        "---\ntitle: The lock\nurl: http://[::1\n---\n\n" + "The keepers let them through.\n\n" * 9
    )
    result = clean(text, media_type="text/markdown")
    assert isinstance(result, Article)
    assert result.canonical_url is None
