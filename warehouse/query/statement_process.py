"""Runs statements over the published tables in a process that can be killed.

DuckDB keeps its limits between rows alone: ``levenshtein`` of two long strings runs 14 s under a
limit of one, ``repeat('x', 2000000000)`` takes 3.9 GB under 500 MB, and an interrupt waits for
both. So the system limits this process's memory, and the caller kills it when it does not answer in
time.
"""

from __future__ import annotations

import json
import pickle
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from copydesk.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B", re.IGNORECASE)
_GRACE_SECONDS: Final = 1.0
_START_SECONDS: Final = 60.0
_PART: Final = 1 << 20

_SERVER: Final = "copydesk.warehouse.query.statement_server"

_TOO_LONG: Final = "The statement took longer than it may ({seconds:g} s) and was ended."
TOO_LARGE: Final = "The statement needs more memory than it may use ({memory}) and was ended."


class StatementProcess:
    """A process that runs one statement at a time; a killed one is replaced by the next call."""

    def __init__(self, home: str | Path, *, memory: str, threads: int | None, seconds: float):
        """Store the limits; the process starts with the first statement."""
        self._arguments = (str(Path(home).absolute()), memory, threads, seconds)
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, sql: str, values: Any = None) -> pa.Table:
        """Run a statement and return its rows.

        Raises:
            WarehouseError: the statement is wrong, or was ended at a limit.
        """
        import pyarrow as pa

        _, memory, _, seconds = self._arguments
        process = self._started()
        stdin, stdout = _pipes(process)
        try:
            pickle.dump((sql, values), stdin)
            stdin.flush()
            deadline = time.monotonic() + seconds + _GRACE_SECONDS
            answer = json.loads(_line(stdout, deadline))
            content = _read(stdout, answer["bytes"], deadline)
        except TimeoutError:
            self.close()
            raise WarehouseError(_TOO_LONG.format(seconds=seconds)) from None
        except (EOFError, BrokenPipeError):  # the system ended it at its limit
            self.close()
            raise WarehouseError(TOO_LARGE.format(memory=memory)) from None
        except BaseException:
            self.close()
            raise
        if answer["error"] is not None:
            raise WarehouseError(answer["error"])
        return pa.ipc.open_stream(content).read_all()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in _pipes(process):
                pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", _SERVER, json.dumps(self._arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
            try:
                _line(_pipes(self._process)[1], time.monotonic() + _START_SECONDS)
            except (EOFError, TimeoutError):
                self.close()
                raise WarehouseError("the process for statements does not start") from None
        return self._process


def _pipes(process: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise WarehouseError("the process for statements has no pipes")
    return stdin, stdout  # type: ignore[return-value]  # both are binary files


def _line(pipe: BinaryIO, deadline: float) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += _read(pipe, 1, deadline)
    return line


def _read(pipe: BinaryIO, size: int, deadline: float) -> bytes:
    """Read exactly so many bytes; TimeoutError at the deadline, EOFError at the end."""
    content = bytearray()
    while len(content) < size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = pipe.read(min(size - len(content), _PART))
        if not part:
            raise EOFError
        content += part
    return bytes(content)


def memory_bytes(size: str) -> int:
    """Return a memory limit of DuckDB (``2GB``, ``500 MiB``) in bytes; ValueError for others."""
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise ValueError(f"{size!r} is no size such as 2GB")
    power = "KMGT".index(match[2].upper()) + 1
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)
