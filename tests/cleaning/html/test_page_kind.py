"""Which pages are refused: by their chance of being an article together with what they show."""

import pytest

from copydesk.tasks.cleaning.html.page_kind import UNLIKELY_ARTICLE, is_refused

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
    "declares_product": 0.0,
    **dict.fromkeys(OTHER_KINDS, 0.0),
}
GUIDE = {"kept_long": 30.0, "kept_long_share": 0.6, "sure_text": 0.65, "kept_money": 0.1}
FEW = {"kept_long": 3.0, "kept_long_share": 0.65, "kept_share": 0.15, "sure_text": 0.4}


@pytest.mark.parametrize(
    ("changes", "chance", "refused"),
    [
        ({}, UNLIKELY_ARTICLE, False),
        ({}, 0.01, False),
        ({"kept_long": 2.0}, 0.06, True),
        ({"kept_long": 1.0}, 0.1, False),
        ({"kept_long": 1.0, "kept_money": 0.1}, 0.1, True),
        ({"kept_links": 0.5}, 0.1, True),
        *[({name: 1.0}, 0.1, True) for name in OTHER_KINDS],
        *[(GUIDE | {name: 1.0}, 0.01, name == "path_product") for name in OTHER_KINDS],
        (GUIDE | {"declares_product": 1.0}, 0.01, True),
        (GUIDE | {"declares_product": 1.0, "declares_article": 1.0}, 0.01, False),
        *[({name: 1.0, "declares_article": 1.0}, 0.01, False) for name in OTHER_KINDS],
        ({"declares_article": 1.0, "declares_product": 1.0}, 0.1, True),
        (FEW, 0.1, False),
        (FEW, 0.03, True),
        (FEW | {"cards": 0.7}, 0.1, True),
        (FEW | {"kept_money": 0.1}, 0.1, True),
        (FEW | {"kept_headings": 0.5}, 0.1, True),
        (FEW | {"declares_article": 1.0, "kept_share": 0.3, "sure_text": 0.6}, 0.01, False),
    ],
)
def test_a_low_chance_alone_refuses_no_prose(changes, chance, refused):
    assert is_refused(ROW | changes, chance) is refused


def test_next_to_no_text_needs_a_good_chance():
    notice = ROW | {"kept_long": 0.0, "kept_text": 70.0}
    assert is_refused(notice, 0.4)
    assert not is_refused(notice, 0.6)


def test_a_likely_article_is_never_refused():
    assert not is_refused(ROW | {"kept_long": 0.0, "declares_product": 1.0}, 0.5)
