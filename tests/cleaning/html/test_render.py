import pytest
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


def rendered(html, base=None):
    page = read(LexborHTMLParser(html))
    return markdown(pieces_of(page, range(len(page)), base=base))


BASE = "https://paper.example/2024/ferry"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The <a href='/a?b=1&amp;c'>old  <b>winch</b></a> broke.</p>",
         "The [old winch](https://paper.example/a?b=1&c) broke."),
        ("<p>港の<a href=../朝>朝　市</a>へ</p>", "港の[朝 市](https://paper.example/朝)へ"),
        ("<p>(see <a href='x (1).pdf'>the [report]</a>)</p>",
         r"(see [the \[report\]](https://paper.example/2024/x%20%281%29.pdf))"),
        ("<p>Stop!<a href=b>Go</a></p>", r"Stop\![Go](https://paper.example/2024/b)"),
        ("<p><a href=a>One</a><a href=b>two</a></p>",
         "[One](https://paper.example/2024/a) [two](https://paper.example/2024/b)"),
        ("<h2>By <a href=mailto:a@b.example>mail</a></h2>", "## By [mail](mailto:a@b.example)"),
        ("<p>a<a href='#fn'><sup>1</sup></a> b<a href='javascript:go()'>c</a> d <a>e</a>"
         f" <a href='{BASE}#top'>f</a> <a href='http://[x'>g</a> <a href=''>h</a></p>",
         "a¹ bc d e f g h"),
        ("<p>(<a href=a>b</a>) (<a href=c>d</a>) e<a href=f>g</a></p>",
         "([b](https://paper.example/2024/a)) ([d](https://paper.example/2024/c))"
         " e[g](https://paper.example/2024/f)"),
        ("<a href=/s><h3>Head</h3><p>Text, too.</p></a>",
         "### [Head](https://paper.example/s)\n\n[Text, too.](https://paper.example/s)"),
        ("<pre>see <a href=x>here</a></pre>", "```\nsee here\n```"),
        ("<table><tr><td>a</td><td><p>b</p><p>c <a href='/|'>d</a></p></td></tr>"
         "<tr><td>e</td><td>f</td></tr></table>",
         "| a | b c [d](https://paper.example/\\|) |\n| --- | --- |\n| e | f |"),
    ],
)  # fmt: skip
def test_links_are_written(html, text):
    assert rendered(html, BASE) == text


def test_relative_links_stay_without_an_address():
    assert rendered("<p>To <a href=../b#c>b</a></p>") == "To [b](../b#c)"


def test_lists_and_tables_are_written_one_by_one():
    items = "".join(f"<li>{number}</li>" for number in range(9))
    html = (
        f"<ol>{items}<li>ten<ul><li>in<br>side</li></ul></li><li>last</li></ol><ol><li>x</li></ol>"
    )
    assert rendered(html).splitlines()[8:] == [
        "9. 8", "10. ten", "    -  in  ", "       side", "11. last", "1. x",
    ]  # fmt: skip
    table = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
    assert rendered(table * 2) == "\n\n".join(["| a | b |\n| --- | --- |\n| c | d |"] * 2)
