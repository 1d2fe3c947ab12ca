"""An article that stands twice in one page: for the screen and for the printer, say.

What an author repeats on purpose stays: refrains, "Q:" and "A:", a paragraph said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from copydesk.schemas.article import Cut, CutKind
from copydesk.tasks.dedup.line_keys import line_key, line_length

LONG: Final = 25
"""Characters of a paragraph that may tell at once that a body stands twice: legends, headings and
addresses are repeated on purpose."""

LEAST_WHOLE: Final = 50
"""Words of a run of short paragraphs that may be the whole over again."""

WHOLE: Final = 0.35
"""Part of the text's words that a repeated run must have to be the whole over again: a second
copy has nearly half of them, less what stands around it."""

_BETWEEN: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_SPACED: Final = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))
_PRINTED: Final = "“”‘—–…\xa0"


def may_repeat(paragraphs: Sequence[str]) -> bool:
    """Tell at once of most texts that nothing in them stands twice to the letter."""
    long = [text.casefold() for text in paragraphs if len(text) >= LONG]
    return len(set(long)) < len(long)


def without_second_copy(paragraphs: Sequence[str]) -> tuple[list[str], tuple[Cut, ...]]:
    """Keep a body once that stands there twice, whole; what else is said again stays.

    Of 965 articles that people marked, 8 have long paragraphs which stand twice and are the
    author's or the site's all the same, and none is there twice. One paragraph over and over is
    no second copy either.
    """
    if not (may_repeat(paragraphs) and _says_enough_twice(paragraphs)):
        return list(paragraphs), ()
    keys = [line_key(paragraph) for paragraph in paragraphs]
    runs = _runs(keys)
    if len({keys[index] for run in runs for index in run}) < 2:
        return list(paragraphs), ()
    lengths = _lengths(paragraphs, keys)
    out = {index for run in runs if _is_whole(run, lengths) for index in run}
    if len({keys[index] for index in out}) < 2:
        return list(paragraphs), ()
    cuts = tuple(
        Cut(CutKind.DUPLICATE, "repeated_body", index, paragraphs[index]) for index in sorted(out)
    )
    return [text for index, text in enumerate(paragraphs) if index not in out], cuts


def _says_enough_twice(paragraphs: Sequence[str]) -> bool:
    """Tell at once of most texts that what they repeat is too little to be the whole of them."""
    earlier: set[bytes] = set()
    again: list[str] = []
    for text in paragraphs:
        letters = _letters(text)
        if letters in earlier:
            again.append(text)
        elif letters:
            earlier.add(letters)
    words = sum(map(line_length, again)) if len(again) > 1 else 0.0
    return words >= LEAST_WHOLE and words >= WHOLE * sum(map(_fewest_words, paragraphs))


def _letters(text: str) -> bytes:
    """Return a paragraph's key without what stands between its letters."""
    text = _typed(text)
    if text.isascii():
        return text.lower().encode().translate(None, _BETWEEN)
    return line_key(text).replace(" ", "").replace("'", "").encode("utf-8", "surrogatepass")


def _typed(text: str) -> str:
    """Write quotation marks and dashes as a typewriter does: most texts are ASCII then."""
    if not text.isascii():
        for mark in _PRINTED:
            text = text.replace(mark, " ")
        text = text.replace("’", "'")
    return text


def _fewest_words(text: str) -> float:
    """Count words, in ASCII quickly: those that only apostrophes part are taken for one."""
    text = _typed(text)
    if text.isascii():
        return float(len(text.encode().translate(_SPACED, b"'").split()))
    return line_length(text)


def _lengths(paragraphs: Sequence[str], keys: Sequence[str]) -> list[float]:
    """Count each paragraph's words; of one in ASCII its key has them all."""
    return [
        float(key.count(" ") + 1 if key else 0) if text.isascii() else line_length(text)
        for text, key in zip(paragraphs, keys, strict=True)
    ]


def _is_whole(run: Sequence[int], lengths: Sequence[float]) -> bool:
    """Return whether a run that repeats another is the whole over again."""
    words = sum(lengths[index] for index in run)
    return words >= max(WHOLE * sum(lengths), LEAST_WHOLE)


def _runs(keys: Sequence[str]) -> list[list[int]]:
    """Return the places that repeat earlier ones, in runs that repeat runs."""
    first: dict[str, int] = {}
    runs: list[list[int]] = []
    source = -1  # of the paragraph before, if that was a repeat
    for index, key in enumerate(keys):
        if not key:
            continue
        earlier = first.setdefault(key, index)
        if earlier == index:
            source = -1
            continue
        following = _after(keys, source) if source >= 0 else -1
        if following >= 0 and keys[following] == key:
            # Not always the first of its kind: a chorus in a song that stands there twice.
            runs[-1].append(index)
            source = following
        else:
            runs.append([index])
            source = earlier
    return runs


def _after(keys: Sequence[str], start: int) -> int:
    """Return the next place with words."""
    return next((n for n in range(start + 1, len(keys)) if keys[n]), -1)
