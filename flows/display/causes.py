"""Describe in words for alerts why items failed."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from copydesk.warehouse.history.runs import Failure

PHRASES: Final[Mapping[str, str]] = {
    "bad_address": "malformed address",
    "disconnected": "connection closed without a response",
    "dns": "host not found",
    "host_failing": "the host failed too often",
    "no_secret": "a secret is missing",
    "planning_failed": "listing failed",
    "planning_stalled": "listing stalled",
    "protocol": "invalid HTTP",
    "redirects": "too many redirects",
    "refused": "connection refused",
    "timeout": "timed out",
    "tls": "TLS failed",
    "truncated": "response truncated",
}
"""Plain words for reasons in the ledger that do not explain themselves."""

OTHER_CONNECTION_ERROR: Final = "connection failed"


def cause(failure: Failure) -> str:
    """Return a failure and its host in words, such as ``connection refused (blog.example)``."""
    words = _words(failure)
    return f"{words} ({failure.host})" if failure.host else words


def _words(failure: Failure) -> str:
    reason = failure.reason
    if reason == "refused" and "unreachable" in failure.detail.lower():
        return OTHER_CONNECTION_ERROR  # the same reason is used for every failed connection
    if reason.startswith("http_"):
        return _status(reason.removeprefix("http_"))
    return PHRASES.get(reason) or reason.replace("_", " ") or failure.detail or "no reason given"


def _status(code: str) -> str:
    try:
        return f"HTTP {code} {HTTPStatus(int(code)).phrase}"
    except ValueError:
        return f"HTTP {code}"
