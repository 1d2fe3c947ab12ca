from __future__ import annotations

import numpy as np
import pytest

from copydesk.tasks.cleaning.html import model as html_model
from copydesk.tasks.cleaning.text.features import columns
from copydesk.tasks.cleaning.text.kind import text_row
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.model import shipped
from copydesk.tasks.cleaning.text.reading import read
from copydesk.tasks.cleaning.text.second import SECOND
from copydesk.tasks.cleaning.text.title_choice import COLUMNS
from copydesk.tasks.cleaning.vocabulary.phrases import shipped as phrases
from tests.cleaning.text.test_selection import page

TEXT = "\n".join(page("en"))


def test_the_shipped_trees_ask_for_the_columns_that_there_are() -> None:
    models = shipped()
    lines = read_lines(TEXT)
    reading = read(lines, score_lines(lines, phrases()), None, models)
    kinds = text_row(reading.shape, reading.rows, reading.chance, reading.is_body, 0.5, None)
    assert models.lines.names == tuple(columns())
    assert models.seconds.names == (*columns(), *(f"second:{name}" for name in SECOND))
    assert models.titles.names == (*columns(), *(f"title:{name}" for name in COLUMNS))
    assert models.texts.names == tuple(kinds)


def test_without_compiled_loops_the_chances_are_the_same_to_the_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = read_lines(TEXT)
    line_scores = score_lines(lines, phrases())
    compiled = read(lines, line_scores, "https://quay.example/ferry-returns", shipped())
    monkeypatch.setattr(html_model, "native_forest", None)
    plain = read(lines, line_scores, "https://quay.example/ferry-returns", shipped())
    assert np.array_equal(compiled.chance, plain.chance)
    assert compiled.titles == plain.titles
