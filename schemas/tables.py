"""The lake's tables, from which Arrow schemas, checks, comments and docs are derived.

Rows are only appended, and their order does not matter. A column that is added later is nullable:
older files read as null.
"""

from __future__ import annotations

from typing import Final

from copydesk.schemas.article import CutKind, RejectReason
from copydesk.schemas.columns import (
    ARTICLE_ID,
    BATCH,
    CLEANER_VERSION,
    CONTENT_HASH,
    DERIVED,
    HOW,
    ITEM_ID,
    LOCATOR,
    MARKDOWN,
    METADATA,
    OBSERVED_AT,
    RAW_SHA256,
    RECORD_HASH,
    RUN_ID,
    SHA256_PATTERN,
    SOURCE,
    TEXT,
    TITLE,
    URL,
)
from copydesk.schemas.items import Fate
from copydesk.schemas.table_model import Column, ColumnType, Table, optional

READ: Final = "read"
"""The fate of an item that produced an article, until sealing compares it with the lake."""

FATES: Final = tuple(fate.value for fate in Fate)

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
        Column("sha256", ColumnType.TEXT, "SHA-256 of the bytes.", pattern=SHA256_PATTERN),
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
