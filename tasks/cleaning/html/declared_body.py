"""Read the title, description and body that a page's metadata declare, to help find the body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from copydesk.tasks.cleaning.metadata import Evidence

_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description")
_LEAST = 200  # minimum characters; a shorter ``articleBody`` is a summary


@dataclass(frozen=True, slots=True)
class Declared:
    """The article as declared by the page; fields may be empty.

    ``body`` is JSON-LD's ``articleBody``, unchanged: text, or HTML.
    """

    title: str = ""
    description: str = ""
    body: str = ""


def declare(evidence: Evidence) -> Declared:
    """Read the title, the description and JSON-LD's body, without judging them."""
    title = _first(evidence, _TITLES) or next(iter(evidence.headings), "") or evidence.title or ""
    body = max(_bodies(evidence), key=len, default="")
    return Declared(title, _first(evidence, _DESCRIPTIONS), body if len(body) >= _LEAST else "")


def _first(evidence: Evidence, names: tuple[str, ...]) -> str:
    return next((evidence.meta[name][0] for name in names if evidence.meta.get(name)), "")


def _bodies(evidence: Evidence) -> Iterator[str]:
    for node in evidence.nodes:
        body: Any = node.get("articleBody")
        if isinstance(body, str):
            yield body
