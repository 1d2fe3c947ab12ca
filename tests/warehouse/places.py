"""Where a test keeps its tables, and its lake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def lake(home: Path) -> Lake:
    from copydesk.warehouse.lake import Lake  # heavy: most tests need none

    return Lake.open(home / "lake")
