"""Remove the second copy of an article that a page contains twice, for example for printing.

Deliberate repetition stays: refrains, "Q:" and "A:", a repeated paragraph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from copydesk.schemas.article import Cut, CutKind
from copydesk.tasks.dedup.line_keys import line_key, line_length

LONG: Final = 25
"""Minimum characters of a paragraph whose repetition suggests a second copy: legends, headings and
addresses are repeated on purpose."""

LEAST_WHOLE: Final = 50
"""Minimum words of a run of short paragraphs that may be a second copy."""

WHOLE: Final = 0.35
"""Minimum share of the text's words in a repeated run that is a second copy: a real one has nearly
half of them, less what surrounds it."""

_START: Final = 16  # characters

_BETWEEN: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_SPACED: Final = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))
_PRINTED: Final = "“”‘—–…\xa0"


def may_repeat(paragraphs: Sequence[str]) -> bool:
    """Return whether anything may be repeated verbatim; a fast first check that most texts fail."""
    long = [text for text in paragraphs if len(text) >= LONG]
    starts = [text[:_START].casefold()[:_START] for text in long]  # as ``folded_start``, sooner
    if len(set(starts)) == len(starts):
        return False
    times = Counter(starts)
    alike = [text.casefold() for text, start in zip(long, starts, strict=True) if times[start] > 1]
    return len(set(alike)) < len(alike)


def folded_start(text: str) -> str:
    """Return the first characters, case folded: texts that differ in them differ folded, too.

    To fold whole texts beyond ASCII takes twenty times as long, and few begin alike.
    """
    return text[:_START].casefold()[:_START]


def without_second_copy(paragraphs: Sequence[str]) -> tuple[list[str], tuple[Cut, ...]]:
    """Remove a complete second copy of the body; other repetition stays.

    Of 965 articles marked by people, 8 repeat long paragraphs deliberately and none is present
    twice. One paragraph repeated over and over is not a second copy.
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
    """Return whether enough is repeated for a second copy; a fast check that most texts fail."""
    typed = _all_typed(paragraphs)
    earlier: set[bytes] = set()
    again: list[int] = []
    for index, letters in enumerate(_all_letters(typed)):
        if letters in earlier:
            again.append(index)
        elif letters:
            earlier.add(letters)
    if len(again) < 2:
        return False
    words = sum([_length(paragraphs[index], typed[index]) for index in again])
    if words < LEAST_WHOLE:
        return False
    total = 0.0
    for text in typed:  # the first ones of a long text are enough to tell
        total += _fewest_words(text)
        if words < WHOLE * total:
            return False
    return True


def _all_typed(paragraphs: Sequence[str]) -> list[str]:
    """Return ``_typed`` of each paragraph, at once if none contains a NUL."""
    typed = _typed("\0".join(paragraphs)).split("\0")
    return typed if len(typed) == len(paragraphs) else [_typed(text) for text in paragraphs]


def _all_letters(typed: Sequence[str]) -> list[bytes]:
    """Return each paragraph's key without the characters between its letters; ASCII at once."""
    joined = "\0".join([text if text.isascii() else "" for text in typed]).lower().encode()
    letters = joined.translate(None, _BETWEEN.replace(b"\0", b"")).split(b"\0")
    if len(letters) != len(typed):
        return [_letters(text) for text in typed]
    return [
        known if text.isascii() else _letters(text)
        for text, known in zip(typed, letters, strict=True)
    ]


def _letters(typed: str) -> bytes:
    if typed.isascii():
        return typed.lower().encode().translate(None, _BETWEEN)
    return line_key(typed).replace(" ", "").replace("'", "").encode("utf-8", "surrogatepass")


def _typed(text: str) -> str:
    """Replace typographic quotation marks and dashes by ASCII, so that most texts are ASCII."""
    if not text.isascii():
        for mark in _PRINTED:
            text = text.replace(mark, " ")
        text = text.replace("’", "'")
    return text


def _length(text: str, typed: str) -> float:
    """Return the paragraph's ``line_length``, quickly for most."""
    if typed.isascii() and "''" not in typed:
        return _fewest_words(typed)
    return line_length(text)


def _fewest_words(typed: str) -> float:
    """Count words, quickly for ASCII; words joined by apostrophes count as one."""
    if typed.isascii():
        return float(len(typed.encode().translate(_SPACED, b"'").split()))
    return line_length(typed)


def _lengths(paragraphs: Sequence[str], keys: Sequence[str]) -> list[float]:
    """Return each paragraph's number of words; an ASCII key contains all of them."""
    return [
        float(key.count(" ") + 1 if key else 0) if text.isascii() else line_length(text)
        for text, key in zip(paragraphs, keys, strict=True)
    ]


def _is_whole(run: Sequence[int], lengths: Sequence[float]) -> bool:
    """Return whether a repeated run is long enough to be a second copy."""
    words = sum(lengths[index] for index in run)
    return words >= max(WHOLE * sum(lengths), LEAST_WHOLE)


def _runs(keys: Sequence[str]) -> list[list[int]]:
    """Return the indexes of repeated paragraphs, grouped into runs that repeat earlier runs."""
    first: dict[str, int] = {}
    runs: list[list[int]] = []
    source = -1  # index that the previous paragraph repeats, or -1
    for index, key in enumerate(keys):
        if not key:
            continue
        earlier = first.setdefault(key, index)
        if earlier == index:
            source = -1
            continue
        following = _after(keys, source) if source >= 0 else -1
        if following >= 0 and keys[following] == key:
            # It may repeat a later occurrence, such as a chorus inside a song that is present
            # twice.
            runs[-1].append(index)
            source = following
        else:
            runs.append([index])
            source = earlier
    return runs


def _after(keys: Sequence[str], start: int) -> int:
    """Return the index of the next paragraph with words, or -1."""
    return next((n for n in range(start + 1, len(keys)) if keys[n]), -1)
