"""A schedule, its changes and its notifications, told to a receiver that fails every third time.

``python -m benchmarks.notified_schedule [--minutes 5]``

``copydesk serve`` reads three folders every minute, in which articles are added and changed every
few seconds. The receiver verifies each signature, refuses each third request, and asks for changes
since its own cursor, as a program would. At the end it must have each line of ``changes`` once.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from copydesk.warehouse import Reader

SECRET = "a secret of this run"
FAILS_EVERY = 3
SOURCES = ("coast", "hills", "town")
SECONDS = 4.0
"""Between two articles that are written."""


class Receiver(ThreadingHTTPServer):
    """Keeps what it accepted, and the changes that it then asked for."""

    def __init__(self, home: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.home = home
        self.asked = 0
        self.cursor = 0
        self.names: list[str] = []
        self.counts: Counter[str] = Counter()
        self.changes: list[tuple[object, ...]] = []

    def accept(self, name: str, message: dict[str, object]) -> None:
        """Take a message: a repeated one is left out by its id."""
        self.names.append(name)
        self.counts.update(message["counts"])  # type: ignore[arg-type]
        reader = Reader(self.home)
        try:
            answer = reader.changes_since(self.cursor)
            rows = [(r["version"], r["kind"], r["article_id"], r["revision"]) for r in answer.rows]
        finally:
            reader.connection.close()
        self.cursor = answer.cursor
        self.changes += rows


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        name = self.headers["webhook-id"]
        signed = f"{name}.{self.headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        is_signed = self.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
        self.server.asked += 1
        fails = not is_signed or self.server.asked % FAILS_EVERY == 1
        if not fails and name not in self.server.names:
            self.server.accept(name, json.loads(body))
        self.send_response(500 if fails else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Run the schedule, and compare what was told with the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        home = here / "copydesk-data"
        for name in SOURCES:
            (here / name).mkdir()
        receiver = Receiver(home)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        machine = f"127.0.0.1:{receiver.server_address[1]}"
        (here / "sources.toml").write_text(
            "".join(
                f'[sources.{name}]\naddress = "{name}/"\nschedule = "* * * * *"\n'
                for name in SOURCES
            )
            + f'[notify]\nurl = "http://{machine}/hook"\nsecret = "${{HOOK}}"\n'
            f'retry_seconds = [0.5]\nallow = ["{machine}"]\n'
        )
        environment = {**os.environ, "HOOK": SECRET, "PREFECT_HOME": str(here / "prefect")}
        environment.pop("PREFECT_API_URL", None)
        command = [sys.executable, "-m", "copydesk.flows.cli", "serve", "--home", str(home)]
        log = here / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=here, env=environment, stdout=output, stderr=output
            )
            try:
                written = _write(here, time.monotonic() + 60 * arguments.minutes)
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(120)
        _compare(home, receiver, written, log)


def _write(folder: Path, until: float) -> int:
    """Add an article, and change every second one later; returns how many there are."""
    number = 0
    while time.monotonic() < until:
        place = folder / SOURCES[number % len(SOURCES)]
        _article(place, number, "as it was first told")
        if number > 6 and number % 2:
            _article(place, number - 6, "as it is told now, after a correction")
        number += 1
        time.sleep(SECONDS)
    return number


def _article(folder: Path, number: int, how: str) -> None:
    words = f"The {number}th bakery of the harbour opens an hour earlier, {how}. "
    text = "".join(f"<p>{words * 3}Paragraph {part} says so, too.</p>" for part in range(4))
    beside = folder / f"{number}.new"
    beside.write_text(
        f"<html><head><title>Bakery {number}</title></head><body><article><h1>Bakery {number}</h1>"
        f"{text}</article></body></html>"
    )
    beside.replace(folder / f"{number}.html")


def _compare(home: Path, receiver: Receiver, written: int, log: Path) -> None:
    reader = Reader(home)
    answer = reader.changes_since(0)
    truth = [(r["version"], r["kind"], r["article_id"], r["revision"]) for r in answer.rows]
    runs = reader.connection.execute("SELECT count(*) FROM runs").fetchall()[0][0]
    rows = Counter(truth)
    heard = Counter(receiver.changes)
    late = {row for row in rows if row[0] > receiver.cursor}  # a version after the last message
    print(f"{written} articles written, {runs} runs, {answer.cursor} versions")
    print(f"{receiver.asked} requests, {len(receiver.names)} messages accepted")
    print(f"changes: {dict(Counter(row[1] for row in rows))}; counted by messages: "
          f"{dict(receiver.counts)}")  # fmt: skip
    print(f"heard once {sum(heard[row] == 1 for row in rows)} of {len(rows) - len(late)}; twice "
          f"{sum(count > 1 for count in heard.values())}; not yet told {len(late)}; unknown "
          f"{len(heard.keys() - rows.keys())}")  # fmt: skip
    if set(heard) != set(rows) - late or max(heard.values(), default=0) > 1 or not heard:
        sys.exit("changes were lost or told twice:\n" + log.read_text()[-3000:])


if __name__ == "__main__":
    main()
