"""Reservations against text and data mining and AI: by a page's metas and by its transport.

They are recorded as observed; nothing is filtered by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from copydesk.schemas.reservations import (
    CONTENT_SIGNAL,
    CRAWLERS_BY_KEY,
    POLICY,
    ROBOTS_TAG,
    ROBOTS_TXT,
    TDM,
    TDMREP,
    known_crawler,
)

AI_CRAWLERS: Final = "ai-crawlers"
"""The kind of a reservation that names crawlers; the others are called as they are written."""

_UNWANTED: Final = ("noai", "noimageai", "noml")
_CLOSING: Final = frozenset({*_UNWANTED, "noindex", "nofollow", "none"})
"""What a directive to an AI crawler alone denies it."""

_LONGEST: Final = 300
"""Characters of a value that are recorded."""
_POLICY_ADDRESS: Final = re.compile(r"\S{1,300}")
_TOKEN: Final = re.compile(r"[\w*-]+")
_SIGNAL: Final = re.compile(r"\bai-(?:train|input)\s{0,9}=\s{0,9}no\b", re.IGNORECASE)

Metas = Mapping[str, tuple[str, ...]]
Observed = tuple[str, str]
"""A kind, and where and how it was observed."""


def in_page(metas: Metas) -> dict[str, str]:
    """Return what a page's metas reserve: contents by name, both as ``Evidence.meta`` has them."""
    if TDM not in metas and CRAWLERS_BY_KEY.keys().isdisjoint(metas):
        robots = "\n".join(metas.get("robots", ())).lower()
        if not any(name in robots for name in _UNWANTED):
            return {}
    return _joined(_of_metas(metas))


def in_transport(transport: Mapping[str, str]) -> dict[str, str]:
    """Return what the response's headers and the site's files reserve."""
    return _joined(_of_transport(transport))


def together(*parts: Mapping[str, str]) -> dict[str, str]:
    """Join reservations: a kind that several of them have keeps the evidence of each."""
    return _joined(item for part in parts for item in part.items())


def _joined(observed: Iterable[Observed]) -> dict[str, str]:
    by_kind: dict[str, dict[str, None]] = {}
    for kind, evidence in observed:
        by_kind.setdefault(kind, {})[evidence] = None
    return {kind: "; ".join(by_kind[kind]) for kind in sorted(by_kind)}


def _of_metas(metas: Metas) -> Iterator[Observed]:
    policy = next(iter(metas.get(POLICY, ())), "")
    if any(_reserves(content) for content in metas.get(TDM, ())):
        yield TDM, _with_policy("meta", policy)
    for content in metas.get("robots", ()):
        yield from _directives(content, "meta robots")
    for name in filter(CRAWLERS_BY_KEY.__contains__, metas):
        for content in metas[name]:
            if not _CLOSING.isdisjoint(_TOKEN.findall(content.lower())):
                yield AI_CRAWLERS, f"meta {CRAWLERS_BY_KEY[name]}: {content[:_LONGEST]}"


def _of_transport(transport: Mapping[str, str]) -> Iterator[Observed]:
    if _reserves(transport.get(TDM, "")):
        yield TDM, _with_policy("header", transport.get(POLICY, ""))
    if tdmrep := transport.get(TDMREP):
        value, _, policy = tdmrep.partition(" ")
        if _reserves(value):
            yield TDM, _with_policy(TDMREP, policy)
    if tags := transport.get(ROBOTS_TAG):
        yield from _directives(tags, f"header {ROBOTS_TAG}")
    if denied := transport.get(ROBOTS_TXT):
        yield AI_CRAWLERS, f"{ROBOTS_TXT} denies {denied}"
    if _SIGNAL.search(signal := transport.get(CONTENT_SIGNAL, "")):
        yield CONTENT_SIGNAL, f"{ROBOTS_TXT}: {signal[:_LONGEST]}"


def _reserves(value: str) -> bool:
    """Tell whether a value of ``tdm-reservation`` reserves; one of several headers is enough."""
    return any(part.strip().strip("\"'") == "1" for part in value[:_LONGEST].split(","))


def _with_policy(origin: str, policy: str) -> str:
    address = _POLICY_ADDRESS.search(policy)
    return f"{origin}, policy {address.group()}" if address else origin


def _directives(content: str, origin: str) -> Iterator[Observed]:
    """Yield what directives reserve; ``GPTBot: noindex`` and what follows is for that agent."""
    agent = ""
    for part in content[:_LONGEST].split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip().lower() != "unavailable_after":
            agent, part = name.strip(), rest  # noqa: PLW2901  the directive behind the agent
        for directive in _TOKEN.findall(part.lower()):
            if directive in _UNWANTED:
                yield directive, f"{origin} for {agent}" if agent else origin
            elif (crawler := known_crawler(agent)) and directive in _CLOSING:
                yield AI_CRAWLERS, f"{origin}: {crawler}: {directive}"
