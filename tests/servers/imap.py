"""A real IMAP server on loopback, as much of RFC 3501 as reading a folder needs."""

from __future__ import annotations

import contextlib
import re
import socketserver
import ssl
import threading
from email import message_from_bytes
from typing import Self


class MailServer(contextlib.AbstractContextManager["MailServer"]):
    """Folders of mails by UID; ``commands`` are those that came, ``hang_up_after`` counts down.

    With ``tls`` connections are encrypted, from the first byte or after STARTTLS.
    """

    def __init__(
        self,
        user: str = "reader",
        password: str = "s3cret",
        *,
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
    ) -> None:
        self.tls, self.starttls = tls, starttls
        self.login = (user, password)
        self.folders: dict[str, dict[int, bytes]] = {"INBOX": {}}
        self.validity = {"INBOX": 7}
        self.next_uid = {"INBOX": 1}
        self.commands: list[str] = []
        self.hang_up_after = -1
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.mail = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def add(self, mail: bytes, folder: str = "INBOX") -> int:
        uid = self.next_uid.setdefault(folder, 1)
        self.folders.setdefault(folder, {})[uid] = mail
        self.validity.setdefault(folder, 7)
        self.next_uid[folder] = uid + 1
        return uid

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(socketserver.StreamRequestHandler):
    def say(self, text: str | bytes) -> None:
        self.wfile.write((text.encode() if isinstance(text, str) else text) + b"\r\n")

    def handle(self) -> None:
        self.mail: MailServer = self.server.mail  # type: ignore[attr-defined]
        self.folder: str | None = None
        with contextlib.suppress(OSError):  # a client that refuses the certificate hangs up
            if self.mail.tls is not None and not self.mail.starttls:
                self.encrypt(self.mail.tls)
            self.say(f"* OK [CAPABILITY {self.abilities}] ready")
            self.converse()

    @property
    def abilities(self) -> str:
        is_open = self.mail.starttls and not isinstance(self.request, ssl.SSLSocket)
        return "IMAP4rev1 STARTTLS LOGINDISABLED" if is_open else "IMAP4rev1"

    def encrypt(self, tls: ssl.SSLContext) -> None:
        self.request = tls.wrap_socket(self.request, server_side=True)
        self.setup()

    def converse(self) -> None:
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            name = rest.split(" ")[0].upper()
            self.mail.commands.append(rest)
            if name == "STARTTLS" and self.mail.tls is not None:
                self.say(f"{tag} OK begin")
                self.encrypt(self.mail.tls)
                continue
            if name == "LOGOUT":
                self.say("* BYE")
                self.say(f"{tag} OK")
                return
            if not self.answer(tag, name, rest):
                return

    def answer(self, tag: str, name: str, rest: str) -> bool:
        if name == "CAPABILITY":
            self.say(f"* CAPABILITY {self.abilities}")
        elif name == "LOGIN":
            words = tuple(word.strip('"') for word in rest.split(" ")[1:])
            if words != self.mail.login:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong password")
                return True
        elif name in {"SELECT", "EXAMINE"}:
            folder = rest.split(" ", 1)[1].strip('"')
            if folder not in self.mail.folders:
                self.say(f"{tag} NO no such folder")
                return True
            self.folder = folder
            self.say(f"* {len(self.mail.folders[folder])} EXISTS")
            self.say(f"* OK [UIDVALIDITY {self.mail.validity[folder]}] UIDs valid")
        elif name == "UID":
            return self.uid(tag, rest)
        else:
            self.say(f"{tag} BAD unknown")
            return True
        self.say(f"{tag} OK done")
        return True

    def uid(self, tag: str, rest: str) -> bool:
        mails = self.mail.folders[self.folder or ""]
        if match := re.match(r"UID SEARCH \(?UID (\d+):\*", rest, re.I):
            first = int(match[1])
            # "*" is the last mail, whose UID may be lower than the first that is asked for
            uids = {uid for uid in mails if uid >= first} | ({max(mails)} if mails else set())
            self.say("* SEARCH " + " ".join(map(str, sorted(uids))))
        elif match := re.match(r"UID FETCH ([\d,]+) (.*)", rest, re.I):
            for number, uid in enumerate(map(int, match[1].split(",")), 1):
                if uid not in mails:
                    continue
                if "HEADER" not in match[2]:
                    if self.mail.hang_up_after == 0:
                        return False
                    self.mail.hang_up_after -= 1
                self.fetch(number, uid, mails[uid], match[2])
        self.say(f"{tag} OK done")
        return True

    def fetch(self, number: int, uid: int, mail: bytes, what: str) -> None:
        part = mail
        if "HEADER" in what:
            head = message_from_bytes(mail)
            wanted = what.upper()
            lines = [f"{k}: {v}" for k, v in head.items() if k.upper() in wanted]
            part = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
        elif limit := re.search(r"<0\.(\d+)>", what):
            part = mail[: int(limit[1])]
        start = f"* {number} FETCH (UID {uid} RFC822.SIZE {len(mail)} BODY[] {{{len(part)}}}\r\n"
        self.wfile.write(start.encode() + part)
        self.say(")")
