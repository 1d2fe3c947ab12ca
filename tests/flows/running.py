"""The command line as people run it: a process of its own, with a Prefect home of its own.

``start`` begins a new interpreter, as a shell does; ``run`` forks one that has its imports.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.warm import WarmProcess, can_run

FENCE = Path(__file__).parent / "fence"
TIMEOUT = 240


@dataclass(frozen=True)
class Cli:
    """Runs ``copydesk`` in ``folder``; every process it starts is fenced off from the network."""

    folder: Path
    prefect_home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return _outside() | {
            "HOME": str(self.folder / "person"),
            "PREFECT_HOME": str(self.prefect_home),
            "COPYDESK_TEST_REFUSED": str(self.folder / "refused.txt"),
            **self.variables,
        }

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "copydesk.flows.cli", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *arguments: str | Path, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        if can_run(self.variables):
            return warm().run(
                words,
                folder=self.folder,
                environment=self.environment,
                stdin=stdin,
                timeout=TIMEOUT,
            )
        return subprocess.run(
            [sys.executable, "-m", "copydesk.flows.cli", *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def ok(self, *arguments: str | Path, stdin: str | None = None) -> str:
        completed = self.run(*arguments, stdin=stdin)
        assert completed.returncode == 0, completed.stderr
        return completed.stdout

    def anew(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run in an interpreter of its own, for what happens at its begin or its end."""
        process = self.start(*arguments)
        out, message = process.communicate(timeout=TIMEOUT)
        return subprocess.CompletedProcess(process.args, process.returncode, out, message)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.ok("query", "--format", "json", sql))
        return rows

    def ingest(self, *inputs: str | Path) -> dict[str, Any]:
        """Ingest, and give the summary."""
        summary: dict[str, Any] = json.loads(self.ok("ingest", "--json", *inputs))
        return summary

    @property
    def refused(self) -> str:
        """What any of the processes tried to reach beyond this machine."""
        path = Path(self.environment["COPYDESK_TEST_REFUSED"])
        return path.read_text() if path.exists() else ""


def project(cli: Cli) -> str:
    """Name the project of the default home in the command's folder."""
    from copydesk.flows.prefect_api.deployment_specs import project_of
    from copydesk.schemas.sources import SourcesFile

    return project_of(SourcesFile(), cli.folder / "copydesk-data")


def _outside() -> dict[str, str]:
    """Give this process's environment, less what is set for us, and with the fence."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "COPYDESK_"))
    } | {"PYTHONPATH": str(FENCE)}


@functools.cache
def warm() -> WarmProcess:
    """Give the process that this test process's commands are forked from."""
    process = WarmProcess(_outside())
    atexit.register(process.close)
    return process


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder, and give it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def articles(count: int, words: Sequence[str] = ("harbour", "council", "winter")) -> dict[str, str]:
    """Make articles that all differ."""
    return {
        f"{number:05}.txt": f"The {words[number % 3]} report number {number}\n\n"
        + "\n\n".join(
            f"Paragraph {part} of report {number} says that the {words[(number + part) % 3]} "
            f"has seen {number * 7 + part} visitors, and that nobody complained about it."
            for part in range(6)
        )
        for number in range(count)
    }
