"""Scores that are found by a quicker look are those of the full one."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from copydesk.tasks.cleaning.text.line_scores import _plain_score, _score_line
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.vocabulary.phrases import shipped

PIECES = (
    *("Reply", "Leave a comment", "Share", "Read more", "Posted by", "Advertisement", "広告"),
    *("Recent posts", "e-mail", "почта", "メール", "copyright", "todos los derechos reservados"),
    *("réservés", "无断", "the brake", "Die Straße", "статья", "文章が続く", "บทความ", "A"),
    *(
        "reservado",
        "a",
        "K.",
        "well-known",
        "- ",
        " ",
        " ",
        ". ",
        ": ",
        "*",
        "|",
        " | ",
        "→",
        "(x)",
    ),
    *("#", "@ada", "12", "?", "’", "©", "«", "»", "…", "– ", "word " * 12),
)
LINES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join)


@given(LINES, st.integers(1, 3))
@example("Related: the brake", 1)
@example("• Menu", 3)
@example("A well- known brake", 1)
@settings(max_examples=1000)
def test_the_quicker_look_finds_the_same_score(text: str, repeats: int) -> None:
    for line in read_lines(text):
        plain = _plain_score(line, shipped(), repeats)
        if line.size <= 230 and plain is not None:
            assert plain == _score_line(line, shipped(), repeats)


@pytest.mark.parametrize(
    ("text", "score"),
    [("Brakes, wheels", 0.1), ("Наши тормоза", 0.1), ("Wheels’ brakes wear.", 0.5)],
)
def test_most_lines_need_no_other(text: str, score: float) -> None:
    plain = _plain_score(read_lines(text)[0], shipped(), 1)
    assert plain is not None
    assert plain.score == score
