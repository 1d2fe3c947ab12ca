"""The compiled loops over lines and Python give the same, to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from copydesk.tasks.cleaning import quality
from copydesk.tasks.cleaning.line_loops import native_lines
from copydesk.tasks.cleaning.metadata import placing, timestamps
from copydesk.tasks.cleaning.text import features as features_module
from copydesk.tasks.cleaning.text import lines as lines_module
from copydesk.tasks.cleaning.text import measures, title_context, topic
from copydesk.tasks.cleaning.text.features import features
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.measures import character_counts
from copydesk.tasks.cleaning.text.title_choice import candidate_rows, candidates
from copydesk.tasks.cleaning.text.topic import number_terms, topic_columns
from copydesk.tasks.cleaning.vocabulary import bylines, phrases
from copydesk.tasks.cleaning.vocabulary.phrases import line_key, shipped

pytestmark = pytest.mark.skipif(native_lines is None, reason="installed without a compiler")

LETTERS = "aZé_'’ßİΣς٣7９ʼ中のหก한́-.!?…©@# \t\u200b\u00ad\u00a0😀𐐀"
SIGNS = "*＊()（:：|·•∙/»›>←‹⟵«→⟶@#©ⓒ–—-.!?。'\"’)]』 1"
TEXTS = st.text(alphabet=st.sampled_from(LETTERS), min_size=1, max_size=60)


@contextmanager
def in_python() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        html_modules = (bylines, timestamps)
        copied_modules = (lines_module, phrases, measures, topic, features_module)
        for module in (*copied_modules, *html_modules):
            patch.setattr(module, "native_lines", None)
        for module in (measures, topic, features_module):
            patch.setattr(module, "native_columns", None)
        patch.setattr(title_context, "native_titles", None)
        yield


@given(st.text(st.characters(max_codepoint=127), max_size=80) | TEXTS | st.text(max_size=40))
@example("x\u200d'y 1\u200d2 7\u0301 ½ ﬁ’s ß'ß \ufdfa" * 9)
@example("\ufdfa" * 200)  # thousands of letters when folded
@example("what's '90s rock'n'roll '' a_'b 1'2")
@example("5.3.2024, 10:15 h2o 1 2 3x")
def test_keys_are_the_same(line: str) -> None:
    compiled = line_key(line)
    with in_python():
        assert line_key(line) == compiled


@given(st.text(alphabet=st.sampled_from(LETTERS + SIGNS), min_size=1, max_size=40) | TEXTS)
@example("Ewa K.")
@example("(1) 2. “J. R.”")
@example("Ende.’)12")
@example("«Конец!»123")
@example("- • 5) ")
@example("ไทย" * 40)
@settings(max_examples=300)
def test_lines_have_the_same_form(text: str) -> None:
    compiled = read_lines(text)
    lines_module._short_form.cache_clear()
    with in_python():
        assert read_lines(text) == compiled
    lines_module._short_form.cache_clear()


@given(st.lists(TEXTS, min_size=1, max_size=12))
@settings(deadline=None)
def test_counts_of_characters_are_the_same(texts: list[str]) -> None:
    compiled = character_counts(texts)
    with in_python():
        plain = character_counts(texts)
    for one, other in zip(flat(compiled), flat(plain), strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@given(st.lists(TEXTS, min_size=1, max_size=12))
@settings(deadline=None)
def test_terms_are_numbered_alike(texts: list[str]) -> None:
    lines = read_lines("\n".join(texts))
    if not lines:
        return
    words = np.array([line.words for line in lines], np.float32)
    chance = np.linspace(0.1, 0.9, len(lines), dtype=np.float32)
    compiled = number_terms(lines)
    columns = topic_columns(compiled, words, chance)
    flags = [compiled.flagged(" ".join(texts))]
    with in_python():
        plain = number_terms(lines)
        assert compiled.numbers == plain.numbers
        flags.append(plain.flagged(" ".join(texts)))
    assert np.array_equal(*flags)
    assert np.array_equal(compiled.term, plain.term)
    assert np.array_equal(compiled.line, plain.line)
    assert all(map(np.array_equal, columns, topic_columns(plain, words, chance)))


ADDRESSES = ["See www.quay.example", "Mail a@b.example:", "標題： http", "w.ww", "x" * 297 + "http"]


@given(
    st.lists(
        TEXTS | st.sampled_from(["Share this", "Read more", "Photo: AP", *ADDRESSES]), min_size=1
    )
)
@settings(deadline=None, max_examples=40)
def test_rows_are_the_same(texts: list[str]) -> None:
    lines = read_lines("\n".join(texts))
    if lines:
        scores = score_lines(lines, shipped())
        rows, _ = features(lines, scores, "https://quay.example/share-this/a-crane")
        with in_python():
            plain, _ = features(lines, scores, "https://quay.example/share-this/a-crane")
        assert np.array_equal(rows, plain)


CHANCES = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40)


@given(CHANCES)
@example([0.7] * 130 + [0.2] * 130)
def test_columns_of_neighbours_are_the_same(chances: list[float]) -> None:
    chance = np.array(chances, np.float32)
    flags = np.array([chance > 0.5, chance > 2, chance == chance.max()])

    def columns() -> list[object]:
        return [
            measures.window_means((chance, -3 * chance), (2, 5, 12)),
            measures.shifted_rows(flags.astype(np.float32), [(0, -3), (2, 1), (1, 200)]),
            measures.streaks(flags[0]),
            measures.near_flags(flags),
            measures.heaviest(chance - 0.5),
        ]

    compiled = columns()
    with in_python():
        assert all(map(np.array_equal, compiled, columns()))


@given(st.lists(TEXTS | st.sampled_from(["A Quay | The Crane", "The Crane of the Quay"] * 2)))
@example(["The old crane", "The old crane | Quay Post", "The old crane of the quay…"] * 30)
@settings(deadline=None, max_examples=40)
def test_candidates_for_the_title_are_compared_alike(texts: list[str]) -> None:
    lines = read_lines("\n".join([*texts, "The crane at the quay, which is old, was sold today."]))
    url = "https://quay-post.example/the-old-crane"
    rows, shape = features(lines, score_lines(lines, shipped()), url)
    chance = np.array([0.1] * (len(lines) - 1) + [0.9], np.float32)
    items = candidates(lines, chance, shape.tokens)
    if not items:
        return
    for body in ([len(lines) - 1], []):
        compiled = candidate_rows(items, shape, rows, chance, body)
        with in_python():
            assert np.array_equal(candidate_rows(items, shape, rows, chance, body), compiled)


YEARS = st.lists(
    st.sampled_from([*"0 2024", "24", "٢٠٢٤", "年", "令和五", "תש״ף", "พ.ศ. 67", "é", "x"])
)


@given(YEARS.map("".join))
@example("a 123 45678")
@example("123 4567")
@example("é12345")
def test_years_are_seen_alike(text: str) -> None:
    compiled = timestamps.has_year(text)
    with in_python():
        assert timestamps.has_year(text) == compiled


@given(
    st.lists(TEXTS | st.sampled_from(["Written by Jane Roe", "Von: Jan Rost", "said bY é", "b"]))
)
def test_lines_that_say_by_are_found_alike(texts: list[str]) -> None:
    texts = [*texts, "By: Jane Roe" + " and more" * 30]
    compiled = bylines.starting_plainly_with_by(texts, "de", 160)
    with in_python():
        assert bylines.starting_plainly_with_by(texts, "de", 160) == compiled


STARTS = (
    "",
    " ",
    "– ",
    "\u3000",
    "von ",
    "VON",
    "Vön",
    "unserem ",
    "UNſEREM",
    "our ",
    "notre\u00a0",
)


@given(st.lists(st.sampled_from(STARTS), max_size=3).map("".join), TEXTS)
@example("\u3000Von unserem ", "Korrespondenten Jan Rost")
@example("\x1cVon\u00a0UNſEREM ", "Korrespondenten Jan Rost")
@example("DE NOſ ", "envoyés Jean Rive")
def test_whatever_says_by_may_say_it(start: str, text: str) -> None:
    line = start + text
    may_say = bylines.may_say_by(line, "de")
    with in_python():
        assert bylines.may_say_by(line, "de") == may_say
    if bylines.before_names("de").match(line) or bylines.without_correspondent(line) != line:
        assert may_say


@given(st.lists(TEXTS), TEXTS)
@example(["x" * 241 + "ab", "ab", "cab"], "ab")
def test_a_line_is_found_in_the_same_text(texts: list[str], line: str) -> None:
    found = placing.first_with(texts, line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "native_lines", None)
        assert placing.first_with(texts, line) == found


def flat(values: object) -> list[np.ndarray]:
    return (
        [part for value in values for part in flat(value)]
        if isinstance(values, tuple)
        else [values]
    )  # type: ignore[list-item]


def test_a_short_line_that_was_scored_before_is_scored_anew_for_each_text() -> None:
    texts = ["Home", "Contact | Imprint | Help", "5 March 2024"]
    first = score_lines(read_lines("\n".join(texts)), shipped())
    second = score_lines(read_lines("\n".join(texts * 2)), shipped())
    assert [score.repeats for score in second] == [2] * 6
    assert first[0].score > second[0].score  # a repeated line is less likely text
    with pytest.raises(AttributeError):  # texts share the scores of short lines
        first[2].rule = "changed"


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 90), st.booleans(), st.booleans())))
def test_sums_of_a_choice_are_the_same(parts: list[tuple[float, int, bool, bool]]) -> None:
    chance, words = (np.array([part[each] for part in parts], np.float64) for each in (0, 1))
    retained = np.array([part[2] for part in parts], np.uint8)
    body = [index for index, part in enumerate(parts) if part[3]]
    arguments = chance, words / 2, body, retained, 0.3
    assert native_lines.choice_sums(*arguments) == quality.choice_sums(*arguments)
