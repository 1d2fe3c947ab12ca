"""Words in every script, and characters that show nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copydesk.schemas import plain_text
from copydesk.schemas.plain_text import as_shown, without_invisible, word_count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two words, and 3 more: it's", 7),
        ("", 0),
        ("渡し船は二隻です。", 8),
        ("ラジオをきく", 6),
        ("여객선은 두 척이다", 3),
        ("नाव फिर चलेगी", 3),
        ("cafe\u0301 au lait", 3),
        ("เรือข้ามฟาก", 3),
        ("2024年の船", 4),
        ("\U00020000\U00020001", 2),
    ],
)
def test_words_are_counted_by_script(text: str, words: int) -> None:
    assert word_count(text) == words


ANY = st.text(st.one_of(st.characters(), st.sampled_from(" a1_\u0301\u00adกา中ラé\n\U00020000")))


@given(ANY, st.integers(0, 2))
def test_compiled_loops_count_as_arrays_do(text: str, repeats: int) -> None:
    text *= 40**repeats  # short texts are counted by the pattern
    assert word_count(text) == plain_text._word_count(text)


@given(st.text(st.sampled_from("ab \n\t\r\x1c\x85\u00a0\u1680\u2003\u200b\u3000é\U00020000")))
def test_runs_of_white_space_are_one_space(text: str) -> None:
    assert plain_text.collapsed(text) == " ".join(text.split())


def test_white_space_is_that_of_split() -> None:
    text = "a".join(map(chr, range(0x110000)))
    assert plain_text.collapsed(text) == " ".join(text.split())


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_words_with_spaces_between_them_are_those_of_the_pattern(text: str) -> None:
    output = "".join(char for char in text if unicodedata.category(char) != "Cf")
    assert word_count(text) == len(re.findall(r"\w+", output))


@given(st.text(st.characters(max_codepoint=0x20FF), max_size=60))
@example("Fähr\u00adplan – „Pier”: 5\u202f€, a\u0301b, ²x")
def test_words_of_a_short_text_are_those_of_a_long_one(text: str) -> None:
    assert word_count(text) == word_count(text + " " * 300)


@given(st.text(), st.text())
def test_words_add_up(first: str, second: str) -> None:
    assert word_count(f"{first}\n{second}") == word_count(first) + word_count(second)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fähr\u00adplan", "Fährplan"),
        ("fer\u200bry\ufeff and\u2060 pier", "ferry and pier"),
        ("f\u200ce\u200dr\u200b\u200cry", "ferry"),
        ("می\u200cرود", "می\u200cرود"),
        ("می\u200c\u200d\u200cرود", "میرود"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("pier\U000e0041\U000e0042", "pier"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4\U000e0067\U000e0062\U000e007f"),
    ],
)
def test_what_shows_nothing_is_dropped(text: str, shown: str) -> None:
    assert without_invisible(text) == shown


@given(st.text("abcé字 .\u00ad\u200b\ufeff\u2060"))
def test_only_what_shows_nothing_is_dropped(text: str) -> None:
    assert without_invisible(text) == re.sub("[\u00ad\u200b\ufeff\u2060]", "", text)


@given(
    st.text("ab é字\u00a0\u202f\u00ad\u200b\u200c\u200d\U0001f3f4\U000e0067\U000e007f\U000f0000")
)
def test_characters_are_asked_for_before_patterns(text: str) -> None:
    hidden = re.compile(
        "[\u200c\u200d]{2,}|(?<![^\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])"
        f"|[{''.join(plain_text._OTHERS)}]"
        "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+|[\U000e0080-\U000e0fff]+"
    )
    assert without_invisible(text) == hidden.sub("", text)
    assert as_shown(text) == hidden.sub("", re.sub("[\u00a0\u2007\u202f]", " ", text))


def test_no_break_spaces_are_plain_ones() -> None:
    assert as_shown("10\u00a0km, 5\u202f%") == "10 km, 5 %"


def test_the_table_of_kinds_has_each_character_s_own() -> None:
    kinds = plain_text._kinds().tolist()
    assert kinds == [plain_text._kind(code) for code in range(len(kinds))]
