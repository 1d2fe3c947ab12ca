"""The compiled loops over the lines of copied text, or None: then Python does the same."""

from __future__ import annotations

from copydesk.tasks.cleaning.native_loader import compiled

(native_lines,) = compiled("copydesk.tasks.cleaning._line_loops")
