from collections.abc import Callable, Mapping, Sequence
from typing import Any

def written(
    page: Any,
    indexes: Sequence[int],
    cells: Mapping[int, Any],
    origin: str,
    resolved: Callable[[str], str | None],
    guard: Callable[[str], str],
) -> tuple[str, str]: ...
