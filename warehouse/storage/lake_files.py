"""What a lake is made of, for what works on its files and knows nothing of runs."""

from __future__ import annotations

from typing import Protocol

from copydesk.warehouse.storage.delta_tables import Tables
from copydesk.warehouse.storage.storage import Store


class LakeFiles(Protocol):
    """A store, and the Delta tables in it; ``copydesk.warehouse.lake.Lake`` is one."""

    @property
    def store(self) -> Store:
        """Where the files are."""
        ...

    @property
    def tables(self) -> Tables:
        """The tables, at one version each."""
        ...
