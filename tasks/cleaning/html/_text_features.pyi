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
def heads_in(texts: list[str], body: str, size: int, found: NDArray[Any]) -> None: ...
