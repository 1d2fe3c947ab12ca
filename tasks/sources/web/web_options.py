"""How sources of the web are read, as whoever opens them says it."""

from __future__ import annotations

from dataclasses import dataclass, field

from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources.web.fetch.fetcher import Policy


@dataclass(frozen=True, slots=True)
class Web:
    """How sources of the web are read; without ``kind``, each address tells what it is."""

    policy: Policy = field(default_factory=Policy)
    kind: SourceKind | None = None
