"""Options for reading web sources."""

from __future__ import annotations

from dataclasses import dataclass, field

from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources.web.fetch.fetcher import Policy


@dataclass(frozen=True, slots=True)
class Web:
    """Options for reading web sources; without ``kind``, each address determines its kind."""

    policy: Policy = field(default_factory=Policy)
    kind: SourceKind | None = None
