"""The published tables, which publishing derives from the lake's tables.

Publishing computes what depends on order: revisions, current rows, copies and times of sighting.
"""

from __future__ import annotations

from typing import Final

from copydesk.schemas.analysis_views import CONTAINMENT, JACCARD
from copydesk.schemas.columns import (
    ARTICLE_ID,
    CLEANER_VERSION,
    CONTENT_HASH,
    DERIVED,
    ITEM_ID,
    LOCATOR,
    MARKDOWN,
    METADATA,
    RAW_SHA256,
    RECORD_HASH,
    SOURCE,
    TEXT,
    TITLE,
    URL,
)
from copydesk.schemas.table_model import Column, ColumnType, Table, optional
from copydesk.schemas.tables import CUT_COLUMNS, LEDGER, REJECTS, RUNS

STORED_BY: Final = Column("run_id", ColumnType.TEXT, "The run that stored the text.")
REVISION: Final = Column(
    "revision", ColumnType.INTEGER, "Number of the revision, from 1.", minimum=1
)
FIRST_SEEN: Final = Column("first_seen_at", ColumnType.TIME, "When the article was first observed.")
LAST_SEEN: Final = Column(
    "last_seen_at", ColumnType.TIME, "When the article was last observed, changed or not."
)
GONE: Final = Column(
    "gone_at",
    ColumnType.TIME,
    "When its site was first found to have taken it down; null while it stands.",
    nullable=True,
)
DUPLICATE_OF: Final = Column(
    "duplicate_of",
    ColumnType.TEXT,
    "The original that this article repeats, completely or in part: of all copies the one "
    "published first, then seen first.",
    nullable=True,
)
RELATIONS: Final = ("exact", "near", "contained", "contains")
REVISION_CHANGES: Final = (
    *("none", "reverted", "formatting", "headline", "correction"),
    *("extension", "cut", "edit", "rewrite"),
)
_SCORES: Final = (
    Column(
        "shared",
        ColumnType.INTEGER,
        "Number of sampled word sequences in both texts.",
        nullable=True,
    ),
    JACCARD,
    CONTAINMENT,
    Column(
        "numbers",
        ColumnType.REAL,
        "Share of numbers in the text with fewer that are in the other; null without numbers.",
        nullable=True,
    ),
    Column(
        "names",
        ColumnType.REAL,
        "Share of names in the text with fewer that are in the other; null without names.",
        nullable=True,
    ),
)

REVISIONS: Final = Table(
    "revisions",
    "Every revision of every article, with the period in which it was current.",
    (
        ARTICLE_ID,
        REVISION,
        Column("is_current", ColumnType.TRUTH, "Whether it is the article's newest revision."),
        Column("valid_from", ColumnType.TIME, "When this revision was first observed."),
        Column(
            "valid_to", ColumnType.TIME,
            "When the next revision was first observed; null while current.",
            nullable=True,
        ),
        Column("reverted", ColumnType.TRUTH, "Whether an earlier revision had the same content."),
        Column(
            "cause", ColumnType.TEXT,
            "Why it differs from the revision before: `content`, or `unknown` "
            "where page and cleaner both changed; `first` of the first.",
            one_of=("first", "content", "unknown"),
        ),
        Column(
            "change", ColumnType.TEXT, "How it changed the previous revision; null for the first.",
            nullable=True, one_of=REVISION_CHANGES,
        ),
        Column(
            "share_changed", ColumnType.REAL,
            "Share of both texts' words that are not in the other, from 0 to 1.", nullable=True,
        ),
        URL, SOURCE, TITLE, TEXT, MARKDOWN, *DERIVED, *METADATA, CONTENT_HASH, RECORD_HASH,
        CLEANER_VERSION, ITEM_ID, LOCATOR, RAW_SHA256, STORED_BY,
        Column(
            "stored_as", ColumnType.TEXT,
            "The article's id in `ledger` and in the lake: another one "
            "where pages with differing texts claim one canonical address.",
        ),
    ),
    key=("article_id", "revision"),
)  # fmt: skip

SIGHTINGS: Final = Table(
    "sightings",
    "When each article was seen, and what it repeats; one row for each article.",
    (
        ARTICLE_ID, FIRST_SEEN, LAST_SEEN,
        Column("times", ColumnType.INTEGER,
               "Number of times that the article was seen.", minimum=1),
        DUPLICATE_OF, GONE,
    ),
    key=("article_id",),
)  # fmt: skip

CUTS: Final = Table(
    "cuts",
    "Passages that cleaning removed from the revisions of an article, and why.",
    (ARTICLE_ID, CONTENT_HASH, CLEANER_VERSION, STORED_BY, ITEM_ID, *CUT_COLUMNS),
)

PUBLISHED_RUNS: Final = Table(
    "runs",
    "One row for each run that ended.",
    (
        *RUNS.columns,
        Column(
            "counted", ColumnType.TRUTH,
            "Whether its sightings count: it is committed, and no later run has its slice.",
        ),
    ),
    key=("run_id",),
)  # fmt: skip

DUPLICATES: Final = Table(
    "duplicates",
    "Articles that repeat another one, each with that one.",
    (
        ARTICLE_ID,
        Column("duplicate_of", ColumnType.TEXT, "The article that it repeats."),
        Column(
            "relation", ColumnType.TEXT,
            "How: `exact` (same title and text, but for a byline), `near`, `contained` (it is "
            "a part of that article), `contains` (that article is a part of it).",
            one_of=RELATIONS,
        ),
        *_SCORES,
    ),
    key=("article_id",),
)  # fmt: skip

DUPLICATE_HISTORY: Final = Table(
    "duplicate_history",
    "Changes of which article another one repeats: an article that arrives late may have been "
    "published before the previous original.",
    (
        ARTICLE_ID,
        Column("version", ColumnType.INTEGER,
               "The first published version with this change.", minimum=1),
        Column("since", ColumnType.TIME, "When that version was built."),
        Column(
            "duplicate_of", ColumnType.TEXT,
            "The article that it repeats since then; null for none.",
            nullable=True,
        ),
        Column("relation", ColumnType.TEXT, "How it repeats it.", nullable=True, one_of=RELATIONS),
    ),
    key=("article_id", "version"),
)  # fmt: skip

CHANGES: Final = Table(
    "changes",
    "What each published version changed: articles, and runs released or dropped. "
    "`changes_since` selects from it and adds copies.",
    (
        Column("version", ColumnType.INTEGER,
               "The first published version with this change.", minimum=1),
        Column("published_at", ColumnType.TIME, "When that version was built."),
        Column(
            "kind", ColumnType.TEXT,
            "What happened: an article is `new`, `revised`, `recleaned` (another cleaner reads its "
            "text differently), `gone` (from its source, or removed from the tables) or "
            "`returned`; a run was `run_released` or `run_dropped`; `began`: changes are recorded "
            "since this version.",
            one_of=("new", "revised", "recleaned", "gone", "returned", "run_released",
                    "run_dropped", "began"),
        ),
        optional(ARTICLE_ID),
        Column("revision", ColumnType.INTEGER, "The revision that came or changed.",
               nullable=True, minimum=1),
        Column("change", ColumnType.TEXT, "How that revision changed the previous one.",
               nullable=True, one_of=REVISION_CHANGES),
        optional(SOURCE),
        Column("run_id", ColumnType.TEXT, "The run that stored the text, or that ended.",
               nullable=True),
        Column("detail", ColumnType.TEXT, "Where it is gone from, or why the run was dropped.",
               nullable=True),
    ),
)  # fmt: skip

DUPLICATE_EDGES: Final = Table(
    "duplicate_edges",
    "Pairs of contents that are near copies or contain each other; both directions are listed.",
    (
        Column("content_hash_a", ColumnType.TEXT, "The first text, by its `content_hash`."),
        Column("content_hash_b", ColumnType.TEXT, "The second text, by its `content_hash`."),
        Column(
            "relation",
            ColumnType.TEXT,
            "Relation of the first to the second.",
            one_of=RELATIONS[1:],
        ),
        *_SCORES,
    ),
    key=("content_hash_a", "content_hash_b"),
)

SOURCES: Final = Table(
    "sources",
    "One row for each source.",
    (
        SOURCE,
        Column("items", ColumnType.INTEGER, "Number of items ever seen.", minimum=0),
        Column(
            "articles",
            ColumnType.INTEGER,
            "Number of articles whose current revision is from it.",
            minimum=0,
        ),
        Column(
            "rejected",
            ColumnType.INTEGER,
            "Number of items that were rejected when last seen.",
            minimum=0,
        ),
        Column(
            "failed", ColumnType.INTEGER, "Number of items that failed when last seen.", minimum=0
        ),
        Column("runs", ColumnType.INTEGER, "Number of runs that count.", minimum=0),
        Column("first_seen_at", ColumnType.TIME, "When an item was first observed."),
        Column("last_seen_at", ColumnType.TIME, "When an item was last observed."),
    ),
    key=("source",),
)

PUBLICATION: Final = Table(
    "publication",
    "One row: the version of this file.",
    (
        Column("version", ColumnType.INTEGER, "Number of the version.", minimum=1),
        Column("published_at", ColumnType.TIME, "When the version was built."),
        Column(
            "base", ColumnType.INTEGER,
            "The version on which it is based; null when built from the lake alone.",
            nullable=True,
        ),
        Column("layout", ColumnType.TEXT, "Hash of the tables' definitions."),
        Column("lake", ColumnType.TEXT, "Identity of the lake."),
        Column("schema_version", ColumnType.TEXT,
               "Version of the schema: major and minor number, as its policy explains."),
    ),
)  # fmt: skip

PUBLISHED: Final = {
    table.name: table
    for table in (
        REVISIONS, SIGHTINGS, CUTS, REJECTS, LEDGER, PUBLISHED_RUNS, DUPLICATES,
        DUPLICATE_HISTORY, CHANGES, DUPLICATE_EDGES, SOURCES, PUBLICATION,
    )
}  # fmt: skip
