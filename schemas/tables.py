"""The lake's tables. Every other form of them is made from this: Arrow, checks, comments, docs.

Rows are only ever appended, so that a table can be told from its rows in any order. A column
added later is nullable: older files read as null.
"""

from __future__ import annotations

from typing import Final

from copydesk.schemas.article import CutKind, RejectReason
from copydesk.schemas.items import Fate
from copydesk.schemas.table_model import Column, Kind, Table, optional

READ: Final = "read"
"""The fate of an item that gave an article, until sealing compares it with the lake."""

FATES: Final = tuple(fate.value for fate in Fate)

_HASH: Final = r"[0-9a-f]{32}"
_SHA256: Final = r"[0-9a-f]{64}"
_SOURCE: Final = r"\S(.*\S)?"

RUN_ID = Column("run_id", Kind.TEXT, "The run that wrote the row.", pattern=r"[\w.:+-]+")
BATCH = Column("batch", Kind.INTEGER, "The batch of the run, from 0.", minimum=0)
ITEM_ID = Column(
    "item_id", Kind.TEXT, "Identity of the item: its source and its place there.", pattern=_HASH
)
ARTICLE_ID = Column(
    "article_id",
    Kind.TEXT,
    "Identity of the article: its credible canonical address, else where it was read.",
    pattern=_HASH,
)
SOURCE = Column("source", Kind.TEXT, "Name of the source.", pattern=_SOURCE)
LOCATOR = Column("locator", Kind.TEXT, "The item's place in its source, the same in every run.")
URL = Column("url", Kind.TEXT, "Address that was read; `file:` and the path for a file.")
OBSERVED_AT = Column("observed_at", Kind.TIME, "When the bytes were true (UTC).")
CONTENT_HASH = Column(
    "content_hash",
    Kind.TEXT,
    "Hash of the title and text in NFC, white space joined.",
    pattern=_HASH,
)
RECORD_HASH = Column(
    "record_hash",
    Kind.TEXT,
    "Hash of everything that cleaning found, and of the cleaner's version.",
    pattern=_HASH,
)
RAW_SHA256 = Column(
    "raw_sha256",
    Kind.TEXT,
    "SHA-256 of the bytes as they came; the key of `raw_index`.",
    nullable=True,
    pattern=_SHA256,
)
CLEANER_VERSION = Column(
    "cleaner_version", Kind.TEXT, "Version of the cleaner that read the bytes."
)
HOW = Column(
    "how", Kind.MAP, "What else the transport said: status, validators, encoding.", nullable=True
)

TITLE = Column("title", Kind.TEXT, "The title, once, without the site's name.")
TEXT = Column("text", Kind.TEXT, "The body: paragraphs joined by a blank line, without the title.")

#: What cleaning finds beside title and text, each a field of ``Article``. All else that names these
#: fields takes them from here. A name that ends in ``_url`` is an address.
METADATA: Final = (
    Column("standfirst", Kind.TEXT, "The line below the title.", nullable=True),
    Column("authors", Kind.TEXTS, "The authors' names in the page's order.", nullable=True),
    Column("published_at", Kind.TIME, "When the page says that it was published.", nullable=True),
    Column("modified_at", Kind.TIME, "When the page says that it was changed.", nullable=True),
    Column("language", Kind.TEXT, "Language of the text, such as `en` or `pt-BR`.", nullable=True),
    Column("site", Kind.TEXT, "Name of the site or publication.", nullable=True),
    Column("section", Kind.TEXT, "Section of the site.", nullable=True),
    Column("tags", Kind.TEXTS, "Keywords that the page names.", nullable=True),
    Column("image_url", Kind.TEXT, "Address of the leading picture.", nullable=True),
    Column("canonical_url", Kind.TEXT, "The address that the page calls its own.", nullable=True),
    Column("evidence", Kind.MAP, "Where each field was found, by the field's name.", nullable=True),
)
#: Those that an article is compared by: all but where they were found.
FIELDS: Final = tuple(column for column in METADATA if column.kind is not Kind.MAP)
FIELD_NAMES: Final = tuple(column.name for column in FIELDS)
MARKDOWN = Column(
    "markdown", Kind.TEXT, "The body with headings, lists and links as Markdown.", nullable=True
)
#: What is worked out of title and text: ``schemas/arrow.py`` says how.
DERIVED: Final = (Column("word_count", Kind.INTEGER, "Number of words in the text.", minimum=0),)

OBSERVATIONS = Table(
    "observations",
    "What was read of an article. Text stands once for each article, content and cleaner; "
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
    Column("position", Kind.INTEGER, "Block or paragraph of the document, from 0.", minimum=0),
    Column(
        "kind", Kind.TEXT, "What the passage was.", one_of=tuple(kind.value for kind in CutKind)
    ),
    Column("rule", Kind.TEXT, "The rule that removed it, or `model`."),
    Column(
        "score", Kind.REAL, "The model's probability that it belongs to the article.", nullable=True
    ),
    Column("text", Kind.TEXT, "The passage as it stood."),
)
CUTS = Table(
    "cuts",
    "What cleaning removed from an article: the evidence for a passage that somebody misses.",
    (RUN_ID, BATCH, ITEM_ID, ARTICLE_ID, CONTENT_HASH, CLEANER_VERSION, *CUT_COLUMNS),
)

REJECTS = Table(
    "rejects",
    "Inputs that gave no article, each with the reason and what was seen.",
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
            Kind.TEXT,
            "Short name of the reason.",
            one_of=tuple(reason.value for reason in RejectReason),
        ),
        Column("detail", Kind.TEXT, "The reason as a sentence."),
        Column(
            "evidence", Kind.TEXT, "What was seen: the head of the input, its size.", nullable=True
        ),
        RAW_SHA256,
        CLEANER_VERSION,
    ),
    key=("item_id",),
)

LEDGER = Table(
    "ledger",
    "Each input item of each run and what became of it: the record of every sighting. Rows of a "
    "run of the flow `reclean` are readings of bytes that were kept, and no sightings.",
    (
        RUN_ID,
        BATCH,
        ITEM_ID,
        SOURCE,
        LOCATOR,
        URL,
        OBSERVED_AT,
        Column("fate", Kind.TEXT, "What became of the item.", one_of=(*FATES, READ)),
        Column("reason", Kind.TEXT, "Short name of the reason, where there is one.", nullable=True),
        Column("detail", Kind.TEXT, "The reason as a sentence.", nullable=True),
        optional(ARTICLE_ID),
        optional(CONTENT_HASH),
        optional(RECORD_HASH),
        RAW_SHA256,
        Column("fingerprint", Kind.TEXT, "Differs whenever the bytes may differ.", nullable=True),
        optional(CLEANER_VERSION),
        HOW,
        Column("media_type", Kind.TEXT, "Media type with which it was cleaned.", nullable=True),
        Column(
            "hints",
            Kind.TEXT,
            "What a feed, an archive or an API said of it, with which it was cleaned, as JSON.",
            nullable=True,
        ),
    ),
    key=("item_id",),
)

RAW_INDEX = Table(
    "raw_index",
    "Where the bytes of a document lie: a record of a compressed WARC file.",
    (
        Column("sha256", Kind.TEXT, "SHA-256 of the bytes.", pattern=_SHA256),
        Column("file", Kind.TEXT, "The WARC file, below the lake's root."),
        Column("offset", Kind.INTEGER, "First byte of the record in the file.", minimum=0),
        Column("length", Kind.INTEGER, "Bytes of the compressed record.", minimum=1),
        Column("size", Kind.INTEGER, "Bytes of the document.", minimum=0),
        Column("media_type", Kind.TEXT, "Media type as the source gave it.", nullable=True),
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
        Kind.INTEGER,
        f"Items whose fate is {fate.value}.",
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
        Column("state", Kind.TEXT, "How the run ended.", one_of=("committed", "abandoned")),
        Column("flow", Kind.TEXT, "The flow that ran."),
        SOURCE,
        Column(
            "slice_key",
            Kind.TEXT,
            "What the run covers whole: a later run of it counts instead.",
            nullable=True,
        ),
        Column("parameters", Kind.TEXT, "The flow's parameters as JSON."),
        optional(CLEANER_VERSION),
        Column("host", Kind.TEXT, "Machine that ran it."),
        Column("pid", Kind.INTEGER, "Process that ran it.", minimum=0),
        Column("started_at", Kind.TIME, "When the run began."),
        Column("finished_at", Kind.TIME, "When it was committed or abandoned."),
        Column("reason", Kind.TEXT, "Why it was abandoned.", nullable=True),
        Column("items", Kind.INTEGER, "Items that it has in the ledger.", minimum=0),
        *RUN_COUNTS,
        Column(
            "warnings",
            Kind.TEXTS,
            "What its quality gates found: of a run that was held, it was released all the same.",
            nullable=True,
        ),
        Column(
            "profile",
            Kind.TEXT,
            "Counts by source as JSON, which later runs are judged by.",
            nullable=True,
        ),
    ),
    key=("run_id",),
)

CONTENT: Final = Column(
    "content", Kind.INTEGER, "The first 64 bits of `content_hash`, as a signed number."
)
SIGNING: Final = Column(
    "signing", Kind.INTEGER, "Version of the rules of signing: others are not compared.", minimum=1
)
MONTH: Final = Column(
    "month", Kind.DATE, "First day of the month of publication, or of the observation."
)
SIGNATURES = Table(
    "signatures",
    "By what a text is compared with others: its length and its facts, as hashes of 16 bits.",
    (
        RUN_ID,
        BATCH,
        CONTENT,
        CONTENT_HASH,
        SIGNING,
        MONTH,
        Column("words", Kind.INTEGER, "Words; two letters without spaces are one.", minimum=0),
        Column("shingles", Kind.INTEGER, "Rows that it has in `shingles`.", minimum=0),
        Column("numbers", Kind.BYTES, "Hashes of its numbers."),
        Column("names", Kind.BYTES, "Hashes of words with a capital within sentences."),
        Column("openers", Kind.BYTES, "Hashes of words with a capital that only open sentences."),
    ),
    key=("content_hash",),
)
SHINGLES = Table(
    "shingles",
    "A sample of the runs of words of each text: one in eight, the same ones in every text.",
    (
        RUN_ID,
        CONTENT,
        SIGNING,
        MONTH,
        Column("hash", Kind.INTEGER, "Hash of the run of words.", minimum=0),
    ),
)

FORGOTTEN = Table(
    "forgotten",
    "What was removed by request and must not come back; holds hashes alone.",
    (
        Column(
            "kind",
            Kind.TEXT,
            "What the value identifies.",
            one_of=("article_id", "item_id", "content_hash", "raw_sha256", "site"),
        ),
        Column("value", Kind.TEXT, "The identity, or the hash of a site's name."),
        Column("requested_at", Kind.TIME, "When the removal was asked for."),
        Column("reason", Kind.TEXT, "The reason that was given.", nullable=True),
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
"""The frames of a batch."""

SIGNED: Final = ("signatures", "shingles")
"""What a batch may bring beside its frames: signatures of its texts, as Arrow tables."""
