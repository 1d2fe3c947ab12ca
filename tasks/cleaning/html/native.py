"""The compiled loops, where they could be built; without them the same is done in Python.

The ``.pyx`` files are compiled when the project is installed. A machine without a compiler gives
the same articles, more slowly; so does one where ``COPYDESK_NATIVE=0`` is set.
"""

from __future__ import annotations

import os
from types import ModuleType

native_blocks: ModuleType | None = None
native_kinds: ModuleType | None = None
native_octets: ModuleType | None = None
native_rows: ModuleType | None = None

if os.environ.get("COPYDESK_NATIVE") != "0":
    try:
        from tasks.cleaning.html import _blocks as native_blocks
        from tasks.cleaning.html import _kinds as native_kinds
        from tasks.cleaning.html import _octets as native_octets
        from tasks.cleaning.html import _rows as native_rows
    except ImportError:
        native_blocks = native_kinds = native_octets = native_rows = None
