"""The compiled search for elements, where it could be built; see tasks/cleaning/html/native.py."""

from __future__ import annotations

import os
from types import ModuleType

native_elements: ModuleType | None = None

if os.environ.get("COPYDESK_NATIVE") != "0":
    try:
        from tasks.cleaning.metadata import _elements as native_elements
    except ImportError:
        native_elements = None
    if native_elements is not None and not native_elements.FITS:
        native_elements = None
