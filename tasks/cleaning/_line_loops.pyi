from collections.abc import Callable, Sequence
from re import Pattern
from typing import Any

from numpy.typing import NDArray

def line_key(line: str, words: dict[int, str]) -> str: ...
def line_form(
    text: str,
    marker: Pattern[str],
    words: dict[int, str],
    table: dict[int, int],
    key_of: Callable[[str], str],
) -> tuple[str, str, float, int, bool, bool, int]: ...
def ascii_title_key(title: str) -> str: ...
def is_markdown(text: str) -> bool: ...
def year_form(text: str) -> int: ...
def may_say_by(text: str, beginnings: tuple[Any, ...]) -> bool: ...
def first_with(texts: Sequence[str], line: str, longest: int) -> int: ...
def saying_by(texts: Sequence[str], beginnings: tuple[Any, ...], longest: int) -> list[str]: ...
def introducing(
    texts: Sequence[str],
    beginnings: tuple[Any, ...],
    others: frozenset[str],
    pattern: Pattern[str],
    longest: int,
) -> list[int]: ...
def with_years(
    texts: Sequence[str], indexes: list[int], longest: int, yearlike: Callable[[str], object]
) -> list[int]: ...
def number_terms(
    texts: list[str], numbers: dict[str, int], term: NDArray[Any], line: NDArray[Any]
) -> int: ...
def all_terms(text: str) -> list[str]: ...
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
