"""The command line in processes that need not import it: each is forked from one that has.

``python -m copydesk.flows.cli`` spends two to three seconds of CPU on imports, more than most
tests need for the rest. A process that is forked is as real: it has its own id, folder, environment
and streams, can be killed, and ends as an interpreter does. As a program this module is the process
that is forked (``warm.py SOCKET``), which ends with its standard input, and a command for shells
(``warm.py SOCKET call ARGUMENT...``).
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
PRELOADED = (
    *(
        "copydesk.flows.cli",
        "copydesk.flows.ingest",
        "copydesk.flows.reclean",
        "copydesk.flows.backfill",
        "copydesk.flows.launch",
    ),
    *("copydesk.flows.engines.dask", "copydesk.flows.engines.ray"),
    *("prefect.artifacts", "prefect.events.worker", "prefect.task_runners"),
    *("prefect.flow_engine", "prefect.task_engine", "prefect.utilities.visualization"),
    *("anyio._backends._asyncio", "encodings.idna", "fastapi", "pyarrow.parquet"),
    *(
        "copydesk.tasks.sources.web.open_web",
        "copydesk.warehouse.upkeep.doctor",
    ),
    *(
        "copydesk.tasks.ingest.batch",
        "copydesk.tasks.cleaning.html",
        "copydesk.tasks.cleaning.text",
        "copydesk.tasks.workers.preloaded",
    ),
)
READ_ON_IMPORT = ("COPYDESK_ENGINE", "COPYDESK_CLUSTER", "COPYDESK_NATIVE", "PREFECT_", "PYTHON")
"""Variables that a forked process would hear of too late."""


class WarmProcess:
    """A process that has imported the command line, and runs it in children of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        folder = tempfile.mkdtemp(prefix="copydesk-warm-")
        self.socket = f"{folder}/socket"
        self._process = subprocess.Popen(
            [sys.executable, __file__, self.socket],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**environment, "PREFECT_HOME": f"{folder}/prefect"},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def close(self) -> None:
        """End it, which deletes its folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    @property
    def command(self) -> str:
        """Give what a shell script calls instead of ``python -m copydesk.flows.cli``."""
        return f'"{sys.executable}" -IS "{__file__}" "{self.socket}" call'

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        stdin: str | None,
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as ``subprocess.run`` does."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
            value = _read_end(stdin)
            try:
                call = Call(self.socket, arguments, folder, environment,
                            [value, *(stream.fileno() for stream in streams)])  # fmt: skip
            finally:
                os.close(value)
            status = stack.enter_context(call).wait(timeout)
            for stream in streams:
                stream.seek(0)
            message = [stream.read().decode().replace("\r\n", "\n") for stream in streams]
        return subprocess.CompletedProcess(list(arguments), status, *message)


class Call(contextlib.AbstractContextManager["Call"]):
    """One command in a process of its own."""

    def __init__(
        self,
        address: str,
        arguments: Sequence[str],
        folder: Path | str,
        environment: Mapping[str, str],
        streams: Sequence[int],
    ) -> None:
        self._arguments = arguments
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(address)
        body = json.dumps([list(arguments), str(folder), dict(environment)]).encode()
        socket.send_fds(self._connection, [len(body).to_bytes(8, "big")], list(streams))
        self._connection.sendall(body)
        self._answers = self._connection.makefile("rb")
        self.pid = int(self._answers.readline())

    def __exit__(self, *exception: object) -> None:
        self._answers.close()
        self._connection.close()

    def wait(self, timeout: float | None = None) -> int:
        """Give the status as ``Popen.returncode`` has it; past ``timeout`` it is killed."""
        self._connection.settimeout(timeout)
        try:
            return int(self._answers.readline())
        except TimeoutError:
            os.killpg(self.pid, signal.SIGKILL)
            assert timeout is not None
            raise subprocess.TimeoutExpired(list(self._arguments), timeout) from None


def can_run(variables: Mapping[str, str]) -> bool:
    """Tell whether a command with these variables does the same in a forked process."""
    return not any(name.startswith(READ_ON_IMPORT) for name in variables)


def _read_end(text: str | None) -> int:
    """Open a pipe that gives the text and ends, or what is empty."""
    if text is None:
        return os.open(os.devnull, os.O_RDONLY)
    reading, writing = os.pipe()

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
            pipe.write(text.encode())

    threading.Thread(target=write, daemon=True).start()
    return reading


def serve(address: str) -> Callable[[], None]:
    """Fork for each command that is asked for; gives, in the child, what it is to do."""
    selector = selectors.DefaultSelector()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    shutil.rmtree(Path(address).parent)
                    os._exit(0)
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    requested = _asked(connection)
                    if (pid := os.fork()) == 0:
                        listener.close()
                        connection.close()
                        selector.close()
                        return functools.partial(_become, *requested)
                    for stream in requested[-1]:
                        os.close(stream)
                    connection.sendall(f"{pid}\n".encode())
                    selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))
                else:
                    pid, connection = key.data
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    with connection, contextlib.suppress(OSError):  # nobody waits any more
                        connection.sendall(f"{status}\n".encode())


def _asked(connection: socket.socket) -> tuple[list[str], str, dict[str, str], list[int]]:
    size, streams, _, _ = socket.recv_fds(connection, 8, 3)
    with connection.makefile("rb") as file:
        arguments, folder, environment = json.loads(file.read(int.from_bytes(size, "big")))
    return arguments, folder, environment, streams


def _become(
    arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]
) -> NoReturn:
    """Be the command: ``python -m copydesk.flows.cli ARGUMENTS`` in that folder and environment."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    _configure_prefect(arguments)
    _begin_fork_server()
    sys.argv[:] = ["copydesk", *arguments]
    sys.path[0] = folder
    from copydesk.flows import cli

    cli.main()


def _configure_prefect(arguments: list[str]) -> None:
    """Let Prefect read its settings again, which it does when it is imported."""
    import prefect.context
    import prefect.logging.configuration

    from copydesk.flows.prefect_api.connection import configure

    verbose = "--verbose" in arguments
    before = dict(os.environ)
    configure(verbose=verbose)
    prefect.context.refresh_global_settings_context()
    if verbose:
        prefect.logging.configuration.setup_logging(incremental=False)
    os.environ.clear()
    os.environ.update(before)


def _begin_fork_server() -> None:
    """Fork what the command's worker processes are forked from, which imports as much."""
    from multiprocessing import connection, forkserver

    address = connection.arbitrary_address("AF_UNIX")
    reading, writing = os.pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        if (pid := os.fork()) == 0:
            os.close(writing)
            with contextlib.suppress(SystemExit):
                forkserver.main(listener.detach(), reading, [])
            os._exit(0)
    os.close(reading)
    server: Any = forkserver._forkserver
    server._forkserver_address = address
    server._forkserver_alive_fd = writing
    server._forkserver_pid = pid


def preload() -> None:
    """Import what the commands import, and keep the collector from touching it in the children."""
    import importlib

    from copydesk.flows.prefect_api.connection import configure

    configure(verbose=False)
    for name in PRELOADED:
        importlib.import_module(name)
    _build_command_line()
    gc.collect()
    gc.freeze()


def _build_command_line() -> None:
    """Let Typer read the signatures of all commands once, not in each child: 0.1 s of CPU."""
    import typer.main

    from copydesk.flows import cli

    command = typer.main.get_command(cli.app)
    typer.main.get_command = lambda _: command


if __name__ == "__main__":
    if sys.argv[2:3] == ["call"]:
        with Call(sys.argv[1], sys.argv[3:], Path.cwd(), os.environ, [0, 1, 2]) as call:
            ended = call.wait()
        sys.exit(ended if ended >= 0 else 128 - ended)
    sys.path[0] = str(ROOT)  # not this folder, whose modules have names of packages
    preload()
    serve(sys.argv[1])()
