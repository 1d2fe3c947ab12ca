"""The published views: articles as they are now, and what analysts ask most."""

from __future__ import annotations

from typing import Final

from copydesk.schemas.analysis_views import ANALYSIS_VIEWS
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
    SOURCE,
    TEXT,
    TITLE,
    URL,
)
from copydesk.schemas.published import (
    DUPLICATE_OF,
    FIRST_SEEN,
    GONE,
    LAST_SEEN,
    REVISION,
    STORED_BY,
)
from copydesk.schemas.table_model import Column, ColumnType, Table

_LAST: Final = frozenset({"canonical_url", "reservations", "evidence"})
"""Fields behind those that most readers look at."""

ARTICLES: Final = Table(
    "articles",
    "One row for each article: its current revision.",
    (
        ARTICLE_ID, URL, SOURCE,
        *(column for column in METADATA if column.name == "site"),
        TITLE,
        *(column for column in METADATA if column.name == "standfirst"),
        TEXT,
        *(
            column for column in METADATA
            if column.name not in {"site", "standfirst", *_LAST}
        ),
        *DERIVED, REVISION, CONTENT_HASH, DUPLICATE_OF, FIRST_SEEN, LAST_SEEN, GONE,
        STORED_BY, CLEANER_VERSION,
        *(column for column in METADATA if column.name in _LAST),
        MARKDOWN, ITEM_ID, LOCATOR, RAW_SHA256,
    ),
    key=("article_id",),
)  # fmt: skip

_NUMBER: Final = Column("articles", ColumnType.INTEGER, "Number of articles.", minimum=0)

VIEWS: Final = {
    view.name: view
    for view in (
        ARTICLES,
        Table(
            "unreserved_articles",
            "Articles of which no reservation was observed, and whose text is not known to be "
            "behind a paywall, metered or cut off.",
            ARTICLES.columns,
            key=("article_id",),
        ),
        Table(
            "articles_by_day",
            "Articles a day of publication and site.",
            (
                Column("day", ColumnType.DATE, "Day of publication (UTC).", nullable=True),
                Column("site", ColumnType.TEXT, "Name of the site.", nullable=True),
                _NUMBER,
                Column("words", ColumnType.INTEGER, "Number of words in them.", minimum=0),
                Column("copies", ColumnType.INTEGER,
                       "Number of articles that repeat another one.", minimum=0),
            ),
        ),
        Table(
            "freshness",
            "How fresh each source is.",
            (
                SOURCE, _NUMBER,
                Column("newest_published_at", ColumnType.TIME,
                       "Newest time of publication.", nullable=True),
                Column("newest_article_at", ColumnType.TIME,
                       "When its newest article was first seen.",
                       nullable=True),
                Column("last_seen_at", ColumnType.TIME, "When an item was last observed."),
                Column("last_run_at", ColumnType.TIME, "When its last run ended.", nullable=True),
            ),
        ),
        Table(
            "reject_reasons",
            "Reasons why inputs produced no article, by source.",
            (
                SOURCE,
                Column("reason", ColumnType.TEXT, "Short name of the reason."),
                Column("items", ColumnType.INTEGER,
                       "Number of items ever rejected for it.", minimum=0),
                Column("last_seen_at", ColumnType.TIME, "When the last one was observed."),
                Column("example", ColumnType.TEXT, "The last one's address."),
            ),
        ),
        Table(
            "duplicate_clusters",
            "Articles that others repeat completely, most repeated first.",
            (
                ARTICLE_ID, TITLE,
                Column("copies", ColumnType.INTEGER,
                       "Number of articles that repeat it.", minimum=1),
                Column("near", ColumnType.INTEGER,
                       "Number of those whose title or text differs.", minimum=0),
                Column("sources", ColumnType.TEXTS, "The sources of all of them."),
                Column("article_ids", ColumnType.TEXTS, "Ids of the articles that repeat it."),
                Column("outlets", ColumnType.TEXTS, "The outlets of all of them."),
            ),
        ),
        Table(
            "slices",
            "The slices of backfills, each with its last run.",
            (
                Column("slice_key", ColumnType.TEXT, "What the slice covers: a source and days, an "
                       "archive."),
                SOURCE,
                Column("run_id", ColumnType.TEXT, "Its last committed run."),
                Column("started_at", ColumnType.TIME, "When that run began."),
                Column("finished_at", ColumnType.TIME, "When it was committed."),
                Column("items", ColumnType.INTEGER, "Number of items in that run.", minimum=0),
                Column("new", ColumnType.INTEGER, "Number of items whose fate is new.", minimum=0),
                Column("revised", ColumnType.INTEGER,
                       "Number of items whose fate is revised.", minimum=0),
                Column("rejected", ColumnType.INTEGER,
                       "Number of items whose fate is rejected.", minimum=0),
                Column("failed", ColumnType.INTEGER,
                       "Number of items whose fate is failed.", minimum=0),
                Column("state", ColumnType.TEXT, "Whether all of its items could be read.",
                       one_of=("done", "incomplete")),
                Column("runs", ColumnType.INTEGER, "Number of its committed runs.", minimum=1),
            ),
            key=("slice_key",),
        ),
        Table(
            "text_lengths",
            "Lengths of texts by language.",
            (
                Column("language", ColumnType.TEXT, "Language of the text.", nullable=True),
                _NUMBER,
                Column("shortest", ColumnType.INTEGER, "Words of the shortest text.", minimum=0),
                Column("median", ColumnType.REAL, "Median number of words."),
                Column("longest", ColumnType.INTEGER, "Words of the longest text.", minimum=0),
            ),
        ),
        *ANALYSIS_VIEWS,
    )
}  # fmt: skip
