"""The mails that a mailing list sends as one: in MIME, and as text (RFC 1153)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

from copydesk.tasks.sources.mail.letter import Letter, bytes_of, read_letter

_RULE: Final = re.compile(r"-{28,72}\s?")
_HEAD: Final = re.compile(r"(?:Date|From|Subject|To|Cc|Message-ID|Content-Type|Message): ?.*", re.I)
_MOST: Final = 1000


def letters_of_digest(data: bytes, outer: Letter) -> list[Letter]:
    """Read the mails in a digest; none of a mail that is no digest."""
    mails = list(_attached(message_from_bytes(data, policy=compat32)))
    letters = [read_letter(mail) for mail in mails or map(_as_bytes, _written(outer.text))]
    return [
        replace(
            letter,
            list_name=outer.list_name,
            date=letter.date or outer.date,
            subject=letter.subject or outer.subject,
        )
        for letter in letters
        if letter.html or letter.text
    ]


def _attached(mail: Message) -> Iterator[bytes]:
    """Yield the mails in the parts that say they are a digest (RFC 2046)."""
    parts = [mail]
    for _ in range(_MOST):
        if not parts:
            return
        part = parts.pop(0)
        payload = part.get_payload()
        if not isinstance(payload, list) or part.get_content_type() == "message/rfc822":
            continue
        children = [child for child in payload if isinstance(child, Message)]
        if part.get_content_type() != "multipart/digest":
            parts[:0] = children
            continue
        for child in children:
            inner = child.get_payload()
            mails = inner if isinstance(inner, list) else []
            for whole in mails:
                if isinstance(whole, Message) and (octets := bytes_of(whole)) is not None:
                    yield octets


def _written(text: str) -> list[str]:
    """Give the mails between lines of hyphens, each with a head of its own."""
    pieces: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").split("\n"):
        if _RULE.fullmatch(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    mails = []
    for piece in pieces[1:]:
        lines = "\n".join(piece).strip().split("\n")
        head = 0
        while head < len(lines) and (
            _HEAD.match(lines[head]) or (head and lines[head][:1] in " \t")
        ):
            if not lines[head].strip():
                break
            head += 1
        names = {line.partition(":")[0].lower() for line in lines[:head]}
        if {"from", "subject"} <= names and any(line.strip() for line in lines[head:]):
            kept = [line for line in lines[:head] if not line.lower().startswith("content-type")]
            mails.append("\n".join([*kept, "", *lines[head:]]))
    return mails[:_MOST]


def _as_bytes(mail: str) -> bytes:
    return mail.encode("utf-8", "replace")
