"""The compiled search for elements, or None: then the same is done in Python."""

from __future__ import annotations

from copydesk.tasks.cleaning.native_loader import compiled

(native_elements,) = compiled("copydesk.tasks.cleaning.metadata._elements")
if native_elements is not None and not native_elements.FITS:
    native_elements = None
