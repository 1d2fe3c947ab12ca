"""Copies pages as a reader does in Firefox: everything selected, as plain text.

Needs the program ``firefox-esr`` or ``firefox`` and nothing from the network: pages are loaded
from a temporary folder without scripts, and every other address goes to a closed port.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

NAMES = ("firefox-esr", "firefox")
START_SECONDS = 120.0
PAGE_MILLISECONDS = 30_000
_PREFERENCES: dict[str, str | int | bool] = {
    "marionette.port": 0,  # any free one, which the profile then names
    "javascript.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    "permissions.default.image": 2,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
}
_SELECTED = """
const selection = window.getSelection();
selection.selectAllChildren(document.body || document.documentElement);
return selection.toString();
"""


def program() -> str | None:
    """Return the path of an installed Firefox."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def copied(pages: Iterable[str]) -> Iterator[str]:
    """Yield the text of each page; a page that Firefox does not load in time gives none."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="firefox-")))
        browser = stack.enter_context(_started(folder / "profile"))
        browser.call("WebDriver:NewSession", {})
        browser.call("WebDriver:SetTimeouts", {"pageLoad": PAGE_MILLISECONDS})
        path = folder / "page.html"
        for page in pages:
            path.write_text("\ufeff" + page, encoding="utf-8", errors="replace")
            loaded = browser.call("WebDriver:Navigate", {"url": path.as_uri()}) is not None
            arguments = {"script": _SELECTED, "args": [], "sandbox": "copying"}
            result = browser.call("WebDriver:ExecuteScript", arguments) if loaded else None
            yield str((result or {}).get("value") or "")


class _Marionette:
    """A connection to Firefox's remote control: one command at a time, as JSON."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 2 * PAGE_MILLISECONDS / 1000)
        self._number = 0
        self._read()  # the greeting

    def call(self, command: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Return a command's result, None for an error."""
        self._number += 1
        message = json.dumps([0, self._number, command, arguments]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        return None if error else result or {}

    def _read(self) -> Any:
        size = b""
        while (octet := self._receive(1)) != b":":
            size += octet
        parts, rest = [], int(size)
        while rest:
            parts.append(self._receive(min(rest, 1 << 16)))
            rest -= len(parts[-1])
        return json.loads(b"".join(parts))

    def _receive(self, size: int) -> bytes:
        received = self._socket.recv(size)
        if not received:
            raise ConnectionError("Firefox closed the connection")
        return received


@contextmanager
def _started(profile: Path) -> Iterator[_Marionette]:
    name = program()
    if name is None:
        raise FileNotFoundError("firefox")
    profile.mkdir()
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines))
    command = [name, "--headless", "--marionette", "--profile", str(profile), "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _Marionette(_port(profile / "MarionetteActivePort"))
    finally:
        process.terminate()
        process.wait()


def _port(path: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text().strip()):
            return int(text)
        time.sleep(0.2)
    raise TimeoutError("Firefox does not start")
