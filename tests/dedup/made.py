"""Articles of our own making: each a few paragraphs of words drawn from its own seed."""

from __future__ import annotations

import random
from datetime import date

import pyarrow as pa

from copydesk.tasks.dedup.signatures import signatures
from copydesk.tasks.dedup.tables import signature_rows

MONTH = date(2026, 11, 1)
_SYLLABLES = [f"{consonant}{vowel}" for consonant in "bdklmr" for vowel in "aeio"]


def word(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3)))


def sentence(rng: random.Random, length: int = 14) -> str:
    words = [word(rng) for _ in range(length)]
    words[0], words[4] = words[0].capitalize(), words[4].capitalize()
    words[9] = str(rng.randint(10, 9999))
    return " ".join(words) + "."


def article(seed: int, paragraphs: int = 8) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(sentence(rng) for _ in range(3)) for _ in range(paragraphs)]


def plain(paragraphs: list[str]) -> list[str]:
    """Take the names out, so that a text has facts as rarely as prose."""
    return [paragraph.lower() for paragraph in paragraphs]


def text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def content_hash(number: int) -> str:
    """Name a content; neighbours differ in their first digits."""
    return f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}{number:016x}"


def rows(texts: dict[int, str], month: date = MONTH) -> tuple[pa.Table, pa.Table]:
    """Give the signatures of numbered texts."""
    hashes = [content_hash(number) for number in texts]
    return signature_rows(hashes, [month] * len(texts), signatures(list(texts.values())))
