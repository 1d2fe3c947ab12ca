"""A digest of the features of copied text, stored with the weights that were trained on them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np

from copydesk.tasks.cleaning.text.features import features
from copydesk.tasks.cleaning.text.kind import text_row
from copydesk.tasks.cleaning.text.line_scores import score_lines
from copydesk.tasks.cleaning.text.lines import read_lines
from copydesk.tasks.cleaning.text.second import second_rows
from copydesk.tasks.cleaning.text.title_choice import candidate_rows, candidates
from copydesk.tasks.cleaning.vocabulary.phrases import shipped

SEEDS = Path(__file__).parent.parent / "seeds"


def features_digest() -> str:
    """Return a digest of the features of the seeds' texts, which the weights are stored with.

    It changes with the code that reads lines and with the tables that it looks words up in: then
    the weights are of another revision, and are to be trained anew.
    """
    digest = sha256()
    for path in sorted(SEEDS.glob("*.txt")):
        lines = read_lines(path.read_text(encoding="utf-8"))
        rows, shape = features(lines, score_lines(lines, shipped()), "https://quay.example/a-title")
        chance = np.linspace(0.05, 0.95, len(lines), dtype=np.float32)
        is_body = chance > 0.5
        found = candidates(lines, chance, shape.tokens)
        title_rows = candidate_rows(found, shape, rows, chance, np.flatnonzero(is_body).tolist())
        for table in (second_rows(rows, shape.words, chance, shape.numbered), title_rows):
            digest.update(np.ascontiguousarray(table).tobytes())
        digest.update(repr(text_row(shape, rows, chance, is_body, 0.5, None)).encode())
    return digest.hexdigest()
