"""The lake and the published file: the only part of the project that writes.

``connect`` opens the published tables; importing this package loads no database.
"""

from __future__ import annotations

from copydesk.warehouse.query.connect import Reader, connect

__all__ = ["Reader", "connect"]
