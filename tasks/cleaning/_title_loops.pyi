from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

def fill_figures(
    items: Sequence[object],
    keys: list[str],
    words_of: list[set[str]],
    context: object,
    in_body: NDArray[Any],
    rarity: NDArray[Any],
    inside: NDArray[Any],
    lines_with: NDArray[Any],
    figures: NDArray[Any],
) -> None: ...
def stems_of(numbers: dict[str, int], in_body: NDArray[Any]) -> dict[str, int]: ...
