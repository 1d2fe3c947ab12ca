"""Sends one signed message to a web address of the operator's own.

The headers are those of Standard Webhooks (``webhook-id``, ``webhook-timestamp``,
``webhook-signature``), for which receivers in most languages have a library. Addresses are checked
as those of sources are: no machine that is not public, unless the settings allow it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from copydesk.tasks.sources.secrets import reveal
from copydesk.tasks.sources.web.fetch.client import Client, Guard
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.urls import AllowList, read_address

_PREFIX: Final = "whsec_"
_ANSWER_BYTES: Final = 1000
_NOT_AGAIN: Final = frozenset({"blocked", "bad_address"})
"""Reasons that no further attempt changes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a message was taken: ``problem`` is empty where the receiver accepted it."""

    attempts: int
    problem: str = ""


def send(
    url: str,
    message_id: str,
    body: bytes,
    *,
    secret: str,
    waits: Sequence[float] = (),
    allow: Sequence[str] = (),
    proxy: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Delivery:
    """Send a message until the receiver answers with a status from 200 to 299.

    Each attempt has the same id, by which a receiver knows that it has the message already.

    Args:
        url: the receiver's address.
        message_id: the same for the same message, also in another process.
        body: the message.
        secret: the key by reference; with the prefix ``whsec_`` the rest is base64.
        waits: seconds before each further attempt.
        allow: private machines that it may be sent to.
        proxy: the web proxy, its password by reference.
        sleep: waits between attempts.
    """
    guard = Guard(allow=AllowList(tuple(allow)), total=30, proxy=proxy)
    problem = ""
    for attempt, wait in enumerate((0.0, *waits), 1):
        if wait:
            sleep(wait)
        try:
            status = _in_thread(guard, url, message_id, body, secret)
        except FetchError as error:
            problem = f"{error.reason}: {error}"
            if error.reason in _NOT_AGAIN:
                return Delivery(attempt, problem)
        except LookupError as error:
            return Delivery(attempt, str(error))
        else:
            if 200 <= status < 300:
                return Delivery(attempt)
            problem = f"the receiver answered with status {status}"
    return Delivery(1 + len(waits), problem)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign a message as Standard Webhooks does, version 1: HMAC-SHA256 in base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error as error:
            raise LookupError(f"the secret after {_PREFIX} is no base64") from error
    return secret.encode()


def _in_thread(guard: Guard, url: str, message_id: str, body: bytes, secret: str) -> int:
    """Send once; in a thread of its own, since the caller's may have an event loop."""
    now = int(time.time())
    headers = {
        "content-type": "application/json",
        "user-agent": "copydesk",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(reveal(secret), message_id, now, body),
    }

    async def post() -> int:
        async with Client(guard) as client:
            answer = await client.post(read_address(url), headers, body, cap=_ANSWER_BYTES)
        return answer.status

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(post())).result()
