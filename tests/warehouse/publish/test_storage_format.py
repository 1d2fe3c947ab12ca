"""The published file's storage format: what is chosen, what an older home has, who opens it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.storage_format import DEFAULT, StorageVersion, storage_version
from copydesk.warehouse.publish.versions import Serving
from tests.warehouse.sample import WHOLE, Look, ingest, rows

CLIENT = Path(__file__).with_name("old_client.py")
BROWSER_CLIENT = Path(__file__).with_name("wasm_client.cjs")
QUERIES = (
    "ferry",
    "title:ferry lindholm -harbour99",
    '"ferry number"',
    "hafenstrasse",
    "朝",
    "author:lee",
)


def sailings(number: int) -> str:
    return " ".join(
        f"The ferry number {number} leaves harbour{quay} at {quay * 7 + number} for Lindholm."
        for quay in range(12)
    )


def looks(count: int, source: str, at: float) -> list[Look]:
    fields = {
        "language": "en",
        "authors": ["Ann Lee", "Bo Dahl"],
        "tags": ["sea"],
        "evidence": {"title": "h1"},
        "published_at": None,
    }
    return [
        Look(
            f"https://{source}.example/{number}",
            at + number,
            sailings(number),
            title=f"Ferry {number}, Hafenstraße 東京の朝",
            source=source,
            fields=fields,
        )
        for number in range(count)
    ]


def test_new_files_have_the_default_format_and_keep_it(lake: Lake, home: Path) -> None:
    for number in range(6):
        ingest(lake, f"r{number}", looks(2, f"desk{number}", number))
        published = publish(home, lake=lake, comparison=COPIES, keep=1)
        assert storage_version(published.path) is DEFAULT
    grown = {name: rows(home, sql) for name, sql in WHOLE.items()}
    publish(home, lake=lake, comparison=COPIES, rebuild=True)
    assert {name: rows(home, sql) for name, sql in WHOLE.items()} == grown


def test_a_chosen_format_is_for_every_later_publish(lake: Lake, home: Path) -> None:
    ingest(lake, "r1", looks(2, "wire", 0))
    publish(home, lake=lake)
    chosen = publish(home, lake=lake, storage_version=StorageVersion.V1_2)
    assert chosen.changed
    assert storage_version(chosen.path) is StorageVersion.V1_2
    assert not publish(home, lake=lake).changed
    ingest(lake, "r2", looks(2, "other", 5))
    assert storage_version(publish(home, lake=lake).path) is StorageVersion.V1_2
    assert rows(home, "SELECT count(*) FROM articles") == [(4,)]


def test_a_home_in_another_format_is_moved_over(
    lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier releases wrote the newest format there was; nothing new need have come since."""
    ingest(lake, "r1", looks(2, "wire", 0))
    with monkeypatch.context() as patch:
        patch.setattr(Serving, "storage_version", lambda _: StorageVersion.V2_0)
        old = publish(home, lake=lake)
    assert storage_version(old.path) is StorageVersion.V2_0
    before = rows(home, "FROM revisions ORDER BY ALL")
    moved = publish(home, lake=lake)
    assert (moved.version, moved.changed) == (2, True)
    assert storage_version(moved.path) is DEFAULT
    assert rows(home, "FROM revisions ORDER BY ALL") == before


def test_other_files_have_no_known_format(tmp_path: Path) -> None:
    assert storage_version(tmp_path / "absent") is None
    (tmp_path / "short").write_bytes(b"DUCK")
    assert storage_version(tmp_path / "short") is None
    (tmp_path / "other").write_bytes(bytes(8) + b"DUCK" + (5).to_bytes(8, "little"))
    assert storage_version(tmp_path / "other") is None


def published_as(home: Path, lake: Lake, version: StorageVersion) -> Path:
    ingest(lake, "r1", [*looks(4, "wire", 0), Look("bad", 0, None)])
    publish(home, lake=lake, comparison=COPIES, storage_version=version)
    ingest(lake, "r2", looks(2, "other", 9), started=9)
    path = publish(home, lake=lake, comparison=COPIES).path
    assert storage_version(path) is version
    return path


def installed(folder: Path, *command: str) -> None:
    """Install a client from the registry; skips where that cannot be had."""
    result = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=300
    )
    if result.returncode:
        pytest.skip(f"the client could not be installed: {result.stderr.strip()[-200:]}")


def answers(path: Path, **environment: str) -> dict[str, Any]:
    command = [sys.executable, str(CLIENT), str(path), *QUERIES]
    result = subprocess.run(
        command,
        env=os.environ | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    tables: dict[str, Any] = json.loads(result.stdout)
    return tables


@pytest.mark.parametrize(
    ("version", "client"),
    [
        pytest.param("v1.4.0", "1.4.*", marks=pytest.mark.slow),
        *(
            pytest.param(version, client, marks=pytest.mark.soak)
            for version, clients in {
                "v1.0.0": ("1.1.*", "1.2.*", "1.3.*", "1.4.*", "1.5.*"),
                "v1.2.0": ("1.2.*", "1.3.*", "1.4.*", "1.5.*"),
                "v1.4.0": ("1.5.*",),
            }.items()
            for client in clients
        ),
    ],
)
def test_older_clients_read_every_table_view_and_search(
    lake: Lake, home: Path, tmp_path: Path, version: str, client: str
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    installed(
        wheels, sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary",
        ":all:", "--target", str(wheels), f"duckdb=={client}",
    )  # fmt: skip
    path = published_as(home, lake, StorageVersion(version))
    today, old = answers(path), answers(path, PYTHONPATH=str(wheels))
    assert old.pop("client").startswith(client.removesuffix("*"))
    assert today.pop("client") == duckdb.__version__
    assert old == today
    assert all(number > 0 for name, (number, _) in today.items() if name.startswith("search"))


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="there is no node")
def test_duckdb_in_a_browser_reads_every_table_view_and_search(
    lake: Lake, home: Path, tmp_path: Path
) -> None:
    installed(tmp_path, "npm", "install", "--no-audit", "--no-fund", "@duckdb/duckdb-wasm@1.32.0")
    path = published_as(home, lake, DEFAULT)
    command = ["node", str(BROWSER_CLIENT), str(path), *QUERIES]
    result = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"NODE_PATH": str(tmp_path / "node_modules")},
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-500:]
    counts = json.loads(result.stdout)
    today = answers(path)
    del today["client"]
    assert counts == {name: number for name, (number, _) in today.items()}
