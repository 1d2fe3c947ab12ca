import numpy as np
from numpy.typing import NDArray

def unknown(texts: NDArray[np.uint8], classes: NDArray[np.uint8]) -> list[int]: ...
def words(
    texts: NDArray[np.uint8],
    classes: NDArray[np.uint8],
    starts: NDArray[np.int32],
    codes: NDArray[np.int32],
) -> tuple[int, bytes, bytes]: ...
def postings(
    codes: NDArray[np.int32],
    ranks: NDArray[np.int32],
    terms: int,
    until: NDArray[np.int64],
    rank: NDArray[np.int32],
    document: NDArray[np.int32],
    times: NDArray[np.int32],
    title_times: NDArray[np.int32],
    ends: NDArray[np.int32],
    places: NDArray[np.int32],
) -> int: ...
