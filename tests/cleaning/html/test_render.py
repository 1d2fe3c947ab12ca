from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.render import PieceKind, body_text, markdown, pieces_of

PAGE = """
<h2>Head *line*</h2><p>First [one].</p>
<ul><li>alpha<ul><li>inner</li></ul></li><li><p>beta</p><p>more beta</p></li></ul>
<ol><li>one</li><li>two</li></ol>
<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td><td>31 | 32</td></tr></table>
<blockquote><p>Said she.</p><p>Twice.</p></blockquote>
<pre>x = 1
y = 2</pre>
<figure><figcaption>A photo</figcaption></figure><p>Last.</p>
"""


def pieces():
    page = read(LexborHTMLParser(PAGE))
    return pieces_of(page, range(len(page)))


def test_kinds_follow_the_nearest_element_that_makes_one():
    kinds = [piece.kind for piece in pieces()]
    assert kinds == [
        PieceKind.HEADING,
        PieceKind.PARAGRAPH,
        *[PieceKind.ITEM] * 6,
        *[PieceKind.CELL] * 4,
        PieceKind.QUOTE,
        PieceKind.QUOTE,
        PieceKind.CODE,
        PieceKind.CAPTION,
        PieceKind.PARAGRAPH,
    ]


def test_text_reads_like_the_article():
    assert body_text(pieces()) == (
        "Head *line*\n\nFirst [one].\n\n"
        "- alpha\n- inner\n- beta\nmore beta\n- one\n- two\n\n"
        "Name | Age\nAnn | 31 | 32\n\n"
        "Said she.\n\nTwice.\n\nx = 1\ny = 2\n\nA photo\n\nLast."
    )


def test_markdown_keeps_the_kinds_and_escapes_the_rest():
    assert markdown(pieces()) == (
        "## Head \\*line\\*\n\nFirst \\[one\\].\n\n"
        "-  alpha\n   -  inner\n-  beta\n\n   more beta\n1. one\n2. two\n\n"
        "| Name | Age |\n| --- | --- |\n| Ann | 31 \\| 32 |\n\n"
        "> Said she.\n>\n> Twice.\n\n```\nx = 1\ny = 2\n```\n\n*A photo*\n\nLast."
    )


def test_a_line_that_looks_like_markdown_stays_text():
    page = read(LexborHTMLParser("<p># no heading</p><p>1. no list</p><p>a_b</p>"))
    text = markdown(pieces_of(page, range(3)))
    assert text == "\\# no heading\n\n1\\. no list\n\na\\_b"
