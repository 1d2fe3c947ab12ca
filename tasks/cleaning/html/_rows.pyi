from typing import Any

from numpy.typing import NDArray

from tasks.cleaning.html.page import Page

def measure(
    page: Page,
    title: frozenset[str],
    summary: frozenset[str],
    table: NDArray[Any],
    combinations: NDArray[Any],
    figures: NDArray[Any],
    ends: NDArray[Any],
) -> None: ...
def describe(
    figures: NDArray[Any],
    ends: NDArray[Any],
    in_body: NDArray[Any],
    title_words: int,
    summary: bool,
    dates: int,
    around: int,
    blocks: NDArray[Any],
    out: NDArray[Any],
) -> tuple[float, float, int]: ...
def surround(
    page: Page,
    blocks: NDArray[Any],
    text: float,
    mass: float,
    headline: int,
    landmarks: int,
    groups: int,
    out: NDArray[Any],
) -> None: ...
def add_leaves(
    columns: NDArray[Any],
    column: NDArray[Any],
    border: NDArray[Any],
    leaves: NDArray[Any],
    score: NDArray[Any],
) -> None: ...
