"""What a receiver is told after a publish, by a real server on loopback that fails now and then."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from copydesk.flows.notify import notify
from copydesk.schemas.sources import SettingsError, parse_sources
from copydesk.tasks.notify import send, signature
from copydesk.warehouse.publish.publish import publish
from tests.warehouse.sample import Look, ingest

SECRET = "a long secret"


class Receiver(ThreadingHTTPServer):
    """Verifies and keeps each message once; ``statuses`` are answered first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.fails_every = 0
        self.asked = 0
        self.messages: dict[str, dict] = {}

    @property
    def machine(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        receiver, name = self.server, self.headers["webhook-id"]
        receiver.asked += 1
        signed = f"{name}.{self.headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        assert self.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
        status = receiver.statuses.pop(0) if receiver.statuses else 204
        if receiver.fails_every and receiver.asked % receiver.fails_every == 0:
            status = 500
        if status < 300:
            assert name not in receiver.messages
            receiver.messages[name] = json.loads(body)
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOOK", SECRET)
    file = tmp_path / "sources.toml"
    file.write_text(
        f'[notify]\nurl = "http://{receiver.machine}/hook"\nsecret = "${{HOOK}}"\n'
        f'retry_seconds = [0, 0.01]\nallow = ["{receiver.machine}"]\n'
    )
    return str(file)


def test_each_change_is_told_once_though_the_receiver_fails(home, lake, receiver, settings):
    receiver.fails_every = 3
    for number, name in enumerate("abcd"):
        ingest(lake, f"r{number}", [Look(name, number, f"Story {name}.")])
        publish(home)
        assert notify(home, settings).problem == ""
        assert notify(home, settings) is None
    messages = list(receiver.messages.values())
    assert [(row["since"], row["cursor"]) for row in messages] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [row["counts"] for row in messages] == [{"new": 1}] * 4
    assert receiver.asked == 5


def test_what_could_not_be_delivered_is_part_of_the_next_message(home, lake, receiver, settings):
    ingest(lake, "r1", [Look("a")])
    publish(home)
    receiver.statuses = [500, 302, 429]
    assert "status 429" in notify(home, settings).problem
    ingest(lake, "r2", [Look("a", 1, "Changed.")])
    publish(home)
    assert notify(home, settings).attempts == 1
    (message,) = receiver.messages.values()
    assert (message["since"], message["cursor"]) == (0, 2)
    assert message["counts"] == {"new": 1, "revised": 1}


def test_tables_of_another_lake_are_to_be_read_again(home, lake, receiver, settings):
    ingest(lake, "r1", [Look("a")])
    publish(home)
    notify(home, settings)
    state = json.loads((home / "notified.json").read_text())
    (url,) = state
    (home / "notified.json").write_text(json.dumps({url: {"lake": "another", "cursor": 9}}))
    notify(home, settings)
    assert list(receiver.messages.values())[-1]["since"] is None
    assert notify(home, settings) is None


def test_a_private_machine_is_not_told_unless_it_is_allowed(home, lake, receiver, settings):
    file = Path(settings)
    file.write_text(file.read_text().replace("allow", "# allow"))
    ingest(lake, "r1", [Look("a")])
    publish(home)
    delivery = notify(home, settings)
    assert (delivery.attempts, delivery.problem.partition(":")[0]) == (1, "blocked")
    assert receiver.asked == 0


def test_a_secret_that_is_not_there_sends_nothing(home, lake, receiver, settings, monkeypatch):
    monkeypatch.delenv("HOOK")
    ingest(lake, "r1", [Look("a")])
    publish(home)
    assert "no HOOK" in notify(home, settings).problem
    assert receiver.asked == 0


def test_a_home_without_a_receiver_sends_nothing(home, lake, tmp_path):
    ingest(lake, "r1", [Look("a")])
    publish(home)
    assert notify(home, str(tmp_path / "none.toml")) is None
    assert not (home / "notified.json").exists()


@pytest.mark.parametrize(
    "setting",
    ['secret = "plain"\nurl = "https://a.example/"', 'secret = "${X}"\nurl = "ftp://a.example/"',
     'secret = "${X}"\nurl = "https://me:pw@a.example/"', 'secret = "${X}"',
     'secret = "${X}"\nurl = "https://a.example/"\nallow = ["https://x"]'],
)  # fmt: skip
def test_wrong_settings_are_refused(setting):
    with pytest.raises(SettingsError, match="notify"):
        parse_sources(f"[notify]\n{setting}")


def test_the_signature_is_that_of_standard_webhooks():
    """The specification's own example."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_an_address_that_is_none_is_tried_once():
    assert send("https://[::1/", "1", b"{}", secret="s", waits=(9, 9)).attempts == 1
