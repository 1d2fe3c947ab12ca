from typing import Any

from numpy.typing import NDArray

def add_leaves(
    columns: NDArray[Any],
    column: NDArray[Any],
    border: NDArray[Any],
    leaves: NDArray[Any],
    score: NDArray[Any],
) -> None: ...
