from __future__ import annotations

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.dedup.tokens import Words, words


def hashes(text: str) -> list[int]:
    return words([text]).hashes.tolist()


def marked(text: str, result: Words, marks: np.ndarray) -> list[str]:
    """Give the marked words of a text of single-spaced words."""
    return [word for word, mark in zip(text.split(), marks, strict=True) if mark]


def test_case_and_punctuation_do_not_count() -> None:
    assert hashes("The quick, brown fox!") == hashes("the QUICK “brown” fox")


def test_forms_of_numbers_are_one() -> None:
    assert hashes("4,726.68") == hashes("4'726,68") == hashes("472668")
    assert hashes("٣٤") == hashes("34") == hashes("３４")


def test_invisible_letters_do_not_count() -> None:
    assert hashes("co\u00adoper\u200bation") == hashes("cooperation")


def test_composed_and_decomposed_letters_are_one() -> None:
    text = "Žluťoučký kůň"
    assert hashes(text) == hashes(unicodedata.normalize("NFD", text))


def test_compatible_letters_are_one() -> None:
    assert hashes("ﬁnal ＮＥＷＳ") == hashes("final news")


def test_scripts_without_spaces_are_cut_into_letters() -> None:
    assert len(hashes("我们在北京大学")) == 7
    # Thai vowels and tones stay with their consonants.
    assert len(hashes("ที่นี่")) == 2
    assert words(["日本のNEWSです"]).spaceless.tolist() == [True] * 3 + [False] + [True] * 2


def test_korean_and_arabic_have_words() -> None:
    assert len(hashes("서울의 날씨는 맑음")) == 3
    assert len(hashes("توقعت هيئة الأرصاد")) == 3


def test_names_begin_no_sentence() -> None:
    text = "Then Anna met Bob. Carl saw I and X “Dora and Emil”"
    tokens = words([text])
    assert marked(text, tokens, tokens.name) == ["Anna", "Bob.", "Emil”"]
    assert marked(text, tokens, tokens.capital)[:3] == ["Then", "Anna", "Bob."]


def test_texts_do_not_touch() -> None:
    tokens = words(["one two", "", "Three 4"])
    assert tokens.text.tolist() == [0, 0, 2, 2]
    assert tokens.number.tolist() == [False, False, False, True]
    assert not tokens.name.any()
    assert tokens.line[1] < tokens.line[2]


def test_nothing_is_no_word() -> None:
    assert len(words(["", " \n…"]).hashes) == 0
    assert len(words([]).hashes) == 0


@given(st.lists(st.text(max_size=80), max_size=6))
def test_a_batch_gives_what_each_text_gives(texts: list[str]) -> None:
    together = words(texts)
    for number, text in enumerate(texts):
        single = words([text])
        of_text = together.text == number
        for name in ("hashes", "spaceless", "number", "capital", "name", "kana", "numeral"):
            assert np.array_equal(getattr(together, name)[of_text], getattr(single, name))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_has_as_many_words_after_another_letter(text: str) -> None:
    assert len(hashes(f"x {text}")) == len(hashes(text)) + 1
