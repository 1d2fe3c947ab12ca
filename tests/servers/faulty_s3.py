"""An S3 server that fails: it stands before another one, and spoils some of its answers."""

from __future__ import annotations

import contextlib
import http.client
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

BUSY = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


@dataclass
class Faults:
    """Which requests fail. ``lost`` counts conditional puts that are carried out and then
    answered with 503, or with nothing where ``hang_up`` is set."""

    busy_share: float = 0.0
    delay: float = 0.0
    lost: int = 0
    hang_up: bool = False
    happened: Counter[str] = field(default_factory=Counter)
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_busy(self) -> bool:
        with self.lock:
            busy = self.dice.random() < self.busy_share
            self.happened["busy"] += busy
            return busy

    def is_lost(self, headers: http.client.HTTPMessage) -> bool:
        conditional = "if-none-match" in headers or "if-match" in headers
        with self.lock:
            lost = bool(conditional and self.lost)
            self.lost -= lost
            self.happened["lost"] += lost
            return lost


class Handler(BaseHTTPRequestHandler):
    """Passes a request on, unless it is to fail."""

    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def log_message(self, *arguments: object) -> None:
        pass

    def answer(self) -> None:
        faults = self.server.faults
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length) if length else None
        faults.happened["requests"] += 1
        if faults.delay:
            time.sleep(faults.delay)
        if faults.is_busy():
            self.send(503, {}, BUSY)
            return
        status, headers, content = self.behind(body)
        if status < 300 and faults.is_lost(self.headers):
            if faults.hang_up:
                self.close_connection = True
            else:
                self.send(503, {}, BUSY)
            return
        self.send(status, headers, content)

    def behind(self, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.server.place, timeout=60)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = headers.get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(BrokenPipeError):  # the client has what it wants
                self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815


class FaultyServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, place: str) -> None:
        self.place = place
        self.faults = Faults()
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that were killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def faulty(url: str) -> Iterator[tuple[str, Faults]]:
    """Give the address of a server that passes requests on to the one at ``url``."""
    server = FaultyServer(urlsplit(url).netloc)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.faults
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
