import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.html.blocks import UNSEEN, read, walk
from copydesk.tasks.cleaning.vocabulary.class_names import (
    ARTICLE,
    FORM,
    HIDDEN,
    NAV,
    class_evidence,
    group_bit,
)


def blocks(html):
    return read(LexborHTMLParser(html))


def test_block_elements_part_text_and_inline_elements_join_it():
    page = blocks("<p>One <b>two</b> <i>three</i></p>bare<div>four<span>five</span></div>")
    assert page.text == ["One two three", "bare", "fourfive"]


def test_two_line_breaks_part_a_block_and_one_is_a_line_in_it():
    page = blocks("<div>a<br>b<br> <br>c</div>")
    assert page.text == ["a\nb", "c"]


def test_text_after_a_child_belongs_to_the_parent():
    page = blocks("<div id=x>one<p>two</p>three</div>")
    assert page.text == ["one", "two", "three"]
    assert page.container[0] == page.container[2] != page.container[1]


def test_links_and_bold_text_are_counted():
    page = blocks("<p>see <a href=/a>abcd</a><a href=/b>ef</a> and <b>xyz</b></p>")
    assert page.text == ["see abcd ef and xyz"]
    counted = (page.linked, page.links, page.strong)
    assert [column.tolist() for column in counted] == [[6], [2], [3]]


def test_code_keeps_its_lines():
    page = blocks("<pre>def f():\n    return 1\n</pre>")
    assert page.text == ["def f():\n    return 1"]


@pytest.mark.parametrize("reader", [read, walk])
@pytest.mark.parametrize(
    "markup",
    [
        '<h2>Tide <a class="anchor" href="#tide">#</a></h2>',
        '<h2><a href="#tide"> ¶\n </a> Tide</h2>',
        '<h2>Tide<a href="#tide">🔗</a></h2>',
        '<p>Tide <a href="#fnref1">↩︎</a></p>',
        '<li><a href="#cite_ref-1">^</a> Tide</li>',
        '<h2>Tide<span class="mw-editsection">[<a href="/e">modifier</a>]</span></h2>',
        '<h2><span class="editsection">[<a href="/e">edit</a>]</span> <b>Tide</b></h2>',
    ],
)
def test_marks_that_link_to_a_heading_and_edit_links_are_no_text(reader, markup):
    assert reader(LexborHTMLParser(markup)).text == ["Tide"]


@pytest.mark.parametrize("reader", [read, walk])
@pytest.mark.parametrize(
    "inside",
    [
        "tides<span class=sr-only> (opens in a new tab)</span>",
        "<b>tides</b> <small class='note visually-hidden'>external link</small>",
        "tides<span class=screen-reader-text> sobre la luna</span>",
    ],
)
def test_what_is_read_aloud_behind_a_links_text_is_no_text(reader, inside):
    html = f"<p>Of <a href='/t'>{inside}</a> and winds</p>"
    assert reader(LexborHTMLParser(html)).text == ["Of tides and winds"]


@pytest.mark.parametrize("reader", [read, walk])
@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<a href=/f><span class=sr-only>Tides</span></a>", "Tides"),
        ("<a href=/f><i class=sr-only>Members: </i>Tides</a>", "Members: Tides"),
        ("Tides <span class=sr-only>and moons</span>", "Tides and moons"),
        ("<a href=/f>Tides</a><span class=sr-only> and moons</span>", "Tides and moons"),
        ("<a href=/f>Tides <span class=hidden>and moons</span></a>", "Tides and moons"),
    ],
)
def test_other_text_that_may_be_hidden_stays_a_block(reader, markup, text):
    assert reader(LexborHTMLParser(f"<p>{markup}</p>")).text == [text]


@pytest.mark.parametrize("reader", [read, walk])
def test_marks_that_the_author_wrote_are_text(reader):
    html = '<p>In C <a href="/c">#</a> is a mark, as are # and <a href="#a">¶ 3</a></p>'
    assert reader(LexborHTMLParser(html)).text == ["In C # is a mark, as are # and ¶ 3"]


def test_scripts_choices_and_templates_are_never_text():
    page = blocks(
        "<p>a</p><script>x</script><style>y</style><select><option>z</select>"
        "<template><p>t</p></template><noscript><p>n</p></noscript><textarea>u</textarea>"
    )
    assert page.text == ["a"]


def test_landmarks_and_hidden_parts_are_known_to_what_they_hold():
    page = blocks(
        "<nav><ul><li>menu</ul></nav><article><p>text</p><div style='display: none'><p>dark</p>"
        "</div><button>press</button></article><div role=navigation>more</div>"
        "<p><span class=sr-only>unseen</span></p>"
    )
    marks = [page.containers.landmarks[box] for box in page.container]
    by_text = dict(zip(page.text, marks, strict=True))
    assert by_text["menu"] & NAV
    assert by_text["text"] & ARTICLE
    assert not by_text["text"] & HIDDEN
    assert by_text["dark"] & HIDDEN
    assert by_text["press"] & FORM
    assert by_text["more"] & NAV
    assert page.inline[page.text.index("unseen")] & UNSEEN


def test_pictures_before_a_block_are_counted_once():
    page = blocks("<p>a</p><img src=a><noscript><img src=a></noscript><p>b</p>")
    assert page.images.tolist() == [0, 1]


def test_a_page_without_text_has_no_blocks():
    assert len(blocks("")) == 0
    assert len(blocks("<p> \n </p>")) == 0


def test_class_names_are_understood_whole_and_by_their_parts():
    for names in ("comment-list", "commentList", "wp-comments", "post_comments_wrap"):
        bits, hidden = class_evidence(names)
        assert bits & group_bit("comment"), names
        assert not hidden
    assert class_evidence("screen-reader-text")[1]
    assert not class_evidence("hidden md:block")[1]
    assert class_evidence("css-1x2y3z") == (0, False)
