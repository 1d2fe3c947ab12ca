"""The error of an input that cannot be found or understood at all."""

from __future__ import annotations

from schemas.errors import CopydeskError


class SourceError(CopydeskError):
    """An input as a whole is not usable; what befalls one item is a ``Missing`` instead."""
