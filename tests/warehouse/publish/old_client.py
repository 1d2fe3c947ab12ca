"""What a DuckDB client of any version reads in a published file: rows and a hash, by table."""

import hashlib
import json
import sys

import duckdb

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"


def read(path, queries):
    answers = {"client": duckdb.__version__}
    connection = duckdb.connect(path, read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    for (name,) in connection.execute(_TABLES).fetchall():
        sql = f'SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "{name}" ORDER BY ALL'
        answers[name] = _summary(connection.execute(sql).fetchall())
    for query in queries:
        sql = "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM search(?)"
        answers[f"search {query}"] = _summary(connection.execute(sql, [query]).fetchall())
    return answers


def _summary(rows):
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(sys.argv[1], sys.argv[2:])))
