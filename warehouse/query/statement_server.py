"""The process that runs the statements of ``Reader.query`` and answers with Arrow tables."""

from __future__ import annotations

import json
import sys
from typing import Any

import pyarrow as pa

from copydesk.warehouse.errors import WarehouseError
from copydesk.warehouse.query.connect import Reader, refusal
from copydesk.warehouse.query.killable_process import Answer, serve


def _statements(home: str, memory: str, threads: int | None, seconds: float) -> Answer:
    reader = Reader(home, memory_limit=memory, threads=threads or 2, seconds=seconds)

    def run(sql: str, values: Any) -> bytes:
        reader.refresh()
        result = reader.connection.execute(sql, values)
        if result is None:
            raise WarehouseError("there is no statement to run")
        table: Any = result.to_arrow_table()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        content: bytes = sink.getvalue().to_pybytes()
        return content

    return run


if __name__ == "__main__":
    limits = json.loads(sys.argv[1])
    serve(lambda: _statements(**limits), limits["memory"], refusal)
