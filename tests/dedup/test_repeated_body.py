from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import CutKind
from copydesk.tasks.dedup import repeated_body
from copydesk.tasks.dedup.line_keys import line_length
from copydesk.tasks.dedup.repeated_body import folded_start, without_second_copy
from tests.dedup.made import article, sentence


def kept(paragraphs: list[str]) -> list[str]:
    return without_second_copy(paragraphs)[0]


def test_a_body_printed_twice_is_kept_once() -> None:
    body = ["Standfirst of the story", *article(1, 5), "Short end."]
    printed = [*body, "Print", *[paragraph.upper() for paragraph in body]]
    remainder, cuts = without_second_copy(printed)
    assert remainder == [*body, "Print"]
    assert {(cut.kind, cut.rule) for cut in cuts} == {(CutKind.DUPLICATE, "repeated_body")}
    assert [cut.position for cut in cuts] == list(range(8, 15))


def test_a_body_three_times_is_kept_once() -> None:
    body = article(2, 4)
    assert kept(body * 3) == body


def test_a_paragraph_said_again_stays() -> None:
    body = article(3, 8)
    box = ["Read this first", *article(9, 1), "– the editors"]
    assert kept([*box, *body[:5], *box, *body[5:]]) == [*box, *body[:5], *box, *body[5:]]


def test_what_authors_repeat_stays() -> None:
    body = article(4, 6)
    question = "Q: And what did you do then?"
    refrain = "So we went on."
    item = article(40, 1)[0]
    for paragraphs in (
        [body[0], question, body[1], question, body[2], question, *body[3:]],
        [body[0], refrain, body[1], refrain, body[2], refrain],
        [*body, "Monday: 5 km", "Tuesday: rest", "Then:", "Monday: 5 km", "Tuesday: rest"],
        [*body[:3], f"- {item}", *body[3:], f"- {item}"],
    ):
        assert kept(paragraphs) == paragraphs


def test_a_chorus_stays_and_a_song_printed_twice_goes() -> None:
    lines = [" ".join(sentence(Random(seed)).split()[:6]) for seed in range(24)]
    verses = lines[:8], lines[8:16], lines[16:]
    chorus = ["Sing with me the song of rain", "over hills and over plain", "home again"] * 2
    song = [line for verse in verses for line in (*verse, *chorus)]
    assert kept(song) == song
    assert kept(song * 2) == song


def test_code_and_lists_stay() -> None:
    row = "-> Seq Scan on accounts a (cost=0.00..2890.00 rows=99999 width=97) " * 4
    body = article(5, 8)
    paragraphs = [body[0], row, *body[1:4], row, *body[4:]]
    assert kept(paragraphs) == paragraphs


@given(st.lists(st.sampled_from([*article(6, 4), "Q: Why?", "", "…", "A short line"]), max_size=12))
def test_the_first_of_each_stays_and_cuts_are_repeats(paragraphs: list[str]) -> None:
    remainder, cuts = without_second_copy(paragraphs)
    removed = {cut.position for cut in cuts}
    assert remainder == [text for index, text in enumerate(paragraphs) if index not in removed]
    for cut in cuts:
        assert cut.text in paragraphs[: cut.position]
    assert without_second_copy(remainder) == (remainder, ())


PIECES = [
    *article(7, 5),
    "Rock 'n' roll, it''s — it's",
    "“Rock ’n’ roll”, it’’s — it’s…",
    "ＦＵＬＬ width",
    "full width",
    "",
    "Q: Why?",
]


@given(st.text(min_size=1), st.text())
def test_texts_that_are_the_same_folded_begin_alike(text: str, other: str) -> None:
    for same in (text.upper(), text.casefold(), text.swapcase()):
        if same.casefold() == text.casefold():
            assert folded_start(same + other) == folded_start(text + other)


@given(st.lists(st.sampled_from([*PIECES, "so\0so", "élan"]) | st.text(max_size=9), max_size=6))
def test_letters_of_all_paragraphs_are_those_of_each(paragraphs: list[str]) -> None:
    typed = [repeated_body._typed(text) for text in paragraphs]
    assert repeated_body._all_typed(paragraphs) == typed
    each = [repeated_body._letters(text) for text in typed]
    assert repeated_body._all_letters(typed) == each


@given(st.sampled_from(PIECES) | st.text("aB1'’‘“—_ -.é\xa0…"))
def test_words_are_counted_quickly_as_they_are_otherwise(text: str) -> None:
    typed = repeated_body._typed(text)
    assert repeated_body._length(text, typed) == line_length(text)
    assert repeated_body._fewest_words(typed) <= line_length(text)


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_quick_looks_change_nothing(paragraphs: list[str]) -> None:
    result = without_second_copy(paragraphs)
    with pytest.MonkeyPatch.context() as patch:
        for look in ("may_repeat", "_says_enough_twice"):
            patch.setattr(repeated_body, look, lambda _: True)
        assert without_second_copy(paragraphs) == result
