import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article, Reject
from copydesk.tasks.cleaning.html import parser_limits
from copydesk.tasks.cleaning.html.article import clean_html
from copydesk.tasks.cleaning.html.native import native_octets
from copydesk.tasks.cleaning.html.parser_limits import MAX_DEPTH, bounded, parsed

built = pytest.mark.skipif(native_octets is None, reason="installed without a compiler")

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


MANY = {
    "spaced": " ".join(f"a{n}=1" for n in range(100_000)),
    "quoted": "".join(f"a{n}='1 2'" for n in range(100_000)),
    "slashed": "/".join(f"a{n}" for n in range(100_000)),
}


@pytest.mark.parametrize("form", MANY)
def test_an_element_with_too_many_attributes_loses_them(form):
    page = f"<div {MANY[form]}>{PARAGRAPHS}</div>"
    assert len(bounded(page)) < 5_000
    assert parsed(page).body.first_child.attributes == {}


def test_a_long_value_stays():
    long_value = "a word > and / more " * 5_000
    page = f"<div data-a=1 data-b = '{long_value}'>{PARAGRAPHS}</div>"
    assert bounded(page) == page
    assert parsed(page).body.first_child.attributes == {"data-a": "1", "data-b": long_value}


@given(st.text(alphabet="<>/ab-! \"'=\ud800é😀", max_size=400))
def test_any_text_is_bounded_and_parsed_without_an_error(text):
    assert parsed(text).html == LexborHTMLParser(bounded(text)).html


@built
@given(st.lists(st.sampled_from(["a" * 16, "é", "漢", "😀", "\ud800", "<p>", "ascii text "])))
def test_text_is_encoded_the_same(parts):
    text = "".join(parts)
    assert native_octets.octets(text) == text.encode("utf-8", "ignore")


@built
@given(st.lists(st.sampled_from([*"<>/='\" ab", "<b ", "</b>", "<p a='1'", "<!--"]), max_size=60))
def test_what_is_surely_within_the_bounds_is_left_alone(parts):
    text = "".join(parts)
    if native_octets.within(text.encode(), 3, 4, 2):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (("MAX_ATTRIBUTES", 3), ("FEW_TAGS", 4)):
                patch.setattr(parser_limits, name, value)
            patch.setattr(parser_limits, "MAX_DEPTH", 2)
            assert bounded(text) == text


def most_attributes(page: bytes) -> int:
    """Count what parts words in each tag that may begin, wherever it may; give the most."""
    most = 0
    for start in re.finditer(rb"<(?=[a-zA-Z])", page):
        count, state = 0, "outside"
        for char in map(chr, page[start.end() : -1]):
            if state in "\"'":
                if char == state:
                    count, state = count + 1, "outside"
            elif char in "\"'" and state == "value":
                state = char
            elif char == ">":
                break
            elif char == "=":
                state = "value"
            elif char <= " " or char == "/":
                count += 1
                state = "outside" if char == "/" else state
            elif char not in "\"'":
                state = "outside"
            most = max(most, count)
    return most


@built
@given(
    st.lists(st.sampled_from([*"<>/='\" ab\n", "<b", " x='", ' y="', "<!--"]), max_size=60),
    st.integers(0, 6),
)
def test_attributes_are_counted_wherever_a_tag_may_begin(parts, bound):
    page = "".join(parts).encode()
    assert native_octets.bounds_attributes(page, bound) == (most_attributes(page) <= bound)


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
    "options": PARAGRAPHS + "<select>" + "<option>x" * 100_000,
    "unclosed": "<a><b><i><p><li><td><div><em>x" * 10_000,
    "surrogates": "<p>\ud800 lone \udfff surrogate</p>" * 1_000 + PARAGRAPHS,
    "zeros": "\0" * 100_000 + PARAGRAPHS,
    "attributes in quotes": "<p " + "a='1'" * 100_000 + ">" + PARAGRAPHS,
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
