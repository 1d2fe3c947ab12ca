from typing import Any

from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.page import Page

def measure(
    page: Page,
    title: frozenset[str],
    summary: frozenset[str],
    table: NDArray[Any],
    combinations: NDArray[Any],
    figures: NDArray[Any],
    ends: NDArray[Any],
) -> None: ...
def in_lower_case(texts: list[str], indexes: list[int]) -> str: ...
def words_of(text: str) -> frozenset[str]: ...
def heads_in(texts: list[str], body: str, size: int, found: NDArray[Any]) -> None: ...
