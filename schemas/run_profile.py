"""What a run brought from a source, as numbers that later runs are judged by.

Standard library alone: it is written into the row of every run.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SHORT_WORDS: Final = 20
"""Words below which a body counts as empty: two sentences. A body of none is rejected anyway."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of one source in one run.

    ``items`` are all of its input items, ``answered`` those that were there (read, or unchanged
    by their own account), ``not_modified`` those of them that said no more than that. ``articles``
    and ``rejected`` are of what was read. ``new`` and ``duplicate`` count by fate, ``short`` the
    articles of fewer than ``SHORT_WORDS`` words. ``words`` is the articles' median length,
    ``languages`` counts them by language.
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
        """Documents that were cleaned."""
        return self.articles + self.rejected


def write_profiles(profiles: Mapping[str, Profile]) -> str:
    """Write profiles by source as JSON."""
    return json.dumps(
        {source: dataclasses.asdict(one) for source, one in profiles.items()}, ensure_ascii=False
    )


def read_profiles(text: str | None) -> dict[str, Profile]:
    """Read them; what a newer release added is left out."""
    known = {one.name for one in dataclasses.fields(Profile)}
    values: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return {
        source: Profile(**{name: value for name, value in one.items() if name in known})
        for source, one in values.items()
    }
