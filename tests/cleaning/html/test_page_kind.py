"""Which pages are refused: by their chance of being an article together with what they show."""

from dataclasses import replace

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.html.page_analysis import read_page, shipped
from copydesk.tasks.cleaning.html.page_kind import UNLIKELY_ARTICLE, is_refused, page_row

OTHER_KINDS = ("declares_collection", "path_product", "path_collection", "path_forum")
ROW = {
    "kept_long": 8.0,
    "kept_long_share": 0.9,
    "kept_links": 0.02,
    "kept_share": 0.5,
    "kept_text": 900.0,
    "kept_headings": 0.1,
    "kept_money": 0.0,
    "sure_text": 0.8,
    "cards": 0.2,
    "declares_article": 0.0,
    "path_article": 0.0,
    "declares_product": 0.0,
    "span_dates": 0.1,
    **dict.fromkeys(OTHER_KINDS, 0.0),
}
GUIDE = {"kept_long": 30.0, "kept_long_share": 0.6, "sure_text": 0.65, "kept_money": 0.1}
FEW = {"kept_long": 3.0, "kept_long_share": 0.65, "kept_share": 0.15, "sure_text": 0.4}


IN_A_SHOP = {"path_article": 1.0, "kept_share": 0.15, "kept_headings": 0.5, "cards": 0.9}
STEPS = {"declares_article": 1.0, "kept_long": 25.0, "kept_long_share": 0.5, "kept_share": 0.25}
TWO = {
    "declares_article": 1.0,
    "kept_long": 2.0,
    "kept_long_share": 1.0,
    "kept_share": 0.3,
    "kept_text": 1200.0,
}


@pytest.mark.parametrize(
    ("changes", "chance", "refused"),
    [
        ({}, UNLIKELY_ARTICLE, False),
        ({"path_forum": 1.0}, 0.6, True),
        ({"path_forum": 1.0, "declares_article": 1.0}, 0.6, True),
        ({"path_forum": 1.0}, 0.8, False),
        ({"span_dates": 1.0}, 0.4, True),
        ({"span_dates": 1.0}, 0.6, False),
        ({"span_dates": 1.0, "declares_article": 1.0}, 0.4, False),
        ({"span_dates": 1.0, "kept_long": 2.0}, 0.4, False),
        ({"path_product": 1.0}, 0.5, True),
        ({"path_product": 1.0, "declares_article": 1.0}, 0.5, False),
        ({"path_collection": 1.0}, 0.4, True),
        ({"path_collection": 1.0, "declares_article": 1.0}, 0.4, False),
        ({}, 0.01, False),
        ({"kept_long": 2.0}, 0.06, True),
        ({"kept_long": 1.0}, 0.1, False),
        ({"kept_long": 1.0, "kept_money": 0.1}, 0.1, True),
        ({"kept_links": 0.5}, 0.1, True),
        *[({name: 1.0}, 0.1, True) for name in OTHER_KINDS],
        *[
            (GUIDE | {name: 1.0}, 0.01, name in ("path_product", "path_forum"))
            for name in OTHER_KINDS
        ],
        (GUIDE | {"declares_product": 1.0}, 0.01, True),
        (GUIDE | {"declares_product": 1.0, "declares_article": 1.0}, 0.01, False),
        *[
            ({name: 1.0, "declares_article": 1.0}, 0.01, name == "path_forum")
            for name in OTHER_KINDS
        ],
        ({"declares_article": 1.0, "declares_product": 1.0}, 0.01, False),
        (FEW | {"declares_article": 1.0, "declares_product": 1.0}, 0.05, True),
        (FEW | {"declares_article": 1.0, "declares_product": 1.0}, 0.1, False),
        (FEW, 0.1, False),
        (FEW, 0.03, True),
        (FEW | {"cards": 0.9}, 0.1, True),
        (FEW | {"kept_money": 0.1}, 0.1, True),
        (FEW | {"kept_headings": 0.5}, 0.1, True),
        (FEW | {"declares_article": 1.0, "kept_share": 0.3, "sure_text": 0.6}, 0.01, False),
        (IN_A_SHOP, 0.01, False),
        (IN_A_SHOP | {"path_article": 0.0}, 0.01, True),
        (IN_A_SHOP | {"path_product": 1.0}, 0.01, True),
        (IN_A_SHOP | {"kept_long": 4.0}, 0.01, True),
        (STEPS, 0.01, False),
        (STEPS | {"declares_article": 0.0}, 0.01, True),
        (STEPS | {"declares_product": 1.0}, 0.01, True),
        (STEPS | {"path_forum": 1.0}, 0.01, True),
        (TWO, 0.06, False),
        (TWO, 0.04, True),
        (TWO | {"kept_text": 500.0}, 0.06, True),
        (TWO | {"declares_article": 0.0, "cards": 0.9}, 0.06, True),
    ],
)
def test_a_low_chance_alone_refuses_no_prose(changes, chance, refused):
    assert is_refused(ROW | changes, chance) is refused


def test_next_to_no_text_needs_a_good_chance():
    notice = ROW | {"kept_long": 0.0, "kept_text": 70.0}
    assert is_refused(notice, 0.4)
    assert not is_refused(notice, 0.6)


def test_a_likely_article_is_never_refused():
    assert not is_refused(ROW | {"kept_long": 0.0, "declares_product": 1.0}, 0.6)


def row_of(html: str, url: str | None = None) -> dict[str, float]:
    analysis = read_page(LexborHTMLParser(html), url, shipped())
    assert analysis is not None
    retained = np.array([text.startswith("The ") for text in analysis.page.text])
    return page_row(replace(analysis, retained=retained), url)


PARAGRAPH = "The ferry to the outer islands will leave an hour later, said the harbour board. " * 2


@pytest.mark.parametrize(
    ("address", "sign"),
    [
        ("https://forums.ferry.example/late-boats", "path_forum"),
        ("https://ferry.example/threads/late-boats.71", "path_forum"),
        ("https://ferry.example/board/viewtopic.php", "path_forum"),
        ("https://ferry.example/questions/1204/late-boats", "path_forum"),
        ("https://ferry.example/t/late-boats/88", "path_forum"),
        ("https://ferry.example/news/world-forum-opens", None),
        ("https://ferry.example/topic/harbours", "path_collection"),
        ("https://forumla.example/late-boats", None),
        ("https://ferry.example/shop/p/deck-chair", "path_product"),
        ("https://ferry.example/p/deck-chair/71", "path_product"),
        ("https://ferry.example/p/why-boats-are-late", None),
        ("https://ferry.example/culture/late-boats", None),
        ("https://ferry.example/crane", None),
        ("https://ferry.example/c/deck-chairs", "path_collection"),
        ("https://ferry.example/categories/boats/", "path_collection"),
    ],
)
def test_addresses_of_threads_products_and_collections(address, sign):
    row = row_of(f"<p>{PARAGRAPH}", address)
    signs = ("path_forum", "path_product", "path_collection")
    assert {name for name in signs if row[name]} == {sign} - {None}


def test_lists_of_passages_are_told_from_a_story():
    story = row_of("<h1>Boats</h1>" + f"<p>{PARAGRAPH}" * 4 + "<h3><a href=/1>More</a></h3>")
    teasers = row_of(f"<h3><a href=/1>Late boats</a></h3><p>{PARAGRAPH}</p><p>Details</p>" * 4)
    posts = row_of(f"<p>{PARAGRAPH}</p><p>3 May 2026</p><p>Ines</p>" * 4)
    names = ("kept_teased", "teased", "span_dates", "kept_runs")
    assert [story[name] for name in names] == [0, 0, 0, 0.25]
    assert [teasers[name] for name in names] == [1, 1, 0, 1]
    assert [posts[name] for name in names] == [0, 0, 0.75, 1]
