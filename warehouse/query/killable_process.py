"""A process that answers requests within limits of time and memory, and is killed at them.

DuckDB keeps its limits between rows alone: ``levenshtein`` of two long strings runs 14 s under a
limit of one, ``repeat('x', 2000000000)`` takes 3.9 GB under 500 MB, and an interrupt waits for
both. So the system limits this process's memory, and the caller kills it when it does not answer in
time.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final

from copydesk.schemas.errors import CopydeskError
from copydesk.warehouse.errors import WarehouseError

_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([KMGT])(i?)B", re.IGNORECASE)
_BESIDE_BYTES: Final = 3_000_000_000
"""Address space that the process needs beside DuckDB's memory, mapped libraries included."""

_GRACE_SECONDS: Final = 1.0
_START_SECONDS: Final = 60.0
_PART: Final = 1 << 20

_TOO_LONG: Final = "It took longer than it may ({seconds:g} s) and was ended."
_TOO_LARGE: Final = "It needs more memory than it may use ({memory}) and was ended."

Answer = Callable[..., bytes]
"""Answers one request; it may raise anything."""


class KillableProcess:
    """Answers one request at a time in a process; the next request replaces a killed one.

    Args:
        module: The module to run, which calls ``serve``.
        arguments: Values that the module finds as JSON in ``sys.argv[1]``.
        memory: Memory limit of a request, such as ``2GB``.
        seconds: Time limit of a request.
    """

    def __init__(
        self, module: str, arguments: Mapping[str, Any], *, memory: str, seconds: float
    ) -> None:
        """Store the limits; the process starts with the first request."""
        self._command = [sys.executable, "-m", module, json.dumps(arguments)]
        self._memory = memory
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, *request: Any) -> bytes:
        """Return the answer to a request, given as values that can be pickled.

        Raises:
            WarehouseError: The request is wrong, or was ended at a limit.
        """
        with self._lock:
            stdin, stdout = self._started()
            try:
                pickle.dump(request, stdin)
                stdin.flush()
                deadline = time.monotonic() + self._seconds + _GRACE_SECONDS
                head = json.loads(_line(stdout, deadline))
                content = _read(stdout, head["bytes"], deadline)
            except TimeoutError:
                self._kill()
                raise WarehouseError(_TOO_LONG.format(seconds=self._seconds)) from None
            except (EOFError, BrokenPipeError):  # the system ended it at its limit
                self._kill()
                raise WarehouseError(_TOO_LARGE.format(memory=self._memory)) from None
            except BaseException:
                self._kill()
                raise
        if head["error"] is not None:
            raise WarehouseError(head["error"])
        return content

    def close(self) -> None:
        """End the process, after the request that it is answering."""
        with self._lock:
            self._kill()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in _pipes(process):
                pipe.close()

    def _started(self) -> tuple[BinaryIO, BinaryIO]:
        if self._process is None or self._process.poll() is not None:
            self._kill()
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
            try:
                _line(_pipes(self._process)[1], time.monotonic() + _START_SECONDS)
            except (EOFError, TimeoutError):
                self._kill()
                raise WarehouseError("the process for statements does not start") from None
        return _pipes(self._process)


def serve(start: Callable[[], Answer], memory: str, reason: Callable[[Exception], str]) -> None:
    """Answer the requests of a ``KillableProcess`` on standard input until it ends.

    ``start`` opens what the answers come from; if it fails, each request tries it again. ``reason``
    is the message of an exception.
    """
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_bytes(memory) + _BESIDE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))
    answer: Answer | None = None
    with contextlib.suppress(CopydeskError):  # the first request gets the reason
        answer = start()
    out = sys.stdout.buffer
    out.write(b"ready\n")
    out.flush()
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)  # noqa: S301  from the process that started it
        except (EOFError, KeyboardInterrupt):
            return
        content, error = b"", None
        try:
            answer = answer or start()
            content = answer(*request)
        except MemoryError:
            error = _TOO_LARGE.format(memory=memory)
        except Exception as problem:  # a foreign statement may make any library raise
            error = reason(problem)
        out.write(json.dumps({"error": error, "bytes": len(content)}).encode() + b"\n" + content)
        out.flush()


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
