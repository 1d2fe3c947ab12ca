"""The compiled loops over lines of copied text; each is None where it is not available."""

from __future__ import annotations

from copydesk.schemas.native_loader import compiled

native_lines, native_columns, native_titles = compiled(
    "copydesk.tasks.cleaning._line_loops",
    "copydesk.tasks.cleaning._column_loops",
    "copydesk.tasks.cleaning._title_loops",
)
