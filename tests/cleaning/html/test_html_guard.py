import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from schemas.article import Article, Reject
from tasks.cleaning.html import clean_html
from tasks.cleaning.html.guard import MAX_DEPTH, bounded

SENTENCE = "This is a sentence of an article, with some words, and it ends with a full stop. "
PARAGRAPHS = f"<p>{SENTENCE * 4}</p>" * 6


def depth(html):
    deepest, node, level = 0, LexborHTMLParser(html).body, 0
    while node is not None:
        level += 1
        deepest = max(deepest, level)
        node = node.first_child
    return deepest


def test_ordinary_pages_pass_unchanged():
    page = f"<html><body><ul>{'<li>x<br><img src=a>' * 3000}</ul>{PARAGRAPHS}</body></html>"
    assert bounded(page) == page


def test_nesting_beyond_the_bound_is_left_out_and_the_text_stays():
    page = "<div>" * 40_000 + PARAGRAPHS
    shallow = bounded(page)
    assert depth(shallow) <= MAX_DEPTH + 10
    assert shallow.count(SENTENCE) == page.count(SENTENCE)


def test_an_element_with_too_many_attributes_loses_them():
    page = "<div " + " ".join(f"a{n}=1" for n in range(100_000)) + f">{PARAGRAPHS}</div>"
    assert len(bounded(page)) < 5_000


@given(st.text(alphabet="<>/ab-! \"'=\ud800é", max_size=400))
def test_any_text_is_bounded_without_an_error(text):
    assert isinstance(bounded(text), str)


HOSTILE = {
    "nested": "<div>" * 40_000 + PARAGRAPHS,
    "nested and closed": "<div>" * 50_000 + "x" + "</div>" * 50_000 + PARAGRAPHS,
    "attributes": "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">" + PARAGRAPHS,
    "bold never closed": "".join(f"<b id={n}>" for n in range(900)) + "<p>x" * 5_000,
    "tables in tables": "<table><tr><td>" * 20_000 + PARAGRAPHS,
    "lists in lists": "<ul><li>" * 50_000 + PARAGRAPHS,
    "brackets": "<" * 1_000_000,
    "comments": "<!--" * 200_000 + PARAGRAPHS,
    "line breaks": "x<br>" * 200_000,
    "unclosed": "<a><b><i><p><li><td><div><em>x" * 10_000,
    "surrogates": "<p>\ud800 lone \udfff surrogate</p>" * 1_000 + PARAGRAPHS,
    "zeros": "\0" * 100_000 + PARAGRAPHS,
    "classes": "".join(f"<p class='{'x' * 500}{n}'>y" for n in range(5_000)),
    "too long": "<p>" + "x" * 17_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_hostile_pages_end_in_an_article_or_a_reject(name):
    assert isinstance(clean_html(HOSTILE[name]), Article | Reject)


@given(st.text(max_size=300), st.lists(st.sampled_from("p div li h1 a td br".split()), max_size=12))  # noqa: SIM905
def test_any_markup_ends_in_an_article_or_a_reject(text, tags):
    html = "".join(f"<{tag}>{text}" for tag in tags) or text
    assert isinstance(clean_html(html), Article | Reject)
