import numpy as np
from numpy.typing import NDArray

def signature(
    text: str,
    classes: NDArray[np.uint8],
    letters: NDArray[np.uint64],
    kana: NDArray[np.uint8],
    numerals: NDArray[np.uint8],
    rules: tuple[int, int, int, float, float, float, int, int],
) -> tuple[float, bytes, bytes, bytes, bytes]: ...
