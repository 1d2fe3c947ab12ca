"""Columns that several tables share, and those of an article's fields."""

from __future__ import annotations

from typing import Final

from copydesk.schemas.article import Access
from copydesk.schemas.table_model import Column, ColumnType

_HASH: Final = r"[0-9a-f]{32}"
SHA256_PATTERN: Final = r"[0-9a-f]{64}"
_SOURCE: Final = r"\S(.*\S)?"

RUN_ID = Column("run_id", ColumnType.TEXT, "The run that wrote the row.", pattern=r"[\w.:+-]+")
BATCH = Column("batch", ColumnType.INTEGER, "The batch of the run, from 0.", minimum=0)
ITEM_ID = Column(
    "item_id",
    ColumnType.TEXT,
    "Identity of the item: hash of its source and its place there.",
    pattern=_HASH,
)
ARTICLE_ID = Column(
    "article_id",
    ColumnType.TEXT,
    "Identity of the article: hash of its credible canonical address, else of where it was read.",
    pattern=_HASH,
)
SOURCE = Column("source", ColumnType.TEXT, "Name of the source.", pattern=_SOURCE)
LOCATOR = Column(
    "locator", ColumnType.TEXT, "The item's place in its source, the same in every run."
)
URL = Column("url", ColumnType.TEXT, "Address that was read; `file:` and the path for a file.")
OBSERVED_AT = Column(
    "observed_at",
    ColumnType.TIME,
    "When the content was current (UTC): when it was fetched, or an archive record's date.",
)
CONTENT_HASH = Column(
    "content_hash",
    ColumnType.TEXT,
    "Hash of title and text in NFC; runs of white space count as one space.",
    pattern=_HASH,
)
RECORD_HASH = Column(
    "record_hash",
    ColumnType.TEXT,
    "Hash of everything that cleaning found, and of the cleaner's version.",
    pattern=_HASH,
)
RAW_SHA256 = Column(
    "raw_sha256",
    ColumnType.TEXT,
    "SHA-256 of the raw bytes; the key of `raw_index`.",
    nullable=True,
    pattern=SHA256_PATTERN,
)
CLEANER_VERSION = Column(
    "cleaner_version", ColumnType.TEXT, "Version of the cleaner that produced the row."
)
HOW = Column(
    "how",
    ColumnType.MAP,
    "Metadata of the transport: HTTP status, validators, encoding.",
    nullable=True,
)

TITLE = Column("title", ColumnType.TEXT, "The title without the site's name.")
TEXT = Column(
    "text", ColumnType.TEXT, "The body: paragraphs joined by a blank line, without the title."
)

#: Columns that cleaning fills beside title and text, each a field of ``Article``. Every other list
#: of these fields is derived from this. Names that end in ``_url`` are addresses.
METADATA: Final = (
    Column(
        "standfirst", ColumnType.TEXT, "The introductory sentence below the title.", nullable=True
    ),
    Column(
        "authors", ColumnType.TEXTS, "Names of the authors, in the page's order.", nullable=True
    ),
    Column(
        "published_at",
        ColumnType.TIME,
        "Time of publication, as stated by the page or its feed.",
        nullable=True,
    ),
    Column(
        "modified_at",
        ColumnType.TIME,
        "Time of the last change, as stated by the page or its feed.",
        nullable=True,
    ),
    Column(
        "language", ColumnType.TEXT, "Language of the text, such as `en` or `pt-BR`.", nullable=True
    ),
    Column("site", ColumnType.TEXT, "Name of the site or publication.", nullable=True),
    Column("section", ColumnType.TEXT, "Section of the site.", nullable=True),
    Column("tags", ColumnType.TEXTS, "Keywords stated by the page.", nullable=True),
    Column("image_url", ColumnType.TEXT, "Address of the main picture.", nullable=True),
    Column(
        "canonical_url", ColumnType.TEXT, "The canonical address stated by the page.", nullable=True
    ),
    Column(
        "access",
        ColumnType.TEXT,
        "How much readers get, as the page declares or shows; null if it says nothing.",
        nullable=True,
        one_of=tuple(access.value for access in Access),
    ),
    Column(
        "quality",
        ColumnType.REAL,
        "Estimated probability (0 to 1) that the text has a word F1 of at least 0.9; "
        "null where no model chose it.",
        nullable=True,
        minimum=0,
    ),
    Column(
        "reservations",
        ColumnType.MAP,
        "Rights reserved against text and data mining or AI, by kind, with where each was "
        "observed; null if none was.",
        nullable=True,
    ),
    Column(
        "evidence",
        ColumnType.MAP,
        "Where each field's value was found, by field name.",
        nullable=True,
    ),
)
#: The metadata by which articles are compared: what their documents say in a word.
FIELDS: Final = tuple(
    column for column in METADATA if column.kind not in (ColumnType.MAP, ColumnType.REAL)
)
FIELD_NAMES: Final = tuple(column.name for column in FIELDS)
MARKDOWN = Column(
    "markdown",
    ColumnType.TEXT,
    "The body as Markdown: headings, lists, tables, quotations, code, links; no pictures.",
    nullable=True,
)
#: Columns computed from title and text, by the functions in ``schemas/arrow.py``.
DERIVED: Final = (
    Column("word_count", ColumnType.INTEGER, "Number of words in the text.", minimum=0),
    Column(
        "characters",
        ColumnType.INTEGER,
        "Number of characters in the text.",
        nullable=True,
        minimum=0,
    ),
    Column(
        "host",
        ColumnType.TEXT,
        "Registrable domain of the address, such as `paper.example`; null for a file.",
        nullable=True,
    ),
)
