"""Answers to an agent's questions from the published tables, in a process that has limits.

As a program this module is that process (``warehouse.query.killable_process``).
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from copydesk.flows.display.query_results import json_default
from copydesk.schemas.errors import CopydeskError
from copydesk.warehouse import Reader
from copydesk.warehouse.query.killable_process import Answer, KillableProcess, serve

if TYPE_CHECKING:
    import duckdb

_TEXT: Final = 20_000
"""Characters of an article's text in one answer; ``show`` pages on with ``offset``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer: rows, bytes of JSON, seconds, and DuckDB's memory and threads."""

    rows: int = 200
    bytes: int = 200_000
    seconds: float = 20
    memory: str = "1GB"
    threads: int = 2


_MODULE: Final = "copydesk.flows.mcp_questions"


class RefusedError(CopydeskError):
    """A question that cannot be answered; the message says why."""


class Questions:
    """Answers questions from the newest version."""

    def __init__(self, home: Path, limits: Limits = Limits()) -> None:
        """Open the current version."""
        self._limits = limits
        self._reader = Reader(
            home, memory_limit=limits.memory, threads=limits.threads, seconds=limits.seconds
        )

    def search(
        self,
        query: str,
        limit: int,
        since: date | None,
        until: date | None,
        filters: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Find articles by their words."""
        from copydesk.warehouse.search.query import find

        with self._asking() as connection:
            hits = find(connection, query, limit=limit, since=since, until=until, **filters)
        columns = ("article_id", "score", "title", "url", "site", "source", "language",
                   "published_at", "duplicate_of", "snippet")  # fmt: skip
        return self._rows({name: getattr(hit, name) for name in columns} for hit in hits)

    def show(self, article: str, revision: int | None, offset: int) -> dict[str, Any]:
        """Return an article's state, its revisions and what it repeats."""
        with self._asking() as connection:
            record = _dossier(connection, article, revision)
        text = record.state.pop("text")
        answer = {name: value for name, value in record.state.items() if name != "markdown"}
        answer |= {"text": text[offset : offset + _TEXT], "text_chars": len(text)}
        if offset + _TEXT < len(text):
            answer["next_offset"] = offset + _TEXT
        answer["revisions"] = self._rows(record.revisions)
        answer["relations"] = self._rows(record.relations)
        return _document(answer)

    def why(self, article: str, revision: int | None) -> dict[str, Any]:
        """Return the passages that cleaning cut from an article, and the evidence of its fields."""
        with self._asking() as connection:
            record = _dossier(connection, article, revision)
        state = record.state
        names = ("article_id", "title", "cleaner_version", "evidence")
        return _document({name: state[name] for name in names}) | self._rows(record.cuts)

    def query(self, sql: str) -> dict[str, Any]:
        """Run one SELECT."""
        with self._asking() as connection:
            statement = _select(connection, sql)
            relation = connection.sql(statement).limit(self._limits.rows + 1)
            columns = relation.columns
            rows = relation.fetchall()
        return {"columns": columns} | self._rows(rows)

    def changes_since(self, since: str) -> dict[str, Any]:
        """Return what changed since a version or a moment, and the cursor to ask with next."""
        with self._asking():
            answer = self._reader.changes_since(since)
            rows = list(islice(answer.rows, self._limits.rows + 1))
        page = self._rows({k: v for k, v in row.items() if v is not None} for row in rows)
        cursor: int | str = answer.cursor
        if page["truncated"]:  # whole versions alone: what is left out is asked for next time
            last = rows[len(page["rows"])]["version"]
            whole = [row for row in page["rows"] if row["version"] < last]
            page["rows"] = whole or page["rows"]
            cursor = whole[-1]["version"] if whole else last
            if not whole:
                page["note"] = f"version {last} has more changes than fit: ask with query"
        return page | {"cursor": cursor}

    def tables(self) -> dict[str, Any]:
        """List the tables and views with a sentence each."""
        sql = """SELECT table_name AS name, comment, estimated_size AS rows FROM duckdb_tables()
            WHERE database_name = 'warehouse' AND schema_name = 'main'
            UNION ALL SELECT view_name, comment, NULL FROM duckdb_views()
            WHERE database_name = 'warehouse' AND schema_name = 'main' AND NOT internal
            ORDER BY 1"""
        with self._asking() as connection:
            result = connection.execute(sql)
            names = [column[0] for column in result.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        return {
            "rows": [_plain(row) for row in rows],
            "truncated": False,
        }  # few, whatever the limit

    @contextlib.contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the newest version's connection to one question; errors come as ``RefusedError``."""
        import duckdb

        from copydesk.warehouse.query.connect import refusal

        try:
            self._reader.refresh()
            yield self._reader.connection
        except duckdb.Error as error:
            raise RefusedError(refusal(error)) from error

    def _rows(self, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> dict[str, Any]:
        """Keep as many rows as fit, whole; ``truncated`` says that there are more."""
        fitting: list[Any] = []
        room = self._limits.bytes
        for row in rows:
            plain = _plain(row)
            room -= len(json.dumps(plain, ensure_ascii=False).encode())
            if len(fitting) == self._limits.rows or room < 0:
                return {"rows": fitting, "truncated": True}
            fitting.append(plain)
        return {"rows": fitting, "truncated": False}


def questions_process(home: Path, limits: Limits) -> KillableProcess:
    """Return a process with ``Questions``, which is given a question's name and arguments."""
    arguments = {"home": str(home.absolute()), "limits": asdict(limits)}
    return KillableProcess(_MODULE, arguments, memory=limits.memory, seconds=limits.seconds)


def _select(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Return the statement's text; RefusedError unless it is one SELECT."""
    import duckdb

    statements = connection.extract_statements(sql)
    try:
        is_select = len(statements) == 1 and statements[0].type == duckdb.StatementType.SELECT
    except ValueError:  # a type that the client library has no name for
        is_select = False
    if not is_select:
        raise RefusedError(
            "query runs one SELECT; WITH, FROM, VALUES, DESCRIBE and SHOW are SELECTs, too"
        )
    return statements[0].query


def _dossier(connection: duckdb.DuckDBPyConnection, article: str, revision: int | None) -> Any:
    from copydesk.warehouse.query.article import dossier

    return dossier(connection, article, revision)


def _document(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: dates as text, bytes and numbers beyond JSON's as text."""
    return json.loads(json.dumps(value, default=json_default), parse_constant=str)


def _answers(home: str, limits: Mapping[str, Any]) -> Answer:
    questions = Questions(Path(home), Limits(**limits))

    def answer(name: str, *arguments: Any) -> bytes:
        return json.dumps(getattr(questions, name)(*arguments), ensure_ascii=False).encode()

    return answer


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, CopydeskError) else f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    serve(lambda: _answers(**given), given["limits"]["memory"], _reason)
