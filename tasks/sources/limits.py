"""How much of anything a source reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that no input may pass, in bytes after decompression unless said otherwise."""

    document: int = 20_000_000
    """The largest page among 1,497 measured ones is 1.8 MB; ten times that is no article."""

    members: int = 10_000_000
    """Members of one archive: far above any real one, so that a crafted directory ends."""

    line: int = 40_000_000
    """One row of JSON Lines or CSV: a document and as much again of other columns."""
