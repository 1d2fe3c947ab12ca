from typing import Any

from numpy.typing import NDArray

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
