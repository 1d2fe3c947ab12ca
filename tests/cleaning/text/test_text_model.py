from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from benchmarks.copied_speed import STAGES, forget
from copydesk.tasks.cleaning.html import model as html_model
from copydesk.tasks.cleaning.text.features import columns
from copydesk.tasks.cleaning.text.kind import text_row
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.model import DATA, shipped
from copydesk.tasks.cleaning.text.reading import read
from copydesk.tasks.cleaning.text.second import SECOND
from copydesk.tasks.cleaning.text.title_choice import ALL_COLUMNS
from copydesk.tasks.cleaning.vocabulary.phrases import shipped as phrases
from tests.cleaning.text.test_selection import page
from training.text_digest import features_digest

TEXT = "\n".join(page("en"))


def test_the_shipped_trees_ask_for_the_columns_that_there_are() -> None:
    models = shipped()
    lines = read_lines(TEXT)
    reading = read(lines, score_lines(lines, phrases()), None, models)
    kinds = text_row(reading.shape, reading.rows, reading.chance, reading.is_body, 0.5, None)
    assert models.lines.names == tuple(columns())
    assert models.seconds.names == (*columns(), *(f"second:{name}" for name in SECOND))
    assert models.titles.names == (*columns(), *(f"title:{name}" for name in ALL_COLUMNS))
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


def test_the_weights_are_of_the_features_that_are_computed_today() -> None:
    with files("copydesk.tasks.cleaning").joinpath("data", DATA).open("rb") as stream:
        stored = str(np.load(stream)["digest"])
    assert stored == features_digest(), "train the models anew: python -m training.train_text"


def test_the_stages_that_the_benchmark_times_are_functions_of_cleaning() -> None:
    assert STAGES
    for stage, owner, names in STAGES:
        for name in names.split():
            assert callable(getattr(owner, name, None)), (stage, name)
    forget()
