import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.html.block_choice import best_choice, with_next
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.character_counts import (
    CLASSES,
    DIGIT,
    END,
    LETTER,
    PAUSE,
    SPACE,
    UNSPACED,
    UPPER,
    character_counts,
)
from copydesk.tasks.cleaning.html.declared_body import Declared
from copydesk.tasks.cleaning.html.features import columns, features
from copydesk.tasks.cleaning.html.model import Forest, forest
from copydesk.tasks.cleaning.html.page_analysis import read_page, shipped
from copydesk.tasks.cleaning.html.page_kind import page_row
from copydesk.tasks.cleaning.html.parser_limits import parsed


def test_the_shipped_models_know_the_columns_that_are_computed():
    assert forest("blocks").names == tuple(columns())
    reading = read_page(LexborHTMLParser("<p>text</p>"), None, shipped())
    assert forest("pages").names == tuple(page_row(reading, None))


def test_a_forest_adds_the_leaves_that_its_questions_lead_to():
    trees = Forest(
        column=np.array([[0, 1], [1, 1]]),
        border=np.array([[0.5, 2.0], [0.5, np.inf]], np.float32),
        leaves=np.array([[0, 1, 2, 3], [0, 10, 20, 30]], np.float32),
        bias=-1.0,
        names=("a", "b"),
    )
    rows = np.array([[0, 0], [1, 0], [0, 1], [1, 3]], np.float32)
    expected = np.array([-1, 0, 1, 12], np.float32)  # the second tree asks of b alone
    assert np.allclose(trees.chance(rows), 1 / (1 + np.exp(-expected)))


def test_characters_are_counted_by_class_in_any_script():
    counts, first, last = character_counts(["Ab, 12.", "你好。", "क्या?"])
    assert counts.shape == (3, CLASSES)

    def count(row, bit):
        return counts[row, bit.bit_length() - 1]

    assert [count(0, b) for b in (UPPER, LETTER, DIGIT, SPACE, END, PAUSE)] == [1, 2, 2, 1, 1, 1]
    assert (count(1, UNSPACED), count(1, END)) == (2, 1)
    assert count(2, LETTER) == 4  # marks belong to their letters
    assert first[0] & UPPER
    assert last[1] & END


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=20))
def test_rows_are_finite_for_any_text(texts):
    page = read(LexborHTMLParser("".join(f"<p>{t}</p><div><h2>{t}</h2>{t}</div>" for t in texts)))
    if len(page):
        rows = features(page, Declared(texts[0], texts[-1], " ".join(texts)))
        assert rows.shape == (len(page), len(columns()))
        assert np.isfinite(rows).all()


def test_a_page_reads_the_same_twice():
    html = "<h1>Title</h1>" + "<p>Some words, and more of them here.</p>" * 9
    first, two = (read_page(LexborHTMLParser(html), None, shipped()) for _ in range(2))
    assert (first.chance == two.chance).all()


def test_the_choice_keeps_more_where_the_page_is_unsure():
    words = np.ones(6, np.float32)
    sure = np.array([0.99, 0.99, 0.99, 0.4, 0.01, 0.01], np.float32)
    unsure = np.array([0.5, 0.4, 0.4, 0.4, 0.01, 0.01], np.float32)
    assert best_choice(sure, words).sum() == 3
    assert best_choice(unsure, words).sum() == 4


def test_whole_sentences_behind_a_run_are_added_one_after_another():
    tags = ("p", "p", "p", "p", "li", "p", "p", "p")
    page = read(parsed("".join(f"<{tag}>A sentence.</{tag}>" for tag in tags)))
    retained = np.array([1, 0, 0, 0, 0, 0, 1, 0], np.bool_)
    words, chance = np.full(8, 8, np.float32), np.full(8, 0.1, np.float32)
    ends = np.ones(8, np.bool_)
    added = with_next(page, retained, chance, words, ends)
    assert added.tolist() == [True] * 4 + [False, False, True, True]
    assert retained.sum() == 2
    for column, value in ((words, 7.5), (chance, 0.05), (ends, False)):
        kept, column[2] = column[2], value
        added = with_next(page, retained, chance, words, ends)
        assert added.tolist() == [True, True, False, False, False, False, True, True]
        column[2] = kept
    assert with_next(page, np.ones(8, np.bool_), chance, words, ends).all()
