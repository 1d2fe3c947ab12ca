from typing import Any

from numpy.typing import NDArray

from copydesk.schemas.article import Cut, CutKind

def figures(
    rows: NDArray[Any],
    chance: NDArray[Any],
    retained: NDArray[Any],
    at: NDArray[Any],
) -> list[float]: ...
def most_expected(chance: NDArray[Any], words: NDArray[Any]) -> float: ...
def prices(text: str) -> int: ...
def prices_of(texts: list[str], size: int) -> int: ...
def first_tests(
    rows: NDArray[Any],
    column: NDArray[Any],
    limit: NDArray[Any],
    above: NDArray[Any],
    retained: NDArray[Any],
    out: NDArray[Any],
) -> None: ...
def model_cuts(
    numbers: NDArray[Any],
    kinds: list[CutKind],
    texts: list[str],
    chance: NDArray[Any],
    retained: NDArray[Any],
) -> list[Cut]: ...
