from typing import Any

from numpy.typing import NDArray

from copydesk.tasks.cleaning.html.page import Page

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
