"""The last check of every article: its values are converted to what every table can store.

Metadata may contain half a surrogate pair, dates beyond the calendar, or malformed addresses. Each
bad value is dropped separately.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from copydesk.schemas.article import Article, Cut
from copydesk.schemas.columns import FIELDS, MARKDOWN
from copydesk.schemas.table_model import Column, ColumnType
from copydesk.schemas.values import (
    instant,
    sound,
    sound_map,
    sound_or_none,
    sound_texts,
    web_address,
)


def _address(address: str | None) -> str | None:
    return None if address is None else web_address(address)


def _made_sound(column: Column) -> Callable[[Any], Any]:
    if column.kind is ColumnType.TEXT:
        return _address if column.name.endswith("_url") else sound_or_none
    return instant if column.kind is ColumnType.TIME else sound_texts


_FIELDS: Final = tuple((column.name, _made_sound(column)) for column in (MARKDOWN, *FIELDS))


def sound_article(article: Article) -> Article:
    """Return the article with storable values; a dropped value loses its evidence, too."""
    values: dict[str, Any] = {"title": sound(article.title), "text": sound(article.text)}
    values |= {name: made_sound(getattr(article, name)) for name, made_sound in _FIELDS}
    values["cuts"] = _sound_cuts(article.cuts)
    changed = {name: value for name, value in values.items() if value != getattr(article, name)}
    evidence, reservations = sound_map(article.evidence), sound_map(article.reservations)
    if lost_fields := {name for name, value in changed.items() if value is None}:
        evidence = {name: entry for name, entry in evidence.items() if name not in lost_fields}
    if not changed and evidence is article.evidence and reservations is article.reservations:
        return article
    return replace(article, **changed, evidence=evidence, reservations=reservations)


def _sound_cuts(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """Check all removed passages at once, because a page has about 150."""
    joined = "\n".join([cut.text for cut in cuts])
    if sound(joined) == joined:
        return cuts
    return tuple(replace(cut, text=sound(cut.text)) for cut in cuts)
