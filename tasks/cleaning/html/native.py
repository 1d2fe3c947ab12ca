"""The compiled loops over a page's blocks; each is None where it is not available."""

from __future__ import annotations

from copydesk.schemas.native_loader import compiled

(
    native_blocks,
    native_features,
    native_forest,
    native_kinds,
    native_octets,
    native_rules,
    native_surroundings,
    native_texts,
    native_writing,
) = compiled(
    "copydesk.tasks.cleaning.html._blocks",
    "copydesk.tasks.cleaning.html._features",
    "copydesk.tasks.cleaning.html._forest",
    "copydesk.tasks.cleaning.html._page_kind",
    "copydesk.tasks.cleaning.html._parser_limits",
    "copydesk.tasks.cleaning.html._rules",
    "copydesk.tasks.cleaning.html._context_features",
    "copydesk.tasks.cleaning.html._text_features",
    "copydesk.tasks.cleaning.html._writing",
)
