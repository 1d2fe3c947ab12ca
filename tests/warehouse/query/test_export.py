"""Plain files of published tables, with the contract and the card that describe them."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import jsonschema
import mlcroissant
import open_data_contract_standard
import pytest
import yaml

from copydesk.schemas.contract import CONTRACT_FILE, data_contract
from copydesk.schemas.croissant import CARD_FILE
from copydesk.schemas.published import PUBLISHED
from copydesk.schemas.published_views import VIEWS
from copydesk.schemas.schema_version import SCHEMA_VERSION
from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.query.export import ExportChoices, ExportFormat, export
from tests.warehouse.sample import Look, ingest, rows

CONTRACT_TOOLS = (
    *("datacontract-cli==1.2.8", "datacontract-specification", "open-data-contract-standard"),
    *("fastjsonschema", "jinja-partials", "deepdiff", "orderly-set", "cachebox", "sqlglot"),
    "typer<0.28",
)
TITLES = ("=1+1", "+49 30", "-strike", "@all", "＝SUM(A1)", "Plain = text")


def fields(day: int) -> dict[str, Any]:
    return {
        "published_at": datetime(2026, 3, day, 23, 30, tzinfo=UTC),
        "tags": ["x", "a, b"],
        "authors": ["=Ann", 'Bo "B" Dahl'],
        "evidence": {"title": "h1"},
        "language": "en",
    }


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("stocked")
    lake = Lake.open(home / "lake")
    looks = [
        Look(f"https://paper.example/{number}", number, f"Text {number}", title=title,
             fields=fields(number + 1))
        for number, title in enumerate(TITLES)
    ]  # fmt: skip
    ingest(lake, "r1", [*looks, Look("undated", 0, "Without a day")])
    publish(home, lake=lake)
    return home


def cards(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    contract = yaml.safe_load((folder / CONTRACT_FILE).read_text(encoding="utf-8"))
    return contract, json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))


def check_contract(contract: dict[str, Any]) -> None:
    """Validate by the standard's own JSON Schema."""
    path = Path(open_data_contract_standard.__file__).with_name("schema.json")
    jsonschema.validate(contract, json.loads(path.read_text(encoding="utf-8")))


def test_the_contract_of_all_tables_is_one_of_the_standard():
    contract = json.loads(json.dumps(data_contract()))
    check_contract(contract)
    assert {table["name"] for table in contract["schema"]} == {*PUBLISHED, *VIEWS}
    assert contract["version"] == f"{SCHEMA_VERSION}.0"


@pytest.mark.parametrize("form", list(ExportFormat))
def test_export(lake: Lake, home: Path, tmp_path: Path, form: ExportFormat) -> None:
    fields = {"published_at": datetime(2026, 3, 1, 23, 30, tzinfo=UTC), "tags": ["x", "y"]}
    ingest(lake, "r1", [Look("a", 0, "A", fields=fields), Look("b", 0, "B"), Look("c", 0, "C")])
    publish(home, lake=lake)
    out = tmp_path / "out"
    assert export(home, out, ExportChoices(form, where="text < 'C'")) == 2
    (file,) = out.iterdir()
    assert sorted(duckdb.execute(f"SELECT text FROM '{file}'").fetchall()) == [("A",), ("B",)]
    with pytest.raises(WarehouseError, match="not empty"):
        export(home, out, ExportChoices(form))
    parts = tmp_path / "parts"
    assert export(home, parts, ExportChoices(form, partition_by="published_date")) == 3
    assert "published_date=2026-03-01" in {path.name for path in parts.iterdir()}
    with pytest.raises(WarehouseError, match="no_such_column"):
        export(home, tmp_path / "none", ExportChoices(where="no_such_column = 1"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("partition_by", [None, "published_date", "language"])
@pytest.mark.parametrize("form", list(ExportFormat))
def test_cards_describe_the_files(
    stocked: Path, tmp_path: Path, form: ExportFormat, partition_by: str | None
) -> None:
    out = tmp_path / "out"
    choices = ExportChoices(form, partition_by=partition_by, cards=True)
    assert export(stocked, out, choices) == 7
    contract, card = cards(out)
    check_contract(contract)
    objects = [part for part in card["distribution"] if part["@type"] == "cr:FileObject"]
    data = {path for path in out.rglob(f"*.{form}") if path.is_file()}
    assert {out / unquote(part["contentUrl"]) for part in objects} == data
    for part in objects:
        content = (out / unquote(part["contentUrl"])).read_bytes()
        assert part["sha256"] == hashlib.sha256(content).hexdigest()
        assert part["contentSize"] == f"{len(content)} B"
    dataset = mlcroissant.Dataset(jsonld=str(out / CARD_FILE))
    assert dataset.metadata.ctx.issues.report() == ""
    records = {
        row["articles/title"]: {name.partition("/")[2]: value for name, value in row.items()}
        for row in dataset.records("articles")
    }
    assert len(records) == 7
    row = records[b"=1+1"]
    assert row["published_at"] == datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert row["characters"] == 6
    if form is ExportFormat.CSV:
        assert json.loads(row["tags"]) == ["x", "a, b"]
        assert json.loads(row["evidence"]) == {"title": "h1"}
    else:
        assert row["tags"] == [b"x", b"a, b"]
    if partition_by is not None:
        assert (
            row[partition_by] == {"published_date": b"2026-03-01", "language": b"en"}[partition_by]
        )


@pytest.mark.parametrize("table", [*PUBLISHED, *VIEWS])
def test_every_table_and_view_has_cards(stocked: Path, tmp_path: Path, table: str) -> None:
    export(stocked, tmp_path / "out", ExportChoices(table=table, cards=True))
    contract, card = cards(tmp_path / "out")
    check_contract(contract)
    file = tmp_path / "out" / f"{table}.parquet"
    columns = {
        name: kind for name, kind, *_ in duckdb.execute(f"DESCRIBE FROM '{file}'").fetchall()
    }
    (described,) = contract["schema"]
    assert [column["name"] for column in described["properties"]] == list(columns)
    fields = [field["name"] for field in card["recordSet"][0]["field"]]
    assert fields == [name for name, kind in columns.items() if not kind.startswith("MAP")]


def test_a_card_says_which_rows_and_versions(stocked: Path, tmp_path: Path) -> None:
    export(stocked, tmp_path / "out", ExportChoices(where="language = 'en'", cards=True))
    contract, card = cards(tmp_path / "out")
    assert "Rows with: language = 'en'." in card["description"]
    ((version, schema),) = rows(stocked, "SELECT version, schema_version FROM publication")
    assert card["version"] == f"{schema}.{version}"
    assert contract["version"] == f"{schema}.0"


def test_what_is_no_published_table_has_no_cards(stocked: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no published table"):
        export(stocked, tmp_path / "out", ExportChoices(table="duckdb_tables", cards=True))
    assert list(tmp_path.glob("*out*")) == []


@pytest.mark.parametrize("partition_by", [None, "title"])
def test_spreadsheets_run_nothing(stocked: Path, tmp_path: Path, partition_by: str | None) -> None:
    out = tmp_path / "out"
    choices = ExportChoices(ExportFormat.CSV, partition_by=partition_by, spreadsheet=True)
    export(stocked, out, choices)
    cells = []
    for path in out.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells += [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
    if partition_by is None:
        assert {"'=1+1", "'+49 30", "'-strike", "'@all", "'＝SUM(A1)", "Plain = text"} <= set(cells)
    assert '["=Ann","Bo \\"B\\" Dahl"]' in cells  # a list begins with its bracket


@pytest.mark.slow
def test_the_tool_of_contracts_accepts_them(stocked: Path, tmp_path: Path) -> None:
    """In a folder of its own: it needs an older Typer than this project's commands."""
    tools = tmp_path / "tools"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", tools]
    result = subprocess.run(
        [*command, *CONTRACT_TOOLS], check=False, capture_output=True, text=True, timeout=300
    )
    if result.returncode:
        pytest.skip(f"datacontract-cli could not be installed: {result.stderr.strip()[-200:]}")
    export(stocked, tmp_path / "out", ExportChoices(cards=True))
    whole = tmp_path / CONTRACT_FILE
    whole.write_text(yaml.safe_dump(data_contract()), encoding="utf-8")
    for path in (tmp_path / "out" / CONTRACT_FILE, whole):
        lint = subprocess.run(
            [sys.executable, "-c", "from datacontract.cli import main; main()", "lint", path],
            env={"PYTHONPATH": str(tools), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert lint.returncode == 0, lint.stdout[-2000:]
        assert "Data contract is valid" in lint.stdout
