"""What tells of a page is found alike in the compiled walk and by asking the parser."""

from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata import evidence
from copydesk.tasks.cleaning.metadata.elements import search
from copydesk.tasks.cleaning.metadata.native import native_elements
from copydesk.tasks.cleaning.vocabulary.class_names import words

ROOT = Path(__file__).parents[3]

built = pytest.mark.skipif(native_elements is None, reason="installed without a compiler")

NAMES = words(
    "p div span a time address h1 h2 li ul ol section article footer table td tr b svg g math mi "
    "title meta link script style template noscript select option textarea br img plaintext x-by"
)
ATTRIBUTES = [
    "",
    " class=byline",
    " class='post-DATE meta'",
    " class=BreadCrumbs",
    " class='crumbs author'",
    " class=autör-publİ",
    " class='" + "x" * 497 + " author'",
    " class",
    " id=byline class=time",
    " id='main' data-testid=publish-Date",
    " itemprop='author name'",
    " itemprop content='2025-05-03'",
    " itemscope itemtype='https://schema.org/Person X'",
    " rel='me author'",
    " rel=coauthor",
    " rel=CANONICAL href='https://example.com/a?b=1&amp;c'",
    " href=/author/jane",
    " href=/aut&amp;eur/jane",
    " href=/staff/",
    " href=/people",
    " xlink:href=/people/jane",
    " type=application/LD+JSON",
    " property=og:title content='A &quot;title&quot;'",
    " property='og:title Og:Title' name=x content='a  b &amp;amp; &lt;b>c'",
    " http-equiv=date name content=' Änd '",
    " name=date itemprop=x content",
    " datetime=2025-05-03",
    " datetime=' ' content=x",
    " class=date title='May 3, 2025'",
    " class='date comment-meta'",
    " class=' date\x0b\x1cA\t' id=' B ' rel=Ünï",
    " class='date" + " abc" * 49 + " x' id=y",
    " lang=en",
]
TEXTS = [
    "By Jane Roe",
    " ",
    "May 3, 2025",
    '{"@type": "Article"}',
    "<!-- note -->",
    "&nbsp;&amp;lt;",
    "Ünïcode 漢字",
    "x" * 50,
]
tags = st.sampled_from(NAMES).flatmap(
    lambda name: st.sampled_from([*(f"<{name}{given}>" for given in ATTRIBUTES), f"</{name}>"])
)
pages = st.lists(st.one_of(tags, st.sampled_from(TEXTS), st.text(max_size=8)), max_size=40).map(
    "".join
)


def told(result):
    """All that can be asked of the elements that were found."""

    def one(element):
        attributes = dict(element.attributes)
        about = (element.tag, attributes, element.parent_tag, element.label(), element.within())
        return *about, element.runs(60), element.text(), [e.text() for e in element.inner("li")]

    lists = (result.heads, result.telling, result.classed)
    trail = result.trail and one(result.trail)
    elements = [[one(element) for element in each] for each in lists]
    return elements, result.metas, list(result.metas), result.itemtypes, trail


@built
@given(pages)
@example("<html class=crumbs itemtype=WebPage lang=en><p class=byline>Jane")
@example("<template><p class=byline>Jane</template><p class=byline><template>x</template>Jane")
@example("<svg><title>Logo</title><style><a class=author></style></svg><title>Page</title>")
@example("<math><mi><link rel=canonical>a</link></math><frameset>")
@example("<div class=a>" * 12 + "<p class=author>Jane")
@example("<p class=byline>By</p>" * 150 + "<p itemprop=author class=byline>Jane")
@example("<p class=date>" + "x" * 239 + "<b>y</b><p class=date>" + " " * 1919 + "<b> z</b>w")
@example("<meta name=a content=1>" * 401 + "<meta name=b content=1><title>x")
@example("".join(f"<meta name=a content={n}>" for n in range(40)))
@example("<p class=date>2025</p>" * 500 + "<p itemprop=a itemtype=b>x</p>" * 500)
def test_the_same_is_found(html):
    tree = LexborHTMLParser(html)
    compiled, result = native_elements.find(tree), search(tree)
    assert told(compiled) == told(result)
    marks = native_elements.marks(compiled, evidence._attribute_date)
    assert marks == list(evidence.marks(chain(result.telling, result.classed)))


@built
def test_an_element_outlives_the_name_of_its_tree():
    result = native_elements.find(LexborHTMLParser("<ul class=crumbs><li>One<li>Two"))
    assert [step.text() for step in result.trail.inner("li")] == ["One", "Two"]


@built
def test_what_is_no_tree_is_refused():
    with pytest.raises(TypeError, match="no tree"):
        native_elements.find("<p>")
