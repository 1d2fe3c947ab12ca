"""The prompt of ``copydesk sql``: statements end with a semicolon, commands begin with a dot."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from copydesk.flows.display.query_results import ResultFormat, write_result
from copydesk.flows.process_exit import interrupted
from copydesk.warehouse import Reader
from copydesk.warehouse.query.connect import current_file, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prompt_toolkit.completion import CompleteEvent

_HELP: Final = """\
Statements are DuckDB's SQL and end with a semicolon; Enter in an unfinished one makes a new line.
  .tables           the tables and views, and what each holds
  .schema TABLE     a table's columns, and what each means
  .refresh          move to the current version; temporary tables are lost
  .help             this
  .quit             leave (also Ctrl-D); Ctrl-C stops a statement
CREATE TEMP TABLE … keeps a result for this session."""

_TABLES: Final = """
    SELECT table_name AS "table", comment FROM duckdb_tables()
    WHERE database_name = 'warehouse' AND schema_name = 'main'
    UNION ALL
    SELECT view_name, comment FROM duckdb_views()
    WHERE database_name = 'warehouse' AND schema_name = 'main' AND NOT internal
    ORDER BY 1"""

_COLUMNS: Final = """
    SELECT column_name AS "column", data_type AS type, comment FROM duckdb_columns()
    WHERE database_name = 'warehouse' AND table_name = ? ORDER BY column_index"""

_KEYWORDS: Final = (
    *("SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "JOIN", "LEFT JOIN", "USING"),
    *("HAVING", "QUALIFY", "DISTINCT", "AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "BETWEEN", "IS"),
    *("NULL", "CASE", "WHEN", "THEN", "ELSE", "END", "count(", "sum(", "min(", "max(", "DESCRIBE"),
    *("SUMMARIZE", "EXPLAIN", "UNION ALL", "WITH", "CREATE TEMP TABLE"),
)


def run_prompt(home: Path, *, memory: str, seconds: float | None) -> None:
    """Read statements until the end of input and print their results."""
    prompt = Prompt(home, memory=memory, seconds=seconds)
    sys.stdout.write(f"{prompt.greeting()} .help lists the commands.\n")
    session: PromptSession[str] = PromptSession(
        history=_history(),
        lexer=PygmentsLexer(SqlLexer),
        completer=Names(prompt.names),
        complete_while_typing=False,
        multiline=Condition(lambda: not is_whole(session.default_buffer.text)),
        prompt_continuation="     … ",
    )
    while True:
        try:
            text = session.prompt("copydesk> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip() in {".quit", ".exit", "quit", "exit"}:
            return
        try:
            prompt.answer(text)
        except (KeyboardInterrupt, RuntimeError):  # the latter is what DuckDB makes of the former
            if not interrupted.is_set():
                raise
            interrupted.clear()
            sys.stdout.write("Stopped.\n")


def is_whole(text: str) -> bool:
    """Return whether Enter ends the input: it is a one-line command or complete statements."""
    text = text.strip()
    if not text or text.startswith(".") or text in {"quit", "exit"}:
        return True
    # a separate token, not inside a string or comment
    return text.endswith(";") and duckdb.tokenize(text)[-1][0] == len(text) - 1


class Prompt:
    """An open version of the tables, and the responses to what is typed."""

    def __init__(self, home: Path, *, memory: str, seconds: float | None) -> None:
        """Open the current version."""
        self._home = home
        self._file = current_file(home)
        self.reader = Reader(home, memory_limit=memory, seconds=seconds)

    def greeting(self) -> str:
        """Describe the open version."""
        row = self.reader.connection.execute(
            "SELECT version, published_at, (SELECT count(*) FROM articles) FROM publication"
        ).fetchone()
        version, published, articles = row or (0, None, 0)
        return f"Version {version} of {published:%Y-%m-%d %H:%M} UTC, {articles:,} articles."

    def names(self) -> list[str]:
        """Return the words for completion: tables, columns and keywords."""
        rows = self.reader.connection.execute(
            "SELECT table_name FROM duckdb_columns() WHERE NOT internal"
            " UNION SELECT column_name FROM duckdb_columns() WHERE NOT internal ORDER BY 1"
        ).fetchall()
        return [*(name for (name,) in rows), *_KEYWORDS]

    def answer(self, text: str) -> None:
        """Run the typed text and print its result, or the error."""
        text = text.strip()
        if text.startswith("."):
            self._command(text)
        elif text:
            try:
                for statement in self.reader.connection.extract_statements(text):
                    self._run(statement.query)
            except duckdb.Error as error:
                sys.stdout.write(f"{refusal(error)}\n")
        if current_file(self._home) != self._file:
            sys.stdout.write("A newer version is published; .refresh shows it.\n")

    def _run(self, statement: str) -> None:
        start = time.monotonic()
        result = self.reader.connection.execute(statement)
        width = shutil.get_terminal_size().columns
        write_result(result, ResultFormat.TABLE, sys.stdout, width=width)
        sys.stdout.write(f"{time.monotonic() - start:.2f} s\n")

    def _command(self, text: str) -> None:
        name, _, argument = text.partition(" ")
        connection, width = self.reader.connection, shutil.get_terminal_size().columns
        if name == ".tables":
            write_result(connection.execute(_TABLES), ResultFormat.TABLE, sys.stdout, width=width)
        elif name == ".schema":
            table = argument.strip().strip('";')
            if connection.execute(_COLUMNS, [table]).fetchone() is None:
                sys.stdout.write(f"There is no table {table!r}; .tables lists them.\n")
                return
            result = connection.execute(_COLUMNS, [table])
            write_result(result, ResultFormat.TABLE, sys.stdout, width=width)
        elif name == ".refresh":
            self.reader.refresh()
            self._file = current_file(self._home)
            sys.stdout.write(f"{self.greeting()}\n")
        elif name == ".help":
            sys.stdout.write(f"{_HELP}\n")
        else:
            sys.stdout.write(f"There is no command {name}; .help lists them.\n")


class Names(Completer):
    """Completes the word at the cursor, ignoring case, from a list read for each completion."""

    def __init__(self, names: Callable[[], list[str]]) -> None:
        """Take the function that lists the names."""
        self._names = names

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield the names that start with the word."""
        del complete_event
        word = document.get_word_before_cursor()
        if word:
            for name in self._names():
                if name.lower().startswith(word.lower()):
                    yield Completion(name, start_position=-len(word))


def _history() -> History:
    """Return a history in the user's state folder, or in memory if that cannot be written."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    file = Path(state) / "copydesk" / "sql-history"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(file)
