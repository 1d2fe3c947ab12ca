from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.lake import Lake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def lake(home: Path) -> Lake:
    return Lake.open(home / "lake")
