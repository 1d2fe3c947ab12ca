"""The lake's tables, from which Arrow schemas, checks, comments and docs are derived.

Rows are only appended, and their order does not matter. A column that is added later is nullable:
older files read as null.
"""

from __future__ import annotations

from typing import Final

from copydesk.schemas.article import Access, CutKind, RejectReason
from copydesk.schemas.items import Fate
from copydesk.schemas.table_model import Column, ColumnType, Table, optional

READ: Final = "read"
"""The fate of an item that produced an article, until sealing compares it with the lake."""

FATES: Final = tuple(fate.value for fate in Fate)

_HASH: Final = r"[0-9a-f]{32}"
_SHA256: Final = r"[0-9a-f]{64}"
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
    pattern=_SHA256,
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

OBSERVATIONS = Table(
    "observations",
    "Readings of articles. Text is stored once for each article, content and cleaner; "
    "a row that changes only other fields has none.",
    (
        RUN_ID,
        BATCH,
        ITEM_ID,
        ARTICLE_ID,
        SOURCE,
        LOCATOR,
        URL,
        OBSERVED_AT,
        RAW_SHA256,
        CONTENT_HASH,
        RECORD_HASH,
        CLEANER_VERSION,
        TITLE,
        TEXT,
        MARKDOWN,
        *DERIVED,
        *METADATA,
    ),
    key=("item_id",),
)

CUT_COLUMNS: Final = (
    Column(
        "position",
        ColumnType.INTEGER,
        "Index of the block or paragraph in the document, from 0.",
        minimum=0,
    ),
    Column(
        "kind",
        ColumnType.TEXT,
        "Kind of the passage.",
        one_of=tuple(kind.value for kind in CutKind),
    ),
    Column("rule", ColumnType.TEXT, "The rule that removed the passage, or `model`."),
    Column(
        "score",
        ColumnType.REAL,
        "The model's probability (0 to 1) that the passage belongs to the article.",
        nullable=True,
    ),
    Column("text", ColumnType.TEXT, "The removed passage, unchanged."),
)
CUTS = Table(
    "cuts",
    "Passages that cleaning removed from articles, each with the rule that removed it.",
    (RUN_ID, BATCH, ITEM_ID, ARTICLE_ID, CONTENT_HASH, CLEANER_VERSION, *CUT_COLUMNS),
)

REJECTS = Table(
    "rejects",
    "Inputs that produced no article, each with the reason and the evidence.",
    (
        RUN_ID,
        BATCH,
        ITEM_ID,
        SOURCE,
        LOCATOR,
        URL,
        OBSERVED_AT,
        Column(
            "reason",
            ColumnType.TEXT,
            "Short name of the reason.",
            one_of=tuple(reason.value for reason in RejectReason),
        ),
        Column("detail", ColumnType.TEXT, "The reason as a sentence."),
        Column(
            "evidence",
            ColumnType.TEXT,
            "The evidence: the beginning of the input, its size.",
            nullable=True,
        ),
        RAW_SHA256,
        CLEANER_VERSION,
    ),
    key=("item_id",),
)

LEDGER = Table(
    "ledger",
    "Each input item of each run with its outcome: the record of every sighting. Rows of runs "
    "of the flow `reclean` are readings of stored bytes, not sightings.",
    (
        RUN_ID,
        BATCH,
        ITEM_ID,
        SOURCE,
        LOCATOR,
        URL,
        OBSERVED_AT,
        Column("fate", ColumnType.TEXT, "Outcome of the item.", one_of=(*FATES, READ)),
        Column(
            "reason",
            ColumnType.TEXT,
            "Short name of the reason, if there is one.",
            nullable=True,
        ),
        Column("detail", ColumnType.TEXT, "The reason as a sentence.", nullable=True),
        optional(ARTICLE_ID),
        optional(CONTENT_HASH),
        optional(RECORD_HASH),
        RAW_SHA256,
        Column(
            "fingerprint",
            ColumnType.TEXT,
            "Changes whenever the bytes may have changed.",
            nullable=True,
        ),
        optional(CLEANER_VERSION),
        HOW,
        Column("media_type", ColumnType.TEXT, "Media type as which it was cleaned.", nullable=True),
        Column(
            "hints",
            ColumnType.TEXT,
            "Metadata from a feed, an archive or an API that cleaning used, as JSON.",
            nullable=True,
        ),
    ),
    key=("item_id",),
)

RAW_INDEX = Table(
    "raw_index",
    "Place of each document's raw bytes: a record of a compressed WARC file.",
    (
        Column("sha256", ColumnType.TEXT, "SHA-256 of the bytes.", pattern=_SHA256),
        Column(
            "file",
            ColumnType.TEXT,
            "Path of the WARC file below the lake's root, or the address of an archive on the web.",
        ),
        Column(
            "offset", ColumnType.INTEGER, "Offset of the record in the file, in bytes.", minimum=0
        ),
        Column(
            "length", ColumnType.INTEGER, "Length of the compressed record, in bytes.", minimum=1
        ),
        Column("size", ColumnType.INTEGER, "Size of the document, in bytes.", minimum=0),
        Column("media_type", ColumnType.TEXT, "Media type stated by the source.", nullable=True),
        URL,
        OBSERVED_AT,
        HOW,
        RUN_ID,
        BATCH,
    ),
    key=("sha256",),
)

RUN_COUNTS: Final = tuple(
    Column(
        fate.value,
        ColumnType.INTEGER,
        f"Number of items whose fate is {fate.value}.",
        nullable=fate is Fate.RECLEANED,  # older lakes lack it
        minimum=0,
    )
    for fate in Fate
)
RUNS = Table(
    "runs",
    "One row for each run that ended. Rows of other tables count when their run is committed.",
    (
        RUN_ID,
        Column("state", ColumnType.TEXT, "How the run ended.", one_of=("committed", "abandoned")),
        Column("flow", ColumnType.TEXT, "The flow that ran."),
        SOURCE,
        Column(
            "slice_key",
            ColumnType.TEXT,
            "What the run covers completely; a later run of the same slice replaces it.",
            nullable=True,
        ),
        Column("parameters", ColumnType.TEXT, "The flow's parameters as JSON."),
        optional(CLEANER_VERSION),
        Column("host", ColumnType.TEXT, "Machine that ran it."),
        Column("pid", ColumnType.INTEGER, "Process that ran it.", minimum=0),
        Column("started_at", ColumnType.TIME, "When the run began."),
        Column("finished_at", ColumnType.TIME, "When it was committed or abandoned."),
        Column("reason", ColumnType.TEXT, "Why it was abandoned.", nullable=True),
        Column("items", ColumnType.INTEGER, "Number of its items in the ledger.", minimum=0),
        *RUN_COUNTS,
        Column(
            "warnings",
            ColumnType.TEXTS,
            "Findings of its quality gates; a held run with findings was released by a person.",
            nullable=True,
        ),
        Column(
            "profile",
            ColumnType.TEXT,
            "Counts by source as JSON, with which quality gates compare later runs.",
            nullable=True,
        ),
        Column(
            "released",
            ColumnType.TRUTH,
            "Whether a quality gate held it until a person released it; null in older rows.",
            nullable=True,
        ),
    ),
    key=("run_id",),
)

CONTENT: Final = Column(
    "content", ColumnType.INTEGER, "The first 64 bits of `content_hash`, as a signed integer."
)
SIGNING: Final = Column(
    "signing",
    ColumnType.INTEGER,
    "Version of the signature rules; texts are compared within a version only.",
    minimum=1,
)
MONTH: Final = Column(
    "month", ColumnType.DATE, "First day of the month of publication, else of the observation."
)
SIGNATURES = Table(
    "signatures",
    "Features by which texts are compared: length, and numbers and names as 16-bit hashes.",
    (
        RUN_ID,
        BATCH,
        CONTENT,
        CONTENT_HASH,
        SIGNING,
        MONTH,
        Column(
            "words",
            ColumnType.INTEGER,
            "Number of words; in scripts without spaces, two characters count as one.",
            minimum=0,
        ),
        Column("shingles", ColumnType.INTEGER, "Number of its rows in `shingles`.", minimum=0),
        Column("numbers", ColumnType.BYTES, "Hashes of the text's numbers."),
        Column("names", ColumnType.BYTES, "Hashes of capitalized words within sentences."),
        Column(
            "openers", ColumnType.BYTES, "Hashes of capitalized words that only begin sentences."
        ),
    ),
    key=("content_hash",),
)
SHINGLES = Table(
    "shingles",
    "A sample of each text's word sequences: one in eight, the same ones in every text.",
    (
        RUN_ID,
        CONTENT,
        SIGNING,
        MONTH,
        Column("hash", ColumnType.INTEGER, "Hash of the word sequence.", minimum=0),
    ),
)

FORGOTTEN = Table(
    "forgotten",
    "Identities that were removed by request and must not come back; hashes only.",
    (
        Column(
            "kind",
            ColumnType.TEXT,
            "Type of the identity.",
            one_of=("article_id", "item_id", "content_hash", "raw_sha256", "site"),
        ),
        Column("value", ColumnType.TEXT, "The identity, or the hash of a site's name or host."),
        Column("requested_at", ColumnType.TIME, "When the removal was requested."),
        Column("reason", ColumnType.TEXT, "The stated reason.", nullable=True),
        RUN_ID,
    ),
)

TABLES: Final = {
    table.name: table
    for table in (
        *(OBSERVATIONS, CUTS, REJECTS, LEDGER, SIGNATURES, SHINGLES, RAW_INDEX),
        *(RUNS, FORGOTTEN),
    )
}
FRAMES: Final = ("observations", "cuts", "rejects", "ledger")
"""Names of the frames of a batch."""

SIGNED: Final = ("signatures", "shingles")
"""Names of a batch's optional Arrow tables: signatures of its texts."""
