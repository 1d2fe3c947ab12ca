"""Published views for questions across outlets: copies, authors, edits, removals."""

from __future__ import annotations

from typing import Final

from copydesk.schemas.columns import ARTICLE_ID, METADATA, TITLE, URL
from copydesk.schemas.table_model import Column, ColumnType, Table

_OUTLET: Final = Column(
    "outlet",
    ColumnType.TEXT,
    "Who published it: the registrable domain, else the site's name, else the source.",
)
JACCARD: Final = Column(
    "jaccard",
    ColumnType.REAL,
    "Share of all word sequences that are in both texts, from 0 to 1.",
    nullable=True,
)
CONTAINMENT: Final = Column(
    "containment",
    ColumnType.REAL,
    "Share of the shorter text's word sequences that are in the other, from 0 to 1.",
    nullable=True,
)
_FIELDS: Final = {column.name: column for column in METADATA}
_PUBLISHED: Final = _FIELDS["published_at"]
_POSITION: Final = Column("position", ColumnType.INTEGER, "Place in the list, from 1.", minimum=1)
_REVISION: Final = (
    ARTICLE_ID,
    Column("revision", ColumnType.INTEGER, "The revision that changed it.", minimum=2),
    Column("changed_at", ColumnType.TIME, "When that revision was first observed."),
)
_CHANGE: Final = (
    Column("change", ColumnType.TEXT, "How it changed the previous revision.", nullable=True),
    Column(
        "share_changed",
        ColumnType.REAL,
        "Share of both texts' words that are not in the other, from 0 to 1.",
        nullable=True,
    ),
)
_BEFORE: Final = Column("title_before", ColumnType.TEXT, "The title before the change.")


def _count(name: str, sentence: str) -> Column:
    return Column(name, ColumnType.INTEGER, sentence, minimum=0)


def _time(name: str, sentence: str) -> Column:
    return Column(name, ColumnType.TIME, sentence)


ANALYSIS_VIEWS: Final = (
    Table(
        "article_outlets",
        "The outlet of each article, and when it came; the start of analyses by outlet.",
        (ARTICLE_ID, _OUTLET, _time("moment", "Time of publication, else of first sight.")),
        key=("article_id",),
    ),
    Table(
        "copies",
        "Articles that repeat another one, with both outlets and the time between them.",
        (
            ARTICLE_ID,
            TITLE,
            URL,
            _OUTLET,
            _PUBLISHED,
            _FIELDS["authors"],
            Column("original_id", ColumnType.TEXT, "The article that it repeats."),
            Column("original_title", ColumnType.TEXT, "Title of that article."),
            Column("original_url", ColumnType.TEXT, "Address of that article."),
            Column("original_outlet", ColumnType.TEXT, "Outlet of that article."),
            Column(
                "original_published_at",
                ColumnType.TIME,
                "Time of publication of that article.",
                nullable=True,
            ),
            Column("original_authors", ColumnType.TEXTS, "Authors of that article.", nullable=True),
            Column(
                "lag_hours",
                ColumnType.REAL,
                "Hours between both, by publication, else by first sight.",
            ),
            Column("relation", ColumnType.TEXT, "How it repeats it, as in `duplicates`."),
            JACCARD,
            CONTAINMENT,
        ),
        key=("article_id",),
    ),
    Table(
        "authors",
        "One row for each author of each article.",
        (
            Column("author", ColumnType.TEXT, "Name of the author."),
            _POSITION,
            ARTICLE_ID,
            _OUTLET,
            _PUBLISHED,
        ),
    ),
    Table(
        "tags",
        "One row for each tag of each article.",
        (
            Column("tag", ColumnType.TEXT, "The keyword."),
            _POSITION,
            ARTICLE_ID,
            _OUTLET,
            _PUBLISHED,
        ),
    ),
    Table(
        "gone",
        "Articles that their site has taken down: requests after the last sight found none.",
        (
            ARTICLE_ID,
            TITLE,
            URL,
            _OUTLET,
            _PUBLISHED,
            _time("last_seen_at", "When the article was last observed."),
            _time("gone_at", "When it was first found to be gone."),
            Column("reason", ColumnType.TEXT, "What the site answered.", nullable=True),
        ),
        key=("article_id",),
    ),
    Table(
        "article_reservations",
        "Rights reserved against text and data mining or AI, one row for each kind of an article.",
        (
            ARTICLE_ID,
            _OUTLET,
            Column(
                "kind",
                ColumnType.TEXT,
                "What is reserved, or against whom.",
                one_of=(
                    *("tdm-reservation", "ai-crawlers", "content-signal"),
                    *("noai", "noimageai", "noml"),
                ),
            ),
            Column("evidence", ColumnType.TEXT, "Where it was observed, and how."),
        ),
        key=("article_id", "kind"),
    ),
    Table(
        "edits",
        "Changes of title or text after the first observation, made by the site.",
        (
            *_REVISION,
            *_CHANGE,
            _BEFORE,
            TITLE,
            Column(
                "modified_at_before",
                ColumnType.TIME,
                "Time of the last change that the page stated before.",
                nullable=True,
            ),
            _FIELDS["modified_at"],
            URL,
            _OUTLET,
        ),
        key=("article_id", "revision"),
    ),
    Table(
        "headline_changes",
        "Every change of a headline, also where the text changed with it.",
        (*_REVISION, _BEFORE, TITLE, *_CHANGE, URL, _OUTLET),
        key=("article_id", "revision"),
    ),
    Table(
        "silent_edits",
        "Edits of which the page's stated time of the last change says nothing.",
        (*_REVISION, *_CHANGE, _FIELDS["modified_at"], TITLE, URL, _OUTLET),
        key=("article_id", "revision"),
    ),
    Table(
        "outlets",
        "One row for each outlet, with what became of its articles.",
        (
            _OUTLET,
            _count("articles", "Number of articles."),
            _count("words", "Number of words in them."),
            _count("copies", "Number of articles that repeat another one."),
            _count("copied", "Number of articles that others repeat."),
            _count("edited", "Number of articles that were edited."),
            _count("silently_edited", "Number of articles with silent edits."),
            _count("gone", "Number of articles that were taken down."),
            _time("first_at", "When its first article came."),
            _time("last_at", "When its last article came."),
        ),
        key=("outlet",),
    ),
)
