"""Hostile statements against this project's MCP server and other servers for DuckDB files.

``python -m benchmarks.mcp_attacks [--servers mcp-server-duckdb=/venv/bin/mcp-server-duckdb …]``

Each server is started on the same published file, read-only where it can be, and asked the
statements of ``tests.flows.sql_attacks`` by the SDK's client. What a statement did is seen from
outside: a text that only a file has in the answer, files that changed, a connection to a listener
(which is also the servers' proxy: nothing leaves the machine), a statement that had to be ended
after ``--seconds``. Servers that are not installed are left out: ``pip install
mcp-server-motherduck``, or ``mcp-server-duckdb "mcp<2"``, each in an environment of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish

CANARY = "canary-7f3a"
PASSWORDS = "root:x:0"
REFUSED = ("Error", "Database error")
KILOBYTES = 6_000_000  # of address space, for each server


@dataclass(frozen=True)
class Server:
    """How a server is started on a home, and how its tool is called."""

    name: str
    program: str
    arguments: Sequence[str]
    parameter: str
    tool: str = "query"


SERVERS = (
    Server("copydesk mcp", sys.executable,
           ("-m", "copydesk.flows.cli", "mcp", "--home", "{home}", "--seconds", "5"), "sql"),
    Server("mcp-server-motherduck", "mcp-server-motherduck", ("--db-path", "{file}"),
           "sql", "execute_query"),
    Server("mcp-server-duckdb", "mcp-server-duckdb", ("--db-path", "{file}", "--readonly"),
           "query"),
)  # fmt: skip


@dataclass
class Outcome:
    """What a server let through, with examples."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, statement: str) -> None:
        """Count a statement."""
        self.counts[what] += 1
        self.examples.setdefault(what, []).append(statement)


class Listener:
    """Accepts connections, and counts them."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.accepted += 1
                connection.close()


def main() -> None:
    """Run the statements on each installed server, and print what each did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="*", default=[], metavar="NAME=PROGRAM")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--examples", type=int, default=4)
    arguments = parser.parse_args()
    programs = dict(pair.split("=", 1) for pair in arguments.servers)
    outcomes = {}
    for server in SERVERS:
        program = shutil.which(programs.get(server.name, server.program))
        if program is None:
            print(f"{server.name} is not installed", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            outcome = asyncio.run(_tried(server, program, Path(folder), arguments.seconds))
        outcomes[server.name] = outcome
        print(f"{server.name}: {json.dumps(outcome.counts)}", file=sys.stderr)
    kinds = dict.fromkeys(kind for outcome in outcomes.values() for kind in outcome.counts)
    print("| | " + " | ".join(outcomes) + " |\n| --- |" + " --: |" * len(outcomes))
    for kind in kinds:
        print(f"| {kind} | " + " | ".join(str(o.counts[kind]) for o in outcomes.values()) + " |")
    for name, outcome in outcomes.items():
        for kind, statements in outcome.examples.items():
            if kind != "answered":
                print(f"{name}, {kind}: " + " · ".join(statements[: arguments.examples]))


async def _tried(server: Server, program: str, folder: Path, seconds: float) -> Outcome:
    from tests.flows.sql_attacks import CHANGES, SETTINGS, attacks

    home, out, canary, listener = folder / "home", folder / "out", folder / "c.csv", Listener()
    _made(home)
    shutil.copytree(home, folder / "intact", symlinks=True)
    out.mkdir()
    canary.write_text(f"c\n{CANARY}\n")
    file = str((home / "serving" / "current.duckdb").resolve())
    command = _started(server, program, folder, {"home": str(home), "file": file}, listener.url)
    changing = {text.format(out=out, file=canary, url=f"{listener.url}/x.csv") for text in CHANGES}
    changing |= {f"SET {text.format(out=out, file=canary, url=listener.url)}" for text in SETTINGS}
    pending = list(attacks(canary, out, f"{listener.url}/x.csv", home))
    outcome = Outcome(Counter({"statements": len(pending)}))
    is_written = False
    while pending:
        async with _client(command) as client:
            while pending:
                statement = pending.pop(0)
                before, asked = _state(home, out, canary), listener.accepted
                try:
                    answer = await asyncio.wait_for(
                        client.call_tool(server.tool, {server.parameter: statement}), seconds
                    )
                except Exception:  # it hangs, or its process died
                    outcome.add("ended from outside", statement)
                    answer = None
                is_written = _state(home, out, canary) != before
                if is_written:
                    outcome.add("files written", statement)
                if listener.accepted != asked:
                    outcome.add("network reached", statement)
                if answer is not None:
                    _judge(outcome, statement, answer, changes=statement in changing)
                if answer is None or is_written:
                    break
        if is_written:  # the database itself, perhaps
            shutil.rmtree(home)
            shutil.copytree(folder / "intact", home, symlinks=True)
            shutil.rmtree(out)
            out.mkdir()
            canary.write_text(f"c\n{CANARY}\n")
    listener.socket.close()
    return outcome


def _judge(outcome: Outcome, statement: str, answer: Any, *, changes: bool) -> None:
    text = "".join(getattr(part, "text", "") for part in answer.content)
    if CANARY in text or PASSWORDS in text:
        outcome.add("files read", statement)
    is_error = answer.is_error or text.startswith(REFUSED) or '"success": false' in text.lower()
    if not is_error:
        outcome.add("answered", statement)
        if changes:
            outcome.add("changes accepted", statement)


def _made(home: Path) -> None:
    from tests.warehouse.sample import Look, ingest

    lake = Lake.open(home / "lake", create=True)
    ingest(lake, "r1", [Look("a", text="The harbour crane stays. " * 3, title="Crane stays")])
    publish(home)


def _started(
    server: Server, program: str, folder: Path, names: dict[str, str], proxy: str
) -> StdioServerParameters:
    """Give the command of a server: its memory limited, its home and its proxy ours."""
    (folder / "user").mkdir()
    arguments = [argument.format(**names) for argument in server.arguments]
    environment = {name: value for name, value in os.environ.items() if "token" not in name.lower()}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy)
    return StdioServerParameters(
        command="/bin/sh",
        args=["-c", f'ulimit -v {KILOBYTES}; exec "$0" "$@"', program, *arguments],
        env={**environment, **proxies, "HOME": str(folder / "user")},
        cwd=str(folder),
    )


@asynccontextmanager
async def _client(command: StdioServerParameters) -> AsyncIterator[Client]:
    try:
        async with Client(command) as client:
            yield client
    except Exception as error:  # of a server that was ended while it worked
        print(f"  restarted: {type(error).__name__}", file=sys.stderr)


def _state(*places: Path) -> dict[str, tuple[int, int]]:
    files = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


if __name__ == "__main__":
    main()
