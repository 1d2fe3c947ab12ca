"""Counts of one source in one run, with which later runs are compared.

They are stored in the row of every run.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SHORT_WORDS: Final = 20
"""Number of words below which a body counts as empty: about two sentences."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of one source in one run.

    ``items`` counts input items, ``answered`` those that exist (read or reported unchanged),
    ``not_modified`` those reported unchanged. ``articles`` and ``rejected`` count read documents,
    ``new`` and ``duplicate`` items by fate, ``short`` articles of fewer than ``SHORT_WORDS`` words.
    ``words`` is the articles' median length in words, ``languages`` their number by language.
    """

    items: int = 0
    answered: int = 0
    not_modified: int = 0
    articles: int = 0
    rejected: int = 0
    new: int = 0
    duplicate: int = 0
    short: int = 0
    words: float | None = None
    languages: Mapping[str, int] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Number of cleaned documents."""
        return self.articles + self.rejected


def write_profiles(profiles: Mapping[str, Profile]) -> str:
    """Serialize profiles by source to JSON."""
    return json.dumps(
        {source: dataclasses.asdict(profile) for source, profile in profiles.items()},
        ensure_ascii=False,
    )


def read_profiles(text: str | None) -> dict[str, Profile]:
    """Parse profiles by source; fields of newer releases are ignored."""
    field_names = {one.name for one in dataclasses.fields(Profile)}
    values: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return {
        source: Profile(**{name: value for name, value in one.items() if name in field_names})
        for source, one in values.items()
    }
