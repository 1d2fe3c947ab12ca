"""The docs as a whole: they build, and their tables keep up with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.schemas.article import RejectReason
from copydesk.tasks.sources.web.fetch.errors import CONSEQUENCES
from tests.docs.examples import PAGES, ROOT

ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def test_every_reason_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", ERRORS))
    output = {reason for reason in CONSEQUENCES if not reason.startswith("http_")}
    assert {str(reason) for reason in RejectReason} | output <= explained


def test_every_message_is_one_that_the_code_gives() -> None:
    section = ERRORS.split("## A command failed")[1].split("\n## ")[0]
    messages = re.findall(r"^\| `(.+?)`", section, flags=re.MULTILINE)
    assert len(messages) > 10
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in ("flows", "tasks", "warehouse", "schemas")
        for path in (ROOT / package).rglob("*.py")
    )
    spoken = re.sub(r'"\s*\n\s*f?"', "", code)
    assert [message for message in messages if message not in spoken] == []


def test_every_file_that_the_docs_name_is_there() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in ("flows", "tasks", "warehouse", "schemas")
        for path in (ROOT / package).rglob("*.py")
    )
    files = {path.name for path in ROOT.glob("[!.]*/**/*.*")} | {
        path.name for path in ROOT.iterdir()
    }
    pages = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "NOTICE"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        names = re.findall(r"`([\w./-]*\w\.(?:py|json|toml|yaml|tsv|txt|npz))`", text)
        for name in (name.rpartition("/")[2] for name in names):
            assert name in files or f'"{name}"' in code, f"{page.name}: {name}"
        for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", text):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_time_without_a_compiler_is_told_once() -> None:
    pages = [ROOT / "CHANGELOG.md", ROOT / "docs" / "cleaning.md", ROOT / "docs" / "model-card.md"]
    reported = [re.findall(r"([\d.]+) times\s+the time", page.read_text("utf-8")) for page in pages]
    assert [times.count("2.7") for times in reported] == [1, 1, 1]


@pytest.mark.slow
def test_the_docs_build_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    completed = subprocess.run(
        [*command, ROOT / "docs", tmp_path / "html"], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr
    assert "copydesk" in (tmp_path / "html" / "running.html").read_text(encoding="utf-8")
