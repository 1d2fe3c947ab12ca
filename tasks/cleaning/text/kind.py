"""Compute the features of a whole copied text, by which a model recognises articles."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import numpy as np

from copydesk.tasks.cleaning.html.block_choice import most_expected
from copydesk.tasks.cleaning.text.features import Shape, columns
from copydesk.tasks.cleaning.text.measures import Bools, Floats
from copydesk.tasks.cleaning.vocabulary.phrases import WEAKEST_FIRST

# "$1,299.00", "12.50 zł", "1 490 ₽". Patterns that begin with one set of characters are found
# several times faster.
_PRICE = re.compile(
    r"[$€£¥₹₽₩\d](?:(?<!\d)\s?\d[\d.,]{0,12}"
    r"|(?<=\d)[\d.,]{0,12}\s?(?:[$€£¥₹₽₩]|zł|kr|Kč|руб|USD|EUR)\b)"
)
_MONEY = ("$", "€", "£", "¥", "₹", "₽", "₩", "zł", "kr", "Kč", "руб", "USD", "EUR")
_LISTING = re.compile(r"\d(?<!\w\d)\d{0,3}\s?(?:[-–]|/|of|von|de|из)\s?\d{1,6}\b")
_PHRASES = tuple(f"phrases_{kind}" for kind in WEAKEST_FIRST)
_PATHS = {
    "listing": re.compile(
        r"/(?:category|tag|tags|topics?|search|archive|author|collections?)(?:/|$)"
    ),
    "product": re.compile(r"/(?:products?|shop|item|store|dp|p)(?:/|$)"),
    "forum": re.compile(r"/(?:forums?|threads?|questions?|t|viewtopic\S{0,20}|community)(?:/|$)"),
    "documentation": re.compile(r"/(?:docs?|documentation|reference|manual|api)(?:/|$)"),
    "dated": re.compile(r"/(?:19|20)\d\d/\d{1,2}(?:/|$)"),
}


def text_row(
    shape: Shape, rows: Floats, chance: Floats, is_body: Bools, title: float, url: str | None
) -> dict[str, float]:
    """Return the text's features by name; their order is part of the model."""
    column = columns()
    words = shape.tokens
    count = len(words)
    body_words = words[is_body]
    total, body_total = float(words.sum()), float(body_words.sum())
    index = np.flatnonzero(is_body)
    first, last = (int(index[0]), int(index[-1]) + 1) if len(index) else (0, 0)
    span = max(1, last - first)
    ordered = np.sort(shape.size)
    short = ~shape.prose
    text = "\n".join([line.text for line in shape.lines if line.size < 300][:2000])
    # No price contains a null, so that none extends over two lines.
    kept = "\0".join([shape.lines[at].text[:400] for at in index[:200].tolist()])
    prose = float(shape.prose.sum())
    row = {
        "lines": float(count),
        "words": total,
        "kept_lines": float(len(index)),
        "kept_words": body_total,
        "kept_share": body_total / total,
        "kept_of_span": len(index) / span,
        "kept_first": first / count,
        "kept_after": (count - last) / count,
        "kept_mean": body_total / max(1, len(index)),
        "kept_longest": float(body_words.max(initial=0)),
        "kept_short": float((short & is_body).sum()) / max(1, len(index)),
        "kept_runs": float(np.count_nonzero(np.diff(is_body.astype(np.int8)) == 1) + 1),
        "kept_ends": float(shape.terminal[is_body].mean()) if len(index) else 0.0,
        "kept_marked": float(shape.marked[is_body].mean()) if len(index) else 0.0,
        "chance_kept": float(np.average(chance[is_body], weights=body_words))
        if len(index)
        else 0.0,
        "chance_most": float(chance.max(initial=0)),
        "chance_words": float((chance * words).sum()),
        "expected": most_expected(chance, words),
        "unsure": float(((chance > 0.2) & (chance < 0.8)).mean()),
        "prose_lines": prose,
        "prose_kept": float((shape.prose & is_body).sum()) / max(1.0, prose),
        "prose_size": float(shape.mass.sum()),
        "outside_size": float(shape.mass[~is_body].sum()) / max(1.0, float(shape.mass.sum())),
        "run_share": float(shape.mass[slice(*shape.run)].sum()) / max(1.0, float(shape.mass.sum())),
        "short_share": float(short.mean()),
        "median_size": float((ordered[(count - 1) // 2] + ordered[count // 2]) / 2),
        "dates": float((shape.date > 0.5).sum()),
        "dates_share": float((shape.date > 0.5).mean()),
        "dates_near": float((shape.date[max(0, first - 8) : first + 3] > 0.5).any()),
        "repeated": float((rows[:, column["words:repeats"]] > 1).mean()),
        "in_address": float(rows[:, column["words:address_share"]].max(initial=-1)),
        "questions": text.count("?") / count,
        "prices": _prices(text) / count,
        "kept_prices": _prices(kept) / max(1, len(index)),
        "ranges": len(_LISTING.findall(text)) / count,
        "title": title,
    }
    ranks = np.bincount(shape.phrase.astype(np.int64), minlength=len(WEAKEST_FIRST) + 1) / count
    row |= zip(_PHRASES, ranks[1:].tolist(), strict=True)
    path = _path(url)
    row["path_depth"] = float(path.strip("/").count("/")) if path.strip("/") else -1.0
    row["path_words"] = float(path.rstrip("/").rsplit("/", 1)[-1].count("-"))
    row["path_digits"] = float(sum(map(str.isdigit, path)))
    for name, pattern in _PATHS.items():
        row[f"path_{name}"] = float(pattern.search(path) is not None)
    return row


def _prices(text: str) -> int:
    """Return the number of prices in a text; most texts have no sign of money, either."""
    return len(_PRICE.findall(text)) if any(sign in text for sign in _MONEY) else 0


def _path(url: str | None) -> str:
    try:
        return urlsplit(url).path if url else ""
    except ValueError:
        return ""
