"""The mails that a mailing list sends as one: in MIME, and as text (RFC 1153)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from copydesk.tasks.sources.mail.letter import Letter, read_letter

_RULE: Final = re.compile(r"-{28,72}\s?")
_HEAD: Final = re.compile(r"(?:Date|From|Subject|To|Cc|Message-ID|Content-Type|Message): ?.*", re.I)
_MOST: Final = 1000


def letters_of_digest(outer: Letter) -> list[Letter]:
    """Read the mails in a digest; none of a mail that is no digest."""
    letters = [read_letter(mail) for mail in outer.digest or map(_as_bytes, _written(outer.text))]
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
