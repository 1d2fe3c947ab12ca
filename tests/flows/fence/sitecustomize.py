"""Puts the tests' network fence into every Python process that a test starts."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path


class Recorded(list[str]):
    """Also writes what was refused to a file, which outlives the process."""

    def append(self, what: str) -> None:
        super().append(what)
        if record := os.environ.get("COPYDESK_TEST_REFUSED"):
            with Path(record).open("a", encoding="utf-8") as file:
                file.write(f"{what} by {' '.join(sys.orig_argv)}\n")


_path = Path(__file__).parents[2] / "fence.py"
_spec = importlib.util.spec_from_file_location("copydesk_fence", _path)
assert _spec is not None and _spec.loader is not None
_fence = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_fence)
_fence.refused = Recorded()
sys.addaudithook(_fence.fence)
