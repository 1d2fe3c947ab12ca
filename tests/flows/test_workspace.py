"""A workspace goes to any process as two names, and finds the same lake there."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from copydesk.flows.workspace import Workspace
from copydesk.warehouse.errors import LakeError
from tests.warehouse.worker import quick_processes


def identity(workspace: Workspace) -> str:
    return workspace.open_lake().identity


def test_it_is_small_and_opens_the_same_lake_elsewhere(home: Path) -> None:
    workspace = Workspace(home)
    with pytest.raises(LakeError, match="there is no lake"):
        workspace.open_lake()
    created = workspace.open_lake(create=True).identity
    data = pickle.dumps(workspace)
    assert len(data) < 400
    assert pickle.loads(data) == workspace
    with quick_processes().Pool(1) as pool:
        assert pool.apply(identity, (workspace,)) == created


def test_its_lake_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    workspace = Workspace(Path("home"), "elsewhere")
    workspace.open_lake(create=True)
    assert (tmp_path / "elsewhere" / "lake.json").exists()
    assert not Path("home").exists()
    assert workspace.absolute() == Workspace(tmp_path / "home", str(tmp_path / "elsewhere"))
    assert Workspace(Path("home")).absolute() == Workspace(tmp_path / "home")
    bucket = Workspace(tmp_path, "s3://bucket/lake")
    assert bucket.absolute() == bucket
    assert (bucket.lake_root, Workspace(Path("a")).lake_root) == ("s3://bucket/lake", "a/lake")
