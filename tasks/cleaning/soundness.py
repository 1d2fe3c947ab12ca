"""The last check of every article: its values are converted to what every table can store.

Metadata may contain half a surrogate pair, dates beyond the calendar, or malformed addresses. Each
bad value is dropped separately.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from copydesk.schemas.article import Article, Cut
from copydesk.schemas.columns import FIELDS, MARKDOWN, TEXT, TITLE
from copydesk.schemas.table_model import Column, ColumnType
from copydesk.schemas.values import (
    all_sound,
    instant,
    sound,
    sound_map,
    sound_texts,
    web_address,
)


def _made_sound(column: Column) -> Callable[[Any], Any]:
    if column.kind is ColumnType.TEXT:
        return web_address if column.name.endswith("_url") else sound
    return instant if column.kind is ColumnType.TIME else sound_texts


_FIELDS: Final = tuple(
    (column.name, _made_sound(column)) for column in (TITLE, TEXT, MARKDOWN, *FIELDS)
)


def sound_article(article: Article) -> Article:
    """Return the article with storable values; a dropped value loses its evidence, too."""
    changed: dict[str, Any] = {}
    for name, made_sound in (*_FIELDS, ("cuts", _sound_cuts)):
        value = getattr(article, name)
        if value is not None and (sound_value := made_sound(value)) != value:
            changed[name] = sound_value
    evidence, reservations = sound_map(article.evidence), sound_map(article.reservations)
    if lost_fields := {name for name, value in changed.items() if value is None}:
        evidence = {name: entry for name, entry in evidence.items() if name not in lost_fields}
    if not changed and evidence is article.evidence and reservations is article.reservations:
        return article
    return replace(article, **changed, evidence=evidence, reservations=reservations)


def _sound_cuts(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """Check all removed passages at once, because a page has about 150."""
    if all_sound([cut.text for cut in cuts]):
        return cuts
    return tuple(replace(cut, text=sound(cut.text)) for cut in cuts)
