"""Maps columns of tables to fields of articles, and reads rows."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from copydesk.schemas.article import Hints
from copydesk.schemas.values import sound, web_address
from copydesk.tasks.sources.dates.parse import parse_date
from copydesk.tasks.sources.formats.html_wrapping import (
    HTML,
    TEXT,
    is_page,
    looks_like_html,
    page_of,
    text_of,
)

EVIDENT = {
    "html": ("html", "raw_html", "page_html", "html_content", "content_html", "body_html", "page"),
    "markdown": ("markdown", "content_markdown", "body_markdown", "md"),
    "text": ("text", "body", "content", "article", "article_text", "full_text", "maintext",
             "plain_text", "content_text", "raw_text", "article_body", "story"),
    "title": ("title", "headline", "headlines", "name"),
    "url": ("url", "link", "uri", "source_url", "page_url", "article_url", "web_url", "permalink",
            "canonical_url"),
    "id": ("id", "_id", "article_id", "doc_id", "document_id", "guid", "uuid", "key"),
    "authors": ("authors", "author", "byline", "creator", "writer"),
    "published_at": ("published_at", "date_gmt", "post_date_gmt", "published", "date_published",
                     "date_publish", "publish_date", "publication_date", "pub_date", "pubdate",
                     "publishedat", "datetime", "date", "timestamp", "created_at"),
    "modified_at": ("modified_at", "modified_gmt", "post_modified_gmt", "date_modified",
                    "date_modify", "last_modified", "updated_at", "updated", "modified"),
    "language": ("language", "lang", "locale"),
    "section": ("section", "category"),
    "tags": ("tags", "keywords", "categories"),
}  # fmt: skip
"""Names that data sets of articles give their columns (Hugging Face, Kaggle, news-please, feeds),
the likelier first. Compared without case, with ``-``, ``.`` and spaces as ``_``."""

BODIES = ("html", "markdown", "text")
"""Columns that hold an article, the one nearest to the published page first."""


@dataclass(frozen=True, slots=True)
class RowDocument:
    """A row as a document: its body, address, id and metadata."""

    body: bytes
    media_type: str
    hints: Hints
    url: str | None
    id: str | None
    fingerprint: str


def map_columns(names: Iterable[str], named_columns: Mapping[str, str]) -> dict[str, str]:
    """Find the column of each field: the one the user named, else one with an evident name.

    A named column that does not exist is ignored.

    Raises:
        ValueError: no column holds an article.
    """
    names = list(names)
    plain = {_plain(name): name for name in reversed(names)}
    columns = {
        field: next(plain[name] for name in evident if name in plain)
        for field, evident in EVIDENT.items()
        if any(name in plain for name in evident)
    }
    if any(field in named_columns for field in BODIES):  # who names the body means this one alone
        columns = {field: column for field, column in columns.items() if field not in BODIES}
    columns |= {field: column for field, column in named_columns.items() if column in names}
    if not any(field in columns for field in BODIES):
        raise ValueError(
            "no column is known to hold the article; name it, such as text=COLUMN. "
            f"There are: {', '.join(names) or 'none'}"
        )
    return columns


def row_identity(row: Mapping[str, object], named_columns: Mapping[str, str]) -> str | None:
    """Return the id of a row without an article, else its address, else None."""
    plain = {_plain(name): name for name in reversed(list(row))}
    for field in ("id", "url"):
        evident = (plain[name] for name in EVIDENT[field] if name in plain)
        names = [name for name in (named_columns.get(field, ""), *evident) if name in row]
        identity = _text(row[names[0]]) if names else None
        if identity:
            return identity if field == "id" else web_address(identity)
    return None


def read_row(row: Mapping[str, object], columns: Mapping[str, str]) -> RowDocument | None:
    """Make a document from a row; None if its body is empty."""
    values = {field: row.get(column) for field, column in columns.items()}
    field = next((field for field in BODIES if _text(values.get(field))), None)
    if field is None:
        return None
    hints = Hints(
        title=_text(values.get("title")),
        authors=_texts(values.get("authors")),
        published_at=parse_date(values.get("published_at")),
        modified_at=parse_date(values.get("modified_at")),
        language=_text(values.get("language")),
        section=_text(values.get("section")),
        tags=_texts(values.get("tags")),
    )
    url = web_address(_text(values.get("url")) or "")
    text = _text(values[field]) or ""
    if field == "html" or (field == "text" and looks_like_html(text)):
        body = text.encode() if is_page(text) else page_of(text, hints)
        media_type = HTML
    elif field == "markdown":
        body, media_type = text.encode(), "text/markdown; charset=utf-8"
    else:
        body, media_type = text_of(text, hints), TEXT
    serialized = json.dumps(values, ensure_ascii=True, default=str, sort_keys=True)
    return RowDocument(
        body=body,
        media_type=media_type,
        hints=hints,
        url=url,
        id=_text(values.get("id")) or url,
        fingerprint=hashlib.blake2b(serialized.encode(), digest_size=12).hexdigest(),
    )


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_").replace(".", "_")


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, Mapping):  # WordPress and others: {"rendered": "…"}, {"name": "…"}
        value = next(
            (value[key] for key in ("rendered", "name", "value", "$oid") if key in value), None
        )
    if value is None or isinstance(value, (list, tuple, dict, bool)):
        return None
    if isinstance(value, float) and not math.isfinite(value):  # how tables write what is missing
        return None
    return sound(str(value)).strip() or None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(text for element in value if (text := _text(element)))
    text = _text(value)
    return (text,) if text else ()
