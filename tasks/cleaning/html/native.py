"""The compiled loops over a page's blocks, or None: then the same is done in Python."""

from __future__ import annotations

from tasks.cleaning.compiled import compiled

(
    native_blocks,
    native_features,
    native_forest,
    native_kinds,
    native_octets,
    native_surroundings,
    native_texts,
) = compiled(
    "tasks.cleaning.html._blocks",
    "tasks.cleaning.html._features",
    "tasks.cleaning.html._forest",
    "tasks.cleaning.html._kinds",
    "tasks.cleaning.html._octets",
    "tasks.cleaning.html._surroundings",
    "tasks.cleaning.html._texts",
)
