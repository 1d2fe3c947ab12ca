"""Bodies in a page's data: rich text of editors, streams of components, strings of programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk import Article, Reject, clean
from copydesk.tasks.cleaning.html.data_body import body_in

TEXTS = {
    "en": [
        "The bakery on Mill Street had not closed for a single day in forty years, until the roof "
        "of its oven came down one night in March.",
        "“No,” she said.",
        "Nobody was hurt. The baker swept the bricks into a barrow and asked the neighbours "
        "whether one of them had an oven to lend.",
        "By noon there were loaves in eleven kitchens, and the queue went from house to house.",
    ],
    "uk": [
        "Пекарня на Млиновій вулиці сорок років не зачинялася ні на день, аж поки однієї "
        "березневої ночі не впало склепіння її печі.",
        "«Ні», — сказала вона.",
        "Ніхто не постраждав. Пекар зібрав цеглу в тачку і спитав сусідів, чи не позичить йому "
        "хтось піч.",
        "Опівдні хліб був у одинадцяти кухнях, а черга ходила від хати до хати.",
    ],
    "ja": [
        "水車通りのパン屋は四十年のあいだ一日も休んだことがなかったが、三月のある夜、窯の天井が崩れ落ちた。",
        "「いいえ」と彼女は言った。",
        "けが人はなかった。主人は煉瓦を手押し車に集め、窯を貸してくれる家はないかと近所に尋ねて回った。",
        "昼には十一軒の台所でパンが焼け、行列は家から家へと続いた。",
    ],
}


def pieces(text: str) -> list[str]:
    """Return a paragraph in pieces, as marks and links part it."""
    middle = text.find(" ", len(text) // 3)
    at = middle + 1 if middle > 0 else len(text) // 3
    return [text[:at], text[at : at + 5], text[at + 5 :]]


def _leaves(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"text": piece, **more} for piece in pieces(text)]


EDITORS: dict[str, Callable[[list[str]], Any]] = {
    "Slate": lambda texts: [{"type": "paragraph", "children": _leaves(text)} for text in texts],
    "ProseMirror": lambda texts: {
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": _leaves(text, type="text", marks=[{"type": "bold"}])}
            for text in texts
        ],
    },
    "Lexical": lambda texts: {
        "root": {
            "type": "root",
            "children": [
                {"type": "paragraph", "children": _leaves(text, type="text")} for text in texts
            ],
        }
    },
    "Portable Text": lambda texts: [
        {"_type": "block", "style": "normal", "children": _leaves(text, _type="span", marks=[])}
        for text in texts
    ],
    "Contentful": lambda texts: {
        "nodeType": "document",
        "data": {},
        "content": [
            {
                "nodeType": "paragraph",
                "data": {},
                "content": [
                    {"nodeType": "text", "value": piece, "marks": []}
                    if index != 1 or text != texts[0]
                    else {
                        "nodeType": "hyperlink",
                        "data": {"uri": "https://example.com/oven"},
                        "content": [{"nodeType": "text", "value": piece, "marks": []}],
                    }
                    for index, piece in enumerate(pieces(text))
                ],
            }
            for text in texts
        ],
    },
    "Draft.js": lambda texts: {
        "blocks": [{"key": "a", "type": "unstyled", "text": text} for text in texts],
        "entityMap": {},
    },
    "Editor.js": lambda texts: {
        "time": 1,
        "blocks": [{"type": "paragraph", "data": {"text": text}} for text in texts],
    },
    "Notion": lambda texts: [
        {
            "type": "paragraph",
            "paragraph": {
                "rich_text": [
                    {"type": "text", "text": {"content": piece}, "plain_text": piece}
                    for piece in pieces(text)
                ]
            },
        }
        for text in texts
    ],
    "Arc": lambda texts: [{"_id": "x", "type": "text", "content": text} for text in texts],
    "strings": lambda texts: texts,
    "unknown names": lambda texts: [{"sort": "par", "txt": text} for text in texts],
}

SHELL = "<html><head><title>The oven</title></head><body><div id=root></div>{}</body></html>"


def in_next(value: Any) -> str:
    """Return a page of Next.js that holds a value as its article."""
    data = {"props": {"pageProps": {"post": {"title": "The oven", "body": value}}}}
    return SHELL.format(
        f"<script id=__NEXT_DATA__ type=application/json>{json.dumps(data)}</script>"
    )


def text_of(page: str) -> str:
    cleaned = clean(page, media_type="text/html")
    assert isinstance(cleaned, Article), cleaned
    assert cleaned.evidence["text"] == "out of view"
    return cleaned.text


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("editor", EDITORS)
def test_rich_text_is_read_whole(editor: str, language: str) -> None:
    texts = TEXTS[language]
    assert text_of(in_next(EDITORS[editor](texts))) == "\n\n".join(texts)


def test_links_lists_headings_and_tables_keep_their_form() -> None:
    texts = TEXTS["en"]
    nodes = [
        {"type": "paragraph", "children": [{"text": texts[0]}]},
        {"type": "heading", "tag": "h2", "children": [{"text": "What was needed"}]},
        {"type": "paragraph", "children": [{"text": texts[2]}]},
        {
            "type": "bulleted-list",
            "children": [
                {"type": "list-item", "children": [{"text": "a barrow"}]},
                {"type": "list-item", "children": [{"text": "eleven ovens"}]},
            ],
        },
        {"type": "image", "alt": "A barrow full of bricks before the bakery", "url": "/a.jpg"},
        {
            "type": "table",
            "children": [
                {"type": "table-row", "children": [{"type": "table-cell", "children": [{"text": c}]}
                                                   for c in row]}
                for row in (("house", "loaves"), ("the smith's", "40"))
            ],
        },
        {
            "type": "paragraph",
            "children": [
                {"text": "It was told in "},
                {"type": "link", "url": "/a", "children": [{"text": "a letter"}]},
                {"text": " to the town, which was read aloud. "},
                {"text": texts[3]},
            ],
        },
    ]  # fmt: skip
    html = body_in([{"post": {"title": "The oven", "body": nodes}}])
    assert "<h2>What was needed</h2>" in html
    assert "<ul><li>a barrow</li><li>eleven ovens</li></ul>" in html
    assert "<tr><td>house</td><td>loaves</td></tr><tr><td>the smith&#x27;s</td>" in html
    assert '<p>It was told in <a href="/a">a letter</a> to the town' in html
    assert "bricks before" not in html


def test_other_pages_in_the_data_are_not_the_body() -> None:
    texts = TEXTS["en"]
    related = [
        {"title": f"Another oven, number {number}", "slug": f"oven-{number}", "text": texts[0]}
        for number in range(20)
    ]
    comments = [{"user": "Ann", "text": texts[2] * 4} for _ in range(4)]
    html = body_in([{"body": EDITORS["Slate"](texts), "related": related, "comments": comments}])
    assert html == "<div>" + "".join(f"<p>{escape(text)}</p>" for text in texts) + "</div>"


def test_sections_keep_their_titles() -> None:
    texts = TEXTS["en"]
    sections = [{"heading": f"Part {number}", "text": text} for number, text in enumerate(texts)]
    assert "<h2>Part 1</h2><p>“No,” she said.</p>" in body_in([{"sections": sections}])


@pytest.mark.parametrize("size", [200, 64, 7])
def test_a_stream_of_components_is_read_whole(size: int) -> None:
    texts = TEXTS["uk"]
    paragraphs = [
        ["$", "p", None, {"children": [first, ["$", "em", None, {"children": second}], third]}]
        for first, second, third in map(pieces, texts)
    ]
    rows = [
        '0:["$","html",null,{"children":"$L1"}]\n',
        f"1:{json.dumps(['$', 'article', None, {'children': paragraphs}])}\n",
        '2:I[12,["app/page.js"],"default"]\n',
    ]
    stream = "".join(rows)
    pushes = "".join(
        f"<script>self.__next_f.push([1,{json.dumps(stream[at : at + size])}])</script>"
        for at in range(0, len(stream), size)
    )
    assert text_of(SHELL.format(pushes)) == "\n\n".join(texts)


def test_raw_text_in_a_stream_is_counted_in_bytes() -> None:
    texts = TEXTS["ja"]
    markup = "".join(f"<p>{text}</p>" for text in texts)
    stream = f'1:T{len(markup.encode()):x},{markup}2:["$","p",null,{{"children":"Footer"}}]\n'
    page = SHELL.format(f"<script>self.__next_f.push([1,{json.dumps(stream)}])</script>")
    assert text_of(page) == "\n\n".join(texts)


MARKUP = "".join(f"<p>{text}</p>" for text in TEXTS["en"])


@pytest.mark.parametrize(
    "holder",
    [
        "<script>window.__NUXT__=(function(a){{return {{data:[{{body:{string},slug:a}}]}}}}(1))"
        "</script>",
        "<script>site.x=site.x||{{}};site.story={{\"body\":{string}}};site.y=2;</script>",
        "<script type=application/json>{nested}</script>",
        "<div data-page=\"{attribute}\"></div>",
        "<astro-island props=\"{attribute}\"></astro-island>",
    ],
    ids=["a program", "a member", "JSON in JSON", "Inertia", "Astro"],
)  # fmt: skip
def test_markup_in_programs_and_attributes(holder: str) -> None:
    data = {"props": {"story": [0, {"body": [0, MARKUP]}]}}
    filled = holder.format(
        string=json.dumps(MARKUP).replace("/", "\\u002F"),
        nested=json.dumps({"status": 200, "body": json.dumps(data)}),
        attribute=escape(json.dumps(data), quote=True),
    )
    assert text_of(SHELL.format(filled)) == "\n\n".join(TEXTS["en"])


def test_a_shop_does_not_become_an_article_by_its_data() -> None:
    goods = "".join(
        f"<li><a href=/p/{number}>Loaf {number}</a> <span>{number}.20 a piece, baked today by "
        "hand and kept warm</span> <button>Add to basket</button></li>"
        for number in range(40)
    )
    story = json.dumps({"about": {"body": MARKUP * 3}})
    page = SHELL.format(f"<ul>{goods}</ul><script>window.shop = {story};</script>")
    assert isinstance(clean(page, media_type="text/html"), Reject)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["type", "children", "text", "data", "title", "url", "x"]), inner
        )
    ),
    max_leaves=30,
)


@given(VALUES)
def test_any_data_gives_markup(value: Any) -> None:
    assert isinstance(body_in([value]), str)


def test_deep_data_takes_bounded_time() -> None:
    node: Any = "The end of a very deep tree, which nobody would write by hand. " * 10
    for _ in range(500):
        node = {"type": "text", "text": [node], "children": []}
    assert isinstance(body_in([node]), str)
