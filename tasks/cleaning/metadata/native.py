"""The compiled element search; None where it is not available and the Python one is used."""

from __future__ import annotations

from copydesk.schemas.native_loader import compiled

(native_elements,) = compiled("copydesk.tasks.cleaning.metadata._elements")
if native_elements is not None and not native_elements.FITS:
    native_elements = None
