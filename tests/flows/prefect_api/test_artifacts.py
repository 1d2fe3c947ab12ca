"""Assets: what a run made, and of what."""

from __future__ import annotations

from pathlib import Path

from prefect.tasks import MaterializingTask

from copydesk.flows.pipeline import publish_tables
from copydesk.flows.prefect_api.artifacts import lake_key, materializing, tables_key
from copydesk.flows.workspace import Workspace


def test_the_file_is_made_of_the_lake(tmp_path: Path) -> None:
    assert lake_key(Workspace(tmp_path, "s3://bucket/lake/")) == "s3://bucket/lake"
    assert lake_key(Workspace(tmp_path)) == f"file://{tmp_path.resolve()}/lake"
    created = materializing(
        publish_tables, tables_key(tmp_path), of=[lake_key(Workspace(tmp_path))]
    )
    assert isinstance(created, MaterializingTask)
    assert [asset.key for asset in created.assets] == [tables_key(tmp_path)]
    assert (created.name, created.retries) == (publish_tables.name, publish_tables.retries)


def test_a_path_that_is_no_key_is_no_asset() -> None:
    assert materializing(publish_tables, tables_key(Path("/a b"))) is publish_tables
