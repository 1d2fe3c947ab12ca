"""What candidates for a title share with the body, with each other and with the host."""

from __future__ import annotations

import numpy as np
import pytest

from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.cleaning.text.features import columns, features
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.selection import _written
from copydesk.tasks.cleaning.text.title_choice import (
    ALL_COLUMNS,
    candidate_rows,
    candidates,
)
from copydesk.tasks.cleaning.text.title_context import Candidate
from copydesk.tasks.cleaning.vocabulary.phrases import shipped
from tests.cleaning.text.test_corrections import MENU, PARAGRAPHS, TITLE

HEAD = [*MENU, "Home and garden", f"Coast{TITLE}", TITLE, "3 March 2024", "Our lovely readers"]


def context(
    head: list[str], body: list[str], url: str | None = None
) -> dict[str, dict[str, float]]:
    """Return the title columns of each candidate above the body, by its text."""
    lines = read_lines("\n\n".join([*head, *body]))
    rows, shape = features(lines, score_lines(lines, shipped()), url)
    chance = np.array([0.0] * len(head) + [1.0] * len(body), np.float32)
    items = candidates(lines, chance, shape.tokens)
    table = candidate_rows(items, shape, rows, chance, range(len(head), len(lines)))
    assert table.shape == (len(items), len(columns()) + len(ALL_COLUMNS))
    values = table[:, len(columns()) :].tolist()
    return {
        item.text: dict(zip(ALL_COLUMNS, row, strict=True))
        for item, row in zip(items, values, strict=True)
    }


def test_a_title_has_the_bodys_words() -> None:
    rows = context(HEAD, PARAGRAPHS)
    title, other = rows["The lighthouse gets a keeper again"], rows["Our lovely readers"]
    assert title["body_share"] > other["body_share"] == 0
    assert title["rare_share"] > other["rare_share"] == 0
    assert title["most_body_share"] > other["most_body_share"]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Latarnik znów zapala", "Nikt nie widział tam latarnika, który wieczorem lampę zapalał."),
        ("Маяк снова работает", "Смотрители ушли, и работали только часы старого маякового дома."),
        (
            "Ο φαροφύλακας επιστρέφει",
            "Από τους παλιούς φαροφύλακες δεν έμεινε κανείς εκεί όλον τον χειμώνα.",
        ),
    ],
)
def test_words_with_other_endings_are_the_same(title: str, sentence: str) -> None:
    rows = context([*MENU, title, "Quince, zephyr"], [sentence, "2024 — 2025.", PARAGRAPHS[0]])
    assert rows[title]["most_stem_share"] > rows["Quince, zephyr"]["most_stem_share"]


def test_a_line_that_ends_in_another_is_its_breadcrumbs() -> None:
    rows = context([*HEAD, f"{TITLE} and other stories"], PARAGRAPHS)
    assert rows[f"Coast{TITLE}"]["ends_in_other"] == 1
    assert rows[f"{TITLE} and other stories"]["starts_with_other"] == 1
    assert rows[TITLE]["ends_in_other"] == rows[TITLE]["starts_with_other"] == 0


def test_lines_between_title_and_body_are_counted() -> None:
    row = context(HEAD, PARAGRAPHS)[TITLE]
    assert (row["headlines_below"], row["dates_below"], row["until_date"]) == (1, 1, 1)
    assert row["prose_above"] == 0


def test_a_sites_name_is_in_its_host() -> None:
    rows = context(
        [*MENU, f"{TITLE} | Cape Courier"], PARAGRAPHS, "https://news.cape-courier.example/a"
    )
    assert rows[TITLE]["rest_in_host"] == 1
    assert rows["Cape Courier"]["in_host"] == 1
    assert rows[TITLE]["in_host"] == 0
    assert context(HEAD, PARAGRAPHS)[TITLE]["in_host"] == -1
    assert context(HEAD, PARAGRAPHS, "https://[cape/a")[TITLE]["in_host"] == -1


def test_a_truncated_title_is_written_as_the_whole_one() -> None:
    short = f"{TITLE[:25]}…"
    items = [Candidate(0, short), Candidate(1, "The lighthouse"), Candidate(2, TITLE)]
    assert _written(short, items) == TITLE
    assert _written(short, items[:2]) == short


def test_many_long_candidates_take_linear_memory_and_little_time() -> None:
    head = [f"{'Lighthouse ' * 20}{number}" for number in range(1_500)]
    assert clean_text("\n\n".join([*head, *PARAGRAPHS]))


@pytest.mark.parametrize(
    "path",
    [
        "Harbour › Local news › {}",
        "Harbour » Local news » {}",
        "Home > News > {}",
        "Home / News / {}",
        "海港網〉地方新聞〉{}",
        "Startseite → Ort → Hafen → {}",
    ],
)
def test_of_a_path_the_last_part_alone_may_be_the_title(path: str) -> None:
    rows = context([*MENU, path.format(TITLE)], PARAGRAPHS)
    assert [text for text in rows if TITLE in text] == [TITLE]
    assert not any("Harbour" in text or "海港" in text for text in rows)


@pytest.mark.parametrize(
    "title",
    [
        "»Möwe« und »Reiher« fahren wieder",
        "Le « Héron » et la « Mouette » repartent",
        "Ferry / fähre",
        "Boats | Bridges | Both",
        "Boats > bridges",
    ],
)
def test_a_title_with_quotes_or_one_mark_is_no_path(title: str) -> None:
    assert title in context([*MENU, title], PARAGRAPHS)
