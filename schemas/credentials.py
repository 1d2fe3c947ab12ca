"""Addresses as they are stored: without user names, passwords and tokens.

An address from which something was removed says so in its fragment, which identifies nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

REMOVED: Final = "credentials-removed"
"""Fragment of an address without its credentials: evidence that there were some."""

_NAMES: Final = (
    r"(?:access|auth|api|id|refresh|security|session|user)?[-_]?token|api[-_]?key|auth[-_]?key|"
    r"(?:client|api|app)?[-_]?secret|jwt|passw(?:or)?d|pwd|sig|signature|hmac|hdnts|"
    r"x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid|"
    r"phpsessid|jsessionid|session[-_]?id"
)
"""Names of parameters that give access; names that also stand for articles are not among them."""
_TOKEN: Final = re.compile(rf"(?<=[?&;])(?:{_NAMES})=[^&#;]++[&;]?", re.IGNORECASE)
_IN_PATH: Final = re.compile(r";(?:jsessionid|phpsessid)=[^/?#;]++", re.IGNORECASE)
_USER: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]{0,30}://)[^/?#\s]*@")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s\"'<>]+")


def without_credentials(address: str) -> str:
    """Return an address without user name, password and tokens, which its fragment then tells."""
    if "://" not in address or not ("@" in address or "=" in address):
        return address
    plain = _IN_PATH.sub("", _USER.sub(r"\1", address))
    plain = _TOKEN.sub("", plain)
    if plain == address:
        return address
    plain, _, fragment = plain.partition("#")
    plain = plain.rstrip("?&;")
    return f"{plain}#{fragment or REMOVED}"


def text_without_credentials(text: str) -> str:
    """Return a sentence, the addresses in it without credentials."""
    if "://" not in text or not ("@" in text or "=" in text):
        return text
    return _ADDRESS.sub(lambda match: without_credentials(match[0]), text)


def map_without_credentials(values: Mapping[str, str]) -> Mapping[str, str]:
    """Apply ``text_without_credentials`` to values; the same mapping when nothing changes."""
    if not any("://" in value for value in values.values()):
        return values
    changed = {name: text_without_credentials(value) for name, value in values.items()}
    return changed if changed != dict(values) else values
