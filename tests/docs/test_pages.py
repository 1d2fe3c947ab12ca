"""The docs as a whole: they build, and their tables keep up with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.schemas.article import RejectReason
from copydesk.tasks.sources.web.fetch.errors import CONSEQUENCES
from tests.docs.examples import ROOT

ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def test_every_reason_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", ERRORS))
    shown = {reason for reason in CONSEQUENCES if not reason.startswith("http_")}
    assert {str(reason) for reason in RejectReason} | shown <= explained


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
    assert [one for one in messages if one not in spoken] == []


@pytest.mark.slow
def test_the_docs_build_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [*command, ROOT / "docs", tmp_path / "html"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "copydesk" in (tmp_path / "html" / "running.html").read_text(encoding="utf-8")
