"""The compiled loops over lines of copied text; None where they are not available."""

from __future__ import annotations

from copydesk.schemas.native_loader import compiled

(native_lines,) = compiled("copydesk.tasks.cleaning._line_loops")
