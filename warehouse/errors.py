"""Errors of the lake and of the published file.

WarehouseError
├── LakeError       the lake cannot be opened, read or written
│   ├── InvalidBatch  rows break the tables' checks; nothing of the batch was stored
│   ├── RunEnded      the run is committed or abandoned; its id cannot be used again
│   └── RunHeld       a quality gate holds the run until it is released or dropped
└── PublishError    no version could be published, or there is none to read
"""

from __future__ import annotations

from copydesk.schemas.errors import CopydeskError


class WarehouseError(CopydeskError):
    """The lake or the published file is not usable."""


class LakeError(WarehouseError):
    """The lake cannot be opened, read or written."""


class InvalidBatch(LakeError):  # noqa: N818  named for what is wrong
    """Rows break the tables' checks; ``rows`` names each with its column and value."""

    def __init__(self, message: str, rows: tuple[str, ...]) -> None:
        super().__init__(message, rows)
        self.rows = rows

    def __str__(self) -> str:
        """Return the message alone."""
        return str(self.args[0])


class RunEnded(LakeError):  # noqa: N818
    """The run is committed or abandoned; nothing can be added to it."""


class RunHeld(LakeError):  # noqa: N818
    """A quality gate holds the sealed run until somebody releases or drops it."""


class PublishError(WarehouseError):
    """No version could be published, or there is none to read; the old version is unchanged."""
