"""What a check of the lake or the published file found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed check: its name and sentence, the number of rows, an example, and the remedy."""

    check: str
    says: str
    rows: int
    example: str
    mend: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        return f"{self.check}: {self.says} ({self.rows}, such as {self.example}); fix: {self.mend}"
