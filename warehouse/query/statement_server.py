"""The process that runs the statements of ``StatementProcess``: requests come on standard input."""

from __future__ import annotations

import json
import pickle
import resource
import sys
from typing import Any, Final

import pyarrow as pa

from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.query.connect import Reader, refusal
from copydesk.warehouse.query.statement_process import TOO_LARGE, memory_bytes

_BESIDE_BYTES: Final = 3_000_000_000
"""Address space that the process needs beside DuckDB's memory, mapped libraries included."""


def _serve(home: str, memory: str, threads: int | None, seconds: float) -> None:
    """Answer statements from standard input until it ends."""
    limit = memory_bytes(memory) + _BESIDE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    reader = Reader(home, memory_limit=memory, threads=threads or 2, seconds=seconds)
    out = sys.stdout.buffer
    out.write(b"ready\n")
    out.flush()
    while True:
        try:
            sql, values = pickle.load(sys.stdin.buffer)  # noqa: S301  from the process that started it
        except EOFError:
            return
        content, error = b"", None
        try:
            reader.refresh()
            result = reader.connection.execute(sql, values)
            if result is None:
                raise WarehouseError("there is no statement to run")
            table: Any = result.to_arrow_table()
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            content = sink.getvalue().to_pybytes()
        except MemoryError:
            error = TOO_LARGE.format(memory=memory)
        except Exception as problem:
            error = refusal(problem)
        out.write(json.dumps({"error": error, "bytes": len(content)}).encode() + b"\n" + content)
        out.flush()


if __name__ == "__main__":
    _serve(*json.loads(sys.argv[1]))
