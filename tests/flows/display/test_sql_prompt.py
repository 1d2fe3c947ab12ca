"""``copydesk sql`` as somebody types into it: a real process in a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from copydesk.flows.display.sql_prompt import is_whole
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.warehouse.sample import Look, ingest

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|[=>()][0-9A-B]?)")


class Terminal:
    """A process that believes it is typed into."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        environment = os.environ | {
            "TERM": "xterm",
            "COLUMNS": "100",
            "LINES": "40",
            "XDG_STATE_HOME": str(folder),
            "PROMPT_TOOLKIT_NO_CPR": "1",
        }
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True
        )
        os.close(theirs)
        self._seen = ""

    def expect(self, pattern: str, seconds: float = 90) -> str:
        """Wait for a pattern in what is shown; gives what was shown until then."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self._seen)):
            ready, _, _ = select.select([self._ours], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{pattern!r} was not shown, but: {self._seen!r}"
            try:
                data = os.read(self._ours, 65536)
            except OSError:
                data = b""
            assert data, f"it ended before it showed {pattern!r}: {self._seen!r}"
            self._seen += _ESCAPES.sub("", data.decode("utf-8", "replace"))
        until, self._seen = self._seen[: match.end()], self._seen[match.end() :]
        return until

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def ask(self, text: str, pattern: str) -> str:
        self.type(text + "\r")
        return self.expect(pattern)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "The first text."), Look("b", 0, "The second.")])
    publish(home, lake=lake)
    return home


@pytest.fixture(scope="module")
def terminal(home: Path) -> Iterator[Terminal]:
    command = [
        sys.executable,
        "-m",
        "copydesk.flows.cli",
        "sql",
        "--home",
        str(home),
        "--seconds",
        "3000",
    ]
    terminal = Terminal(command, home)
    assert "Version 1 of" in terminal.expect("2 articles")
    terminal.expect("copydesk>")
    yield terminal
    terminal.process.kill()
    terminal.process.wait()


def test_a_session(terminal: Terminal, home: Path) -> None:
    output = terminal.ask("select locator, text from articles order by 1;", r"\d s\s")
    assert "The first text." in output
    assert "The second." in output
    terminal.ask("select 40 +\r 2 as answer;", r"│\s+42\s+│")
    assert "revisions" in terminal.ask(".tables", "text_lengths")
    assert "content_hash" in terminal.ask(".schema revisions", "stored_as")
    terminal.ask(".schema nothing", "no table 'nothing'; .tables lists them")
    terminal.ask("from no_such_table;", "no_such_table does not exist")
    terminal.ask("delete from ledger;", "are read-only")
    terminal.ask("from read_csv('/etc/passwd');", "cannot access files or the network")
    terminal.ask("set memory_limit = '9GB';", "limits of memory, time and access are fixed")
    terminal.ask("create temp table mine as select 7 as seven;", r"\d s\s")
    terminal.ask("from mine;", r"│\s+7\s+│")
    terminal.ask(".nonsense", ".help lists them")
    terminal.expect("copydesk>")
    terminal.type("select tit\t")
    terminal.expect("title")
    terminal.type("\x03")  # Ctrl-C leaves what was being typed
    lake = Lake.open(home / "lake")
    ingest(lake, "r2", [Look("c", 1, "The third.")])
    publish(home, lake=lake)
    terminal.ask("select 1;", "newer version is published")
    terminal.ask(".refresh", "Version 2 of .*3 articles")
    terminal.ask("select count(*) from range(100_000_000_000) t where range % 7 = 3;", "= 3;")
    time.sleep(1)  # it is at work now; an earlier Ctrl-C would only leave the line
    terminal.process.send_signal(signal.SIGINT)
    terminal.expect("Stopped")
    terminal.ask("select 6 * 7 as answer;", r"│\s+42\s+│")
    terminal.expect("copydesk>")
    terminal.ask(".quit", "")
    assert terminal.process.wait(30) == 0


def test_where_input_ends() -> None:
    assert all(map(is_whole, ["", ".tables", "select 1;", "select ';' ; ", "quit", "selec 1;"]))
    assert not any(map(is_whole, ["select 1", "select ';", "select $$ a;", "/* a;", "with a as ("]))


def test_without_a_terminal(home: Path) -> None:
    command = [sys.executable, "-m", "copydesk.flows.cli", "sql", "--home", str(home)]
    completed = subprocess.run(
        command, input="select 1;", capture_output=True, text=True, check=False
    )
    assert completed.returncode == 1
    assert "copydesk query -" in completed.stderr


def test_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from copydesk.flows.commands import sql

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sql.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit):
        sql.sql(home)
    assert "pip install 'copydesk[sql]'" in capsys.readouterr().err
