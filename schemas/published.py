"""The tables and views that analysts open, made at publish from the lake's.

What depends on order is worked out there: revisions, current rows, copies, times of sight.
"""

from __future__ import annotations

from typing import Final

from copydesk.schemas.table_model import Column, Kind, Table
from copydesk.schemas.tables import (
    ARTICLE_ID,
    CLEANER_VERSION,
    CONTENT_HASH,
    CUT_COLUMNS,
    DERIVED,
    ITEM_ID,
    LEDGER,
    LOCATOR,
    MARKDOWN,
    METADATA,
    RAW_SHA256,
    RECORD_HASH,
    REJECTS,
    RUNS,
    SOURCE,
    TEXT,
    TITLE,
    URL,
)

_STORED_BY: Final = Column("run_id", Kind.TEXT, "The run that stored the text.")
_REVISION: Final = Column("revision", Kind.INTEGER, "Number of the revision, from 1.", minimum=1)
_FIRST_SEEN: Final = Column("first_seen_at", Kind.TIME, "When the article was first observed.")
_LAST_SEEN: Final = Column(
    "last_seen_at", Kind.TIME, "When the article was last observed, changed or not."
)
_DUPLICATE_OF: Final = Column(
    "duplicate_of",
    Kind.TEXT,
    "The article that this one repeats, whole or as a part of it: the one published first, "
    "then seen first.",
    nullable=True,
)
RELATIONS: Final = ("exact", "near", "contained", "contains")
CHANGES: Final = (
    *("none", "reverted", "formatting", "headline", "correction"),
    *("extension", "cut", "edit", "rewrite"),
)
_SCORES: Final = (
    Column("shared", Kind.INTEGER, "Sampled word sequences that both have.", nullable=True),
    Column("jaccard", Kind.REAL, "Share of word sequences that both have.", nullable=True),
    Column(
        "containment",
        Kind.REAL,
        "Share of the shorter one's word sequences in the other.",
        nullable=True,
    ),
    Column(
        "numbers",
        Kind.REAL,
        "Share of the numbers, of the one with fewer, that the other has; null: it has none.",
        nullable=True,
    ),
    Column(
        "names",
        Kind.REAL,
        "Share of the names, of the one with fewer, that the other has; null: it has none.",
        nullable=True,
    ),
)

REVISIONS: Final = Table(
    "revisions",
    "Each state of each article, with the time in which it was the current one.",
    (
        ARTICLE_ID,
        _REVISION,
        Column("is_current", Kind.TRUTH, "Whether it is the article's newest state."),
        Column("valid_from", Kind.TIME, "When this state was first observed."),
        Column(
            "valid_to", Kind.TIME, "When the next state was first observed; null while current.",
            nullable=True,
        ),
        Column("reverted", Kind.TRUTH, "Whether an earlier revision had the same content."),
        Column(
            "cause", Kind.TEXT, "Why it differs from the revision before: `content`, or `unknown` "
            "where page and cleaner both changed; `first` of the first.",
            one_of=("first", "content", "unknown"),
        ),
        Column(
            "change", Kind.TEXT, "What it changed of the revision before; null of the first.",
            nullable=True, one_of=CHANGES,
        ),
        Column(
            "share_changed", Kind.REAL,
            "Part of both texts' words that the other has not, from 0 to 1.", nullable=True,
        ),
        URL, SOURCE, TITLE, TEXT, MARKDOWN, *DERIVED, *METADATA, CONTENT_HASH, RECORD_HASH,
        CLEANER_VERSION, ITEM_ID, LOCATOR, RAW_SHA256, _STORED_BY,
        Column(
            "stored_as", Kind.TEXT, "The article's id in `ledger` and in the lake: another one "
            "where pages with differing texts claim one canonical address.",
        ),
    ),
    key=("article_id", "revision"),
)  # fmt: skip

SIGHTINGS: Final = Table(
    "sightings",
    "When each article was seen; apart, because it changes while the articles do not.",
    (
        ARTICLE_ID, _FIRST_SEEN, _LAST_SEEN,
        Column("times", Kind.INTEGER, "How often the article was seen.", minimum=1),
        _DUPLICATE_OF,
    ),
    key=("article_id",),
)  # fmt: skip

CUTS: Final = Table(
    "cuts",
    "What cleaning removed from the revisions of an article, and why.",
    (ARTICLE_ID, CONTENT_HASH, CLEANER_VERSION, _STORED_BY, ITEM_ID, *CUT_COLUMNS),
)

PUBLISHED_RUNS: Final = Table(
    "runs",
    "One row for each run that ended.",
    (
        *RUNS.columns,
        Column(
            "counted", Kind.TRUTH,
            "Whether its sightings count: it is committed, and no later run has its slice.",
        ),
    ),
    key=("run_id",),
)  # fmt: skip

DUPLICATES: Final = Table(
    "duplicates",
    "Articles that repeat another one, each with the article that it repeats.",
    (
        ARTICLE_ID,
        Column("duplicate_of", Kind.TEXT, "The article that it repeats."),
        Column(
            "relation", Kind.TEXT, "How: `exact` (same title and text), `near`, `contained` (it is "
            "a part of that article), `contains` (that article is a part of it).",
            one_of=RELATIONS,
        ),
        *_SCORES,
    ),
    key=("article_id",),
)  # fmt: skip

DUPLICATE_HISTORY: Final = Table(
    "duplicate_history",
    "When it changed which article another one repeats: a late arrival may have been published "
    "before the one that was named so far.",
    (
        ARTICLE_ID,
        Column("version", Kind.INTEGER, "The published version that says so first.", minimum=1),
        Column("since", Kind.TIME, "When that version was built."),
        Column(
            "duplicate_of", Kind.TEXT, "The article that it repeats since; null: none.",
            nullable=True,
        ),
        Column("relation", Kind.TEXT, "How it repeats it.", nullable=True, one_of=RELATIONS),
    ),
    key=("article_id", "version"),
)  # fmt: skip

DUPLICATE_EDGES: Final = Table(
    "duplicate_edges",
    "Each two contents that are near copies, or one a part of the other; in both directions.",
    (
        Column("content_hash_a", Kind.TEXT, "The one content: `content_hash` of revisions."),
        Column("content_hash_b", Kind.TEXT, "The other."),
        Column("relation", Kind.TEXT, "What the first is to the second.", one_of=RELATIONS[1:]),
        *_SCORES,
    ),
    key=("content_hash_a", "content_hash_b"),
)

SOURCES: Final = Table(
    "sources",
    "One row for each source.",
    (
        SOURCE,
        Column("items", Kind.INTEGER, "Items that were ever seen.", minimum=0),
        Column("articles", Kind.INTEGER, "Articles whose current state is from it.", minimum=0),
        Column("rejected", Kind.INTEGER, "Items that were rejected when last seen.", minimum=0),
        Column("failed", Kind.INTEGER, "Items that failed when last seen.", minimum=0),
        Column("runs", Kind.INTEGER, "Runs that count.", minimum=0),
        Column("first_seen_at", Kind.TIME, "When an item was first observed."),
        Column("last_seen_at", Kind.TIME, "When an item was last observed."),
    ),
    key=("source",),
)

PUBLICATION: Final = Table(
    "publication",
    "One row: the version of this file.",
    (
        Column("version", Kind.INTEGER, "Number of the version.", minimum=1),
        Column("published_at", Kind.TIME, "When it was built."),
        Column(
            "base", Kind.INTEGER, "The version that was copied; null: from the lake alone.",
            nullable=True,
        ),
        Column("layout", Kind.TEXT, "Hash of the tables' definitions."),
        Column("lake", Kind.TEXT, "Identity of the lake."),
    ),
)  # fmt: skip

PUBLISHED: Final = {
    table.name: table
    for table in (
        REVISIONS, SIGHTINGS, CUTS, REJECTS, LEDGER, PUBLISHED_RUNS, DUPLICATES,
        DUPLICATE_HISTORY, DUPLICATE_EDGES, SOURCES, PUBLICATION,
    )
}  # fmt: skip

ARTICLES: Final = Table(
    "articles",
    "One row for each article: its current state.",
    (
        ARTICLE_ID, URL, SOURCE,
        *(column for column in METADATA if column.name == "site"),
        TITLE,
        *(column for column in METADATA if column.name == "standfirst"),
        TEXT,
        *(
            column for column in METADATA
            if column.name not in {"site", "standfirst", "canonical_url", "evidence"}
        ),
        *DERIVED, _REVISION, CONTENT_HASH, _DUPLICATE_OF, _FIRST_SEEN, _LAST_SEEN,
        _STORED_BY, CLEANER_VERSION,
        *(column for column in METADATA if column.name in {"canonical_url", "evidence"}),
        MARKDOWN, ITEM_ID, LOCATOR, RAW_SHA256,
    ),
    key=("article_id",),
)  # fmt: skip

_NUMBER: Final = Column("articles", Kind.INTEGER, "Number of articles.", minimum=0)

VIEWS: Final = {
    view.name: view
    for view in (
        ARTICLES,
        Table(
            "articles_by_day",
            "Articles a day of publication and site.",
            (
                Column("day", Kind.DATE, "Day of publication (UTC).", nullable=True),
                Column("site", Kind.TEXT, "Name of the site.", nullable=True),
                _NUMBER,
                Column("words", Kind.INTEGER, "Their words.", minimum=0),
                Column("copies", Kind.INTEGER, "Those that repeat another article.", minimum=0),
            ),
        ),
        Table(
            "freshness",
            "How fresh each source is.",
            (
                SOURCE, _NUMBER,
                Column("newest_published_at", Kind.TIME, "Newest publication.", nullable=True),
                Column("newest_article_at", Kind.TIME, "When its newest article was first seen.",
                       nullable=True),
                Column("last_seen_at", Kind.TIME, "When an item was last observed."),
                Column("last_run_at", Kind.TIME, "When its last run ended.", nullable=True),
            ),
        ),
        Table(
            "reject_reasons",
            "Why inputs gave no article, by source.",
            (
                SOURCE,
                Column("reason", Kind.TEXT, "Short name of the reason."),
                Column("items", Kind.INTEGER, "Items that were ever rejected for it.", minimum=0),
                Column("last_seen_at", Kind.TIME, "When the last one was observed."),
                Column("example", Kind.TEXT, "The last one's address."),
            ),
        ),
        Table(
            "duplicate_clusters",
            "Articles that others repeat whole, most repeated first.",
            (
                ARTICLE_ID, TITLE,
                Column("copies", Kind.INTEGER, "Articles that repeat it.", minimum=1),
                Column("near", Kind.INTEGER, "Those whose title or text differs.", minimum=0),
                Column("sources", Kind.TEXTS, "The sources of all of them."),
                Column("article_ids", Kind.TEXTS, "The articles that repeat it."),
            ),
        ),
        Table(
            "slices",
            "The slices of backfills, each with its last run.",
            (
                Column("slice_key", Kind.TEXT, "What the slice covers: a source and days, an "
                       "archive."),
                SOURCE,
                Column("run_id", Kind.TEXT, "Its last committed run."),
                Column("started_at", Kind.TIME, "When that run began."),
                Column("finished_at", Kind.TIME, "When it was committed."),
                Column("items", Kind.INTEGER, "Items of that run.", minimum=0),
                Column("new", Kind.INTEGER, "Items whose fate is new.", minimum=0),
                Column("revised", Kind.INTEGER, "Items whose fate is revised.", minimum=0),
                Column("rejected", Kind.INTEGER, "Items whose fate is rejected.", minimum=0),
                Column("failed", Kind.INTEGER, "Items whose fate is failed.", minimum=0),
                Column("state", Kind.TEXT, "Whether all of its items could be read.",
                       one_of=("done", "incomplete")),
                Column("runs", Kind.INTEGER, "Its committed runs.", minimum=1),
            ),
            key=("slice_key",),
        ),
        Table(
            "text_lengths",
            "Length of texts by language.",
            (
                Column("language", Kind.TEXT, "Language of the text.", nullable=True),
                _NUMBER,
                Column("shortest", Kind.INTEGER, "Words of the shortest text.", minimum=0),
                Column("median", Kind.REAL, "Median number of words."),
                Column("longest", Kind.INTEGER, "Words of the longest text.", minimum=0),
            ),
        ),
    )
}  # fmt: skip
