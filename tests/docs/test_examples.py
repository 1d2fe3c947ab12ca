"""Every command and example of README and docs, run in a folder that has what they name."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.docs.examples import LANGUAGES, Example, examples
from tests.docs.world import example_site, fill, localised
from tests.flows.running import TIMEOUT, Cli
from tests.servers.site import Site

ALL = [one for one in examples() if one.language in LANGUAGES]
SECTIONS = [
    pytest.param(list(group), id=f"{page.stem}: {section}"[:70])
    for (page, section), group in groupby(ALL, key=lambda one: (one.page, one.section))
]
_MOVES = re.compile(
    r"\d{8}T\d{6}-\w+|[0-9a-f]{12,}|\d+(?:\.\d+)? (?:s|ms)\b|\d{4}-\d\d-\d\d[T ][\d:.+]+"
)
"""What differs from run to run: run ids, hashes, seconds, instants."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with example_site() as running:
        yield running


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, server: Path, site: Site) -> Cli:
    """A folder with published tables: an article of the web, the samples, a reject."""
    cli = Cli(tmp_path_factory.mktemp("docs"), server)
    fill(cli.folder, site.url)
    cli.ingest(f"{site.url}/a", "--allow-host", site.url.removeprefix("http://"))
    cli.ingest("seeds/", "--source", "Coast Wire")
    return cli


@pytest.fixture
def world(
    section: list[Example], request: pytest.FixtureRequest, tmp_path: Path, server: Path, site: Site
) -> Cli:
    """What a section starts from: README begins with nothing, the others with tables."""
    folder = tmp_path / "world"
    if section[0].page.name == "README.md":
        fill(folder, site.url)
    else:
        prepared = request.getfixturevalue("prepared")
        shutil.copytree(prepared.folder, folder, symlinks=True)
    return Cli(folder, server)


def test_pages_say_why_an_example_is_not_run() -> None:
    assert len(ALL) > 10
    assert all(len(example.why_not) > 10 for example in ALL if example.why_not is not None)
    assert sum(example.why_not is not None for example in ALL) <= len(ALL) // 3


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_examples_work(section: list[Example], world: Cli, site: Site) -> None:
    exports: list[str] = []
    for example in section:
        if example.why_not is not None:
            continue
        if example.language == "python":
            _passes([sys.executable, "-c", example.text], world, example)
        elif example.language == "sh":
            script = [localised(line, site.url) for line in example.text.splitlines()]
            _passes(_shell([*exports, *script], world), world, example)
            exports += [line for line in script if line.startswith("export ")]
        else:
            for command, output in example.commands:
                visible = _passes(_shell([localised(command, site.url)], world), world, example)
                assert _still(visible) == _still(output), f"{example.name}: $ {command}"
    assert world.refused == ""


def _shell(lines: list[str], world: Cli) -> list[str]:
    names = {"ARTICLE_ID": "", "RUN_ID": ""}
    if any(name in line for name in names for line in lines):
        (row,) = world.rows(
            "select (select min(article_id) from articles) as article_id,"
            " (select min(run_id) from runs) as run_id"
        )
        names = {"ARTICLE_ID": row["article_id"], "RUN_ID": row["run_id"]}
    script = "\n".join(lines)
    for name, value in names.items():
        script = re.sub(rf"\b{name}\b", value, script)
    return ["bash", "-euo", "pipefail", "-c", script]


def _passes(command: list[str], world: Cli, example: Example) -> str:
    environment = world.environment | {"COLUMNS": "100", "PAGER": "cat"}
    environment["PATH"] = (
        f"{world.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    )
    completed = subprocess.run(
        command,
        cwd=world.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert completed.returncode == 0, (
        f"{example.name}\n{command[-1]}\n{completed.stdout}\n{completed.stderr}"
    )
    return completed.stdout


def _still(text: str) -> str:
    return _MOVES.sub("…", text.strip())


def test_numbers_and_ids_are_all_that_may_differ() -> None:
    assert _still("run 20261124T084917-e5057366 in 13.6 s") == "run … in …"
    assert _still(json.dumps({"rows": 12})) == '{"rows": 12}'
