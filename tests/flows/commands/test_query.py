"""``search`` and ``show`` as a person and a script see them; no engine takes part."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from copydesk.flows.cli import app
from copydesk.schemas.errors import CopydeskError
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.warehouse.sample import Look, ingest

ESCAPE = "\x1b[2J"
HOSTILE = f"<script>alert(1)</script> & \u202egnp.exe {ESCAPE}gone"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("reading")
    lake = Lake.open(home / "lake")
    harbour = {"site": "Coast Wire", "language": "en", "authors": ["Ada Lund"]}
    ingest(
        lake,
        "r1",
        [
            Look("a", 0, "The harbour is shut.\n\nA strike goes on.", "Strike", fields=harbour),
            Look("b", 1, "The harbour is shut.\n\nA strike goes on.", "Strike"),
            Look("hostile", 0, HOSTILE, "A <b>title</b>"),
            Look("arabic", 0, "وقف إطلاق النار في القاهرة", "القاهرة", fields={"language": "ar"}),
        ],
    )
    ingest(lake, "r2", [Look("a", 5, "The harbour is open again.", "Strike", fields=harbour)])
    publish(home, lake=lake)
    return home


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


def ok(home: Path, *arguments: str) -> str:
    result = run(home, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_search_shows_title_facts_and_marked_words(home: Path) -> None:
    first = Look("a").article[:10]
    assert ok(home, "search", "harbour", "open") == (
        f"Strike\n   {first}  no date  Coast Wire  en\n"
        "   The **harbour** is **open** again.\n   file:a\n\n"
    )


def test_a_word_to_leave_out_is_no_option(home: Path) -> None:
    hits = json.loads(ok(home, "search", "harbour", "-house", "-nobody", "-shut", "--json"))
    assert [hit["article_id"] for hit in hits] == [Look("a").article]
    assert hits[0]["snippet"][slice(*hits[0]["marks"][0])] == "harbour"


def test_nothing_found_says_what_is_there(home: Path) -> None:
    result = run(home, "search", "harbuor")
    assert result.exit_code == 1
    assert "No article has the word harbuor; there is harbour." in result.stderr
    assert json.loads(run(home, "search", "harbuor", "--json").stdout) == []


def test_a_query_without_a_word_says_so(home: Path) -> None:
    result = run(home, "search", "-harbour")
    assert result.exit_code == 1
    assert "has no required word" in result.stderr


def test_a_terminal_too_narrow_for_a_row_gets_it_upright(home: Path) -> None:
    output = in_terminal(["query", "from articles limit 1", "--home", str(home)], 60)
    lines = output.splitlines()
    assert max(map(len, lines)) < 60 + len("\x1b[1m\x1b[0m") * 4
    assert sum("article_id" in line for line in lines) == 1
    assert "┃" not in output


def test_a_long_value_is_shortened_in_tables_alone(home: Path) -> None:
    statement = "select repeat('long ', 200) as a, 7 as n"
    assert " …" in ok(home, "query", statement)
    assert json.loads(ok(home, "query", statement, "--json")) == [{"a": "long " * 200, "n": 7}]


def test_a_file_gets_the_format_of_its_ending(home: Path, tmp_path: Path) -> None:
    statement = "select title from articles order by title limit 1"
    for name, content in {
        "a.csv": "title\nA <b>title</b>\n",
        "a.JSON": '[\n{"title": "A <b>title</b>"}\n]\n',
    }.items():
        ok(home, "query", statement, "--output", str(tmp_path / name))
        assert (tmp_path / name).read_text() == content
    ok(home, "query", statement, "--format", "json", "--output", str(tmp_path / "b.csv"))
    assert json.loads((tmp_path / "b.csv").read_text())
    ok(home, "query", statement, "--output", str(tmp_path / "a.txt"))
    assert "━" in (tmp_path / "a.txt").read_text()


@pytest.mark.parametrize("statement", ["", ";", "/* nothing */"])
def test_a_statement_without_a_query_is_said_to_be_one(home: Path, statement: str) -> None:
    result = run(home, "query", statement)
    assert result.exit_code == 1
    assert "there is nothing to query" in result.stderr


def test_times_and_lists_are_written_for_people_in_tables_alone(home: Path) -> None:
    statement = (
        "select timestamptz '2026-03-01 12:00:00.5+02' as t, ['a', 'b'] as l, {'k': 1} as s,"
        " map {'x': 'y'} as m, date '2026-03-01' as d, [null, 'c'] as n"
    )
    table = ok(home, "query", statement)
    for value in ("2026-03-01 10:00:00 ", " a, b ", " k: 1 ", " x: y ", " 2026-03-01 ", " , c "):
        assert value in table
    data = json.loads(ok(home, "query", statement, "--json"))[0]
    assert data["t"].startswith("2026-03-01T10:00:00.500")
    assert data["l"] == ["a", "b"]


def test_a_spreadsheet_runs_no_text_when_asked(home: Path) -> None:
    statement = "select '=1+1' as a, '+x' as b, '-y' as c, '@z' as d, -5 as e, 'plain' as f"
    plain = ok(home, "query", statement, "--format", "csv")
    assert plain.splitlines()[1] == "=1+1,+x,-y,@z,-5,plain"
    escaped = ok(home, "query", statement, "--format", "csv", "--spreadsheet")
    assert escaped.splitlines()[1] == "'=1+1,'+x,'-y,'@z,-5,plain"
    assert run(home, "query", statement, "--spreadsheet").exit_code == 2


def test_no_format_commands_the_terminal(home: Path) -> None:
    statement = "select chr(27) || '[2J' || chr(155) || 'x' as a"
    for form, shown in {
        "csv": "\\x1b[2J\\x9bx",
        "json": "\\u001b[2J\\u009bx",
        "table": "[2Jx",
    }.items():
        output = in_terminal(["query", statement, "--format", form, "--home", str(home)], 80)
        assert shown in output
        assert "\x1b[2J" not in output
        assert "\x9b" not in output
    # a file has the text as it is
    assert "\x1b[2J\x9bx" in ok(home, "query", statement, "--format", "csv")


def test_long_titles_take_two_lines(home: Path) -> None:
    title = "'The council votes on the harbour bridge after a long night of talks ' || i"
    statement = (
        f"select {title} as title, 'en' as language, i as words, 'Coast Wire' as site,"
        " 'wire' as source from range(3) t(i)"
    )
    shown = in_terminal(["query", statement, "--home", str(home)], 80)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4 + 3 * 2
    assert "The council votes on the harbour" in lines[3]
    upright = statement.replace("'wire' as source", f"{title} as b, {title} as c, {title} as d")
    assert "row 3" in in_terminal(["query", upright, "--home", str(home)], 80)


def test_quiet_leaves_errors_and_data(home: Path, tmp_path: Path) -> None:
    arguments = ["query", "select 1 as a", "--format", "csv", "--home", str(home)]
    for order in (["--quiet", *arguments], [*arguments, "--quiet"]):
        result = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "copydesk.flows.cli", *order,
             "--output", str(tmp_path / "a.csv")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (result.stdout, result.stderr) == ("", "")
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "copydesk.flows.cli", "show", "nosuch", "--quiet",
         "--home", str(home)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert "copydesk search finds one" in result.stderr


def test_what_is_done_is_told_to_programs(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    completed = json.loads(ok(home, "export", str(folder), "--json"))
    assert completed == {"rows": 4, "folder": str(folder)}
    assert json.loads(ok(home, "publish", "--json"))["counts"]["articles"] == 4
    assert isinstance(json.loads(ok(home, "maintain", "--json")), list)


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("copydesk 0.")


def test_show_by_beginning_and_by_address(home: Path) -> None:
    whole = json.loads(ok(home, "show", Look("a").article, "--json"))
    assert json.loads(ok(home, "show", Look("a").article[:8], "--json")) == whole
    assert json.loads(ok(home, "show", "file:a", "--json")) == whole
    assert whole["state"]["text"] == "The harbour is open again."
    assert [revision["revision"] for revision in whole["revisions"]] == [1, 2]
    assert whole["cuts"][0]["rule"] == "share-row"
    assert whole["run"]["run_id"] == "r2"


def test_show_of_an_older_state(home: Path) -> None:
    output = ok(home, "show", Look("a").article, "--revision", "1")
    assert "A strike goes on." in output
    with pytest.raises(CopydeskError, match="no revision 9"):
        _raise(run(home, "show", "file:a", "--revision", "9"))


def _raise(result: Result) -> None:
    assert result.exception is not None
    raise result.exception


def test_text_cannot_command_the_terminal(home: Path) -> None:
    output = ok(home, "show", "file:hostile")
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "<script>alert(1)</script> & gnp.exe [2Jgone" in output


def test_the_page_is_escaped_and_loads_nothing(home: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ok(home, "show", "file:hostile", "--output", str(page))
    text = page.read_text()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_raw_bytes_are_those_that_were_read(home: Path) -> None:
    result = run(home, "show", "file:hostile", "--raw")
    assert result.stdout_bytes == Look("hostile", 0, HOSTILE, "A <b>title</b>").body


@pytest.mark.parametrize(
    ("asked", "says"),
    [("nosuch", "copydesk search finds one"), ("https://nowhere.example/a", "no article has")],
)
def test_what_is_not_there_says_what_to_do(home: Path, asked: str, says: str) -> None:
    with pytest.raises(CopydeskError, match=says):
        _raise(run(home, "show", asked))


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    for command in (["search", "a"], ["show", "a"], ["query", "from articles"]):
        with pytest.raises(CopydeskError, match="copydesk ingest"):
            _raise(run(tmp_path, *command))


def in_terminal(arguments: Sequence[str], columns: int) -> str:
    """Run the command line in a terminal of its own; gives what it showed."""
    leader, follower = pty.openpty()
    try:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 200, columns, 0, 0))
        others = {"NO_COLOR", "COLUMNS", "LINES"}  # the terminal's own size counts
        retained = {name: value for name, value in os.environ.items() if name not in others}
        process = subprocess.Popen(
            [sys.executable, "-m", "copydesk.flows.cli", *arguments],
            stdin=follower,
            stdout=follower,
            stderr=subprocess.DEVNULL,
            env=retained | {"TERM": "xterm-256color", "PAGER": "cat"},
        )
        os.close(follower)
        output = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            output += part
        assert process.wait(60) == 0
    finally:
        os.close(leader)
    return output.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_its_width(home: Path) -> None:
    output = in_terminal(["search", "harbour", "--home", str(home)], 60)
    assert "\x1b[1;33mharbour\x1b[0m" in output
    assert "\u2068" not in output
    arabic = in_terminal(["search", "القاهرة", "--home", str(home)], 60)
    assert "\u2068القاهرة\u2069" in arabic
