"""The compiled search for elements, or None: then the same is done in Python."""

from __future__ import annotations

from tasks.cleaning.compiled import compiled

(native_elements,) = compiled("tasks.cleaning.metadata._elements")
if native_elements is not None and not native_elements.FITS:
    native_elements = None
