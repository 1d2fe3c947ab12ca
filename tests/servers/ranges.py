"""A static server that answers range requests, and counts the bytes of each file that it gave."""

from __future__ import annotations

import contextlib
import mimetypes
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm"}


@dataclass
class StaticServer:
    """``address`` of the root; ``sent``: bytes by path, ``whole``: paths that were given whole."""

    address: str
    sent: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    whole: set[str] = field(default_factory=set)


@contextlib.contextmanager
def serving(roots: Mapping[str, Path]) -> Iterator[StaticServer]:
    """Serve files and folders by the beginning of their paths, on the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            file = _file(roots, self.path)
            if file is None:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            size = file.stat().st_size
            first, last = 0, size - 1
            match = _RANGE.fullmatch(self.headers.get("Range", ""))
            if match:
                first, last = int(match[1]), min(int(match[2] or last), last)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            else:
                self.send_response(200)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(last - first + 1))
            self.send_header("Content-Type", _TYPES.get(file.suffix) or _guessed(file))
            self.end_headers()
            if not body:
                return
            server.requests[self.path] += 1
            if not match:
                server.whole.add(self.path)
            with file.open("rb") as content, contextlib.suppress(ConnectionError):
                content.seek(first)
                server.sent[self.path] += self.wfile.write(content.read(last - first + 1)) or 0

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = StaticServer(f"http://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def _file(roots: Mapping[str, Path], address: str) -> Path | None:
    path = address.partition("?")[0]
    for start, root in roots.items():
        rest = path.removeprefix(start)
        if path.startswith(start) and ".." not in rest:
            file = root / rest.lstrip("/") if rest else root
            return file if file.is_file() else None
    return None


def _guessed(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
