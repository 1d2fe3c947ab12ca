"""The project has one import name, and works beside folders that are called as its own are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import copydesk
from tests.fence import BARE_NAMES
from tests.flows.running import Cli, articles, write

ROOT = Path(__file__).parents[1]
RAISES = 'raise RuntimeError("a user\'s own module was imported")\n'
OWN = {
    "flows/__init__.py": RAISES,
    "tasks.py": RAISES,
    "schemas/__init__.py": RAISES,
    "warehouse/__init__.py": RAISES,
}
"""What a Prefect project calls its own folders."""


def test_what_is_promised_can_be_imported_and_nothing_else_is_named():
    for name in copydesk.__all__:
        assert getattr(copydesk, name).__module__.startswith("copydesk."), name
    assert set(copydesk.__all__) <= set(dir(copydesk))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        copydesk.Nothing  # noqa: B018


def test_the_package_alone_loads_nothing_heavy():
    code = "import copydesk, sys; print({'duckdb', 'prefect', 'pandas', 'bs4'} & {*sys.modules})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "set()\n"


@pytest.mark.parametrize("name", sorted(BARE_NAMES))
def test_the_bare_names_are_refused_in_every_process(name, tmp_path):
    with pytest.raises(ImportError, match=f"copydesk.{name}"):
        __import__(name)
    cli = Cli(tmp_path, tmp_path)
    command = [sys.executable, "-c", f"import {name}"]
    completed = subprocess.run(
        command, env=cli.environment, capture_output=True, text=True, check=False
    )
    assert f"the import name is copydesk.{name}" in completed.stderr
    assert f"import {name}" in cli.refused


@pytest.mark.slow
def test_commands_run_beside_a_users_own_packages(cli: Cli):
    write(cli.folder, OWN)
    write(cli.folder / "in", articles(40))
    cli.variables["PYTHONPATH"] = f".{os.pathsep}{cli.environment['PYTHONPATH']}"
    completed = cli.anew("ingest", "--json", "in", "--batch-size", "10")
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout)["items"] == 40
    assert cli.rows("select count(*) n from articles") == [{"n": 40}]
    assert cli.refused == ""


@pytest.mark.slow
def test_the_reader_opens_beside_a_users_own_packages(cli: Cli):
    write(cli.folder, OWN)
    cli.ok("ingest", write(cli.folder / "in", articles(2)))
    code = (
        "from copydesk import connect\n"
        "with connect('copydesk-data') as connection:\n"
        "    print(connection.execute('SELECT count(*) FROM articles').fetchone())"
    )
    completed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.stdout == "(2,)\n", completed.stderr


@pytest.mark.slow
def test_the_wheel_without_a_compiler_is_complete_and_runs_beside_others(tmp_path: Path):
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    source = tmp_path / "source"
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, files):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_symlink():
            path.symlink_to((ROOT / name).readlink())
        elif (ROOT / name).exists():
            path.write_bytes((ROOT / name).read_bytes())
    environment = {**os.environ, "CC": "/nowhere/cc"}  # .ci/setup has compiled
    subprocess.run(
        [*build, "-w", tmp_path / "wheels", source], check=True, env=environment, timeout=240
    )
    assert (source / "tasks/cleaning/html/_text_features.c").exists()
    (wheel,) = (tmp_path / "wheels").glob("copydesk-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"copydesk"}
    assert not [name for name in names if name.endswith((".so", ".pyd"))]
    for needed in (
        "copydesk/__init__.py",
        "copydesk/py.typed",
        "copydesk/flows/cli.py",
        "copydesk/schemas/data/sources.toml",
        "copydesk/tasks/cleaning/data/html_model.npz",
        "copydesk/tasks/report/data/report.css",
        "copydesk/warehouse/publish/sql/views.sql",
        "copydesk/warehouse/query/sql/report/scope.sql",
    ):
        assert needed in names
    beside = write(tmp_path / "beside", OWN | {"page.txt": "\n\n".join(articles(1)["00000.txt"])})
    code = "import copydesk.flows.cli as cli; print(cli.__file__)"
    location = subprocess.run(
        [sys.executable, "-c", code],
        cwd=beside,
        env={**os.environ, "PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert location.stdout.strip() == str(tmp_path / "site/copydesk/flows/cli.py"), location.stderr


CHECKERS = {
    "mypy": ("mypy", "--strict"),
    "pyright": ("basedpyright", "--pythonpath", sys.executable),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "checker", [pytest.param("mypy", marks=pytest.mark.soak), "pyright"]
)  # mypy checks all that the face imports, for 20 s
def test_a_users_type_checker_knows_the_public_face(checker: str, tmp_path: Path):
    program = tmp_path / "program.py"
    program.write_text(
        "from copydesk import Reader, clean\n"
        "result = clean('A title\\n\\nA text.')\n"
        "reveal_type(result)\n"
        "reveal_type(Reader('copydesk-data'))\n"
    )
    completed = subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker], program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    output = completed.stdout.replace("copydesk.schemas.article.", "")
    assert "Article | Reject" in output
    assert "Reader" in output
    assert " error" not in output.replace("0 errors", "")
