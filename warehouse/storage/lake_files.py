"""The parts of a lake, for code that works on its files and knows nothing of runs."""

from __future__ import annotations

from typing import Protocol

from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.storage import Store


class LakeFiles(Protocol):
    """A store, and the Delta tables in it; ``copydesk.warehouse.lake.Lake`` is one."""

    @property
    def store(self) -> Store:
        """The lake's files."""
        ...

    @property
    def tables(self) -> Tables:
        """The lake's Delta tables."""
        ...
