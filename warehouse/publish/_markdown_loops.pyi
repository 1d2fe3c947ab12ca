import numpy as np
from numpy.typing import NDArray

def patches(
    text_ends: NDArray[np.int32],
    texts: NDArray[np.uint8],
    markdown_ends: NDArray[np.int32],
    markdowns: NDArray[np.uint8],
    ends: NDArray[np.int32],
    same: NDArray[np.uint8],
) -> bytes: ...
