"""``/.well-known/tdmrep.json``: what a site reserves of text and data mining, by path.

TDM Reservation Protocol, https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from copydesk.schemas.reservations import POLICY, TDM, TDMREP

PATH = "/.well-known/tdmrep.json"
SIZE = 256 * 1024  # bytes; files seen have less than one kB
_MOST_RULES = 1_000
_LONGEST = 300  # characters of a pattern or a policy's address


@dataclass(frozen=True, slots=True)
class TdmRule:
    """An entry of the file: a pattern of paths, and the value that a transport has for it."""

    location: str
    value: str


def read_tdmrep(body: bytes) -> tuple[TdmRule, ...]:
    """Read the file's entries; what is none is left out, a file that is no JSON has none."""
    try:
        entries: Any = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return ()
    entries = entries if isinstance(entries, list) else [entries]
    return tuple(rule for entry in entries[:_MOST_RULES] if (rule := _rule(entry)))


def _rule(entry: Any) -> TdmRule | None:
    if not isinstance(entry, dict):
        return None
    location, value = entry.get("location"), entry.get(TDM)
    if not isinstance(location, str) or isinstance(value, bool | float | list | dict):
        return None
    policy = entry.get(POLICY)
    address = policy.strip() if isinstance(policy, str) else ""
    is_address = 0 < len(address) <= _LONGEST and not any(map(str.isspace, address))
    stated = str(value).strip()[:1]
    return TdmRule(location[:_LONGEST], f"{stated} {address}" if is_address else stated)


def reservations(rules: tuple[TdmRule, ...], url: str) -> dict[str, str]:
    """Return what the first entry for an address reserves, by the name that a transport has."""
    parts = urlsplit(url)
    path = unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    rule = next((rule for rule in rules if matches(rule.location, path)), None)
    return {TDMREP: rule.value} if rule is not None and rule.value.startswith("1") else {}


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path begins as a pattern says: ``*`` is anything, a last ``$`` the end."""
    is_whole = pattern.endswith("$")
    parts = unquote(pattern.removesuffix("$")).split("*")
    if not path.startswith(parts[0]):
        return False
    at = len(parts[0])
    for _, part in pairwise(parts):
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not is_whole or at == len(path) or (len(parts) > 1 and path.endswith(parts[-1]))
