from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

def line_key(line: str, words: dict[int, str]) -> str: ...
def ascii_title_key(title: str) -> str: ...
def is_markdown(text: str) -> bool: ...
def year_form(text: str) -> int: ...
def saying_by(texts: Sequence[str], starts: dict[str, bool], longest: int) -> list[str]: ...
def number_terms(
    texts: list[str], numbers: dict[str, int], term: NDArray[Any], line: NDArray[Any]
) -> int: ...
def mark_terms(text: str, numbers: dict[str, int], flags: NDArray[Any]) -> None: ...
def furniture(
    keys: list[str],
    looked_up: NDArray[Any],
    bits: dict[str, int],
    groups: NDArray[Any],
    counts: NDArray[Any],
) -> None: ...
def count_characters(
    texts: list[str],
    table: NDArray[Any],
    combinations: NDArray[Any],
    counts: NDArray[Any],
    ends: NDArray[Any],
    words: NDArray[Any],
    scripts: NDArray[Any],
) -> None: ...
