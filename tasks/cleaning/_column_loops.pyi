from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

def window_means(values: NDArray[Any], reaches: Sequence[int], means: NDArray[Any]) -> None: ...
def shifted_rows(
    values: NDArray[Any], steps: Iterable[tuple[int, int]], moved: NDArray[Any]
) -> None: ...
def streaks(flags: NDArray[Any], lengths: NDArray[Any]) -> None: ...
def near_flags(flags: NDArray[Any], figures: NDArray[Any]) -> None: ...
def heaviest(worth: NDArray[Any]) -> tuple[int, int]: ...
def topic_shares(
    term: NDArray[Any],
    line: NDArray[Any],
    rarity: NDArray[Any],
    frequency: NDArray[Any],
    chance: NDArray[Any],
    shares: NDArray[Any],
) -> None: ...
def fill_lines(lines: Sequence[object], figures: NDArray[Any], flags: NDArray[Any]) -> None: ...
def fill_scores(
    line_scores: Sequence[object],
    ranks: dict[str, int],
    shapes: dict[str, int],
    figures: NDArray[Any],
) -> None: ...
