"""Keeps pyarrow from importing pandas.

At its first array pyarrow imports pandas, if that is installed, to recognise frames among what it
is given: a second of CPU in a process that has no frames.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name == "pandas":
            raise ImportError("pandas is left out")
        return None


def leave_out_pandas() -> None:
    """Let pyarrow find no pandas; for processes of copydesk's own, before they have threads.

    pandas can still be imported. ``pa.Table.to_pandas`` does so, and from then on pyarrow
    recognises frames; until then it takes a frame for a sequence.
    """
    if "pandas" in sys.modules:
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([None])  # pyarrow looks for pandas once
    finally:
        sys.meta_path.remove(finder)
