"""Gathers what the tables know of one article: state, history, copies, cuts and origin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from copydesk.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    import duckdb

_ID: Final = re.compile(r"[0-9a-f]{4,32}")
"""An article id or a prefix of at least four characters."""

_NAMED: Final = 5
"""Number of articles listed where a prefix or an address matches several."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """An article as dictionaries by column; ``state`` is the requested revision.

    ``revisions`` are all of its revisions without their texts, ``relations`` the articles that it
    repeats (``direction`` is ``repeats``) or that repeat it (``repeated by``), ``cuts`` those of
    ``state``. ``run`` is the run that stored its text; None when the file does not have it.
    """

    state: dict[str, Any]
    revisions: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    cuts: list[dict[str, Any]]
    run: dict[str, Any] | None


def dossier(
    connection: duckdb.DuckDBPyConnection, reference: str, revision: int | None = None
) -> Dossier:
    """Gather what is known of an article.

    Args:
        connection: a connection to the published tables.
        reference: an id, a unique prefix of one, an address, or a file's locator.
        revision: defaults to the current one.

    Raises:
        WarehouseError: no article matches, or several do.
    """
    article = _resolve(connection, reference)
    states = _rows(
        connection,
        "SELECT r.*, s.first_seen_at, s.last_seen_at, s.times, s.duplicate_of FROM revisions r"
        " JOIN sightings s USING (article_id) WHERE article_id = ? AND"
        " CASE WHEN CAST(? AS BIGINT) IS NULL THEN is_current ELSE revision = ? END",
        [article, revision, revision],
    )
    if not states:
        raise WarehouseError(
            f"article {article} has no revision {revision}; copydesk show {article} lists them"
        )
    state = states[0]
    return Dossier(
        state=state,
        revisions=_rows(
            connection,
            "SELECT revision, is_current, valid_from, valid_to, cause, reverted, title,"
            " word_count, content_hash, cleaner_version, raw_sha256, run_id"
            " FROM revisions WHERE article_id = ? ORDER BY revision",
            [article],
        ),
        relations=_rows(
            connection,
            "SELECT CASE WHEN d.article_id = $1 THEN 'repeats' ELSE 'repeated by' END"
            " AS direction, d.relation, d.jaccard, d.containment, r.article_id, r.title, r.url,"
            " r.site, r.source, r.published_at"
            " FROM duplicates d JOIN revisions r ON r.is_current AND r.article_id ="
            " CASE WHEN d.article_id = $1 THEN d.duplicate_of ELSE d.article_id END"
            " WHERE $1 IN (d.article_id, d.duplicate_of)"
            " ORDER BY direction DESC, r.published_at, r.article_id",
            [article],
        ),
        cuts=_rows(
            connection,
            'SELECT "position", kind, rule, score, text FROM cuts WHERE article_id = ?'
            ' AND content_hash = ? AND cleaner_version = ? ORDER BY "position"',
            [article, state["content_hash"], state["cleaner_version"]],
        ),
        run=next(
            iter(_rows(connection, "FROM runs WHERE run_id = ?", [state["run_id"]])),
            None,
        ),
    )


def _resolve(connection: duckdb.DuckDBPyConnection, reference: str) -> str:
    """Return the id of the only article that matches."""
    matches: list[dict[str, Any]] = []
    if _ID.fullmatch(reference.lower()):
        matches = _rows(
            connection,
            "SELECT article_id, title FROM revisions WHERE is_current"
            " AND starts_with(article_id, ?) ORDER BY article_id LIMIT ?",
            [reference.lower(), _NAMED + 1],
        )
    if not matches:
        # exactly; else ignoring the scheme, www. and a final slash
        for condition in (
            "$1 IN (url, canonical_url, locator)",
            f"{_bare('$1')} IN ({_bare('url')}, {_bare('canonical_url')})",
        ):
            matches = _rows(
                connection,
                "SELECT article_id, arg_max(title, revision) AS title FROM revisions"  # noqa: S608
                f" WHERE {condition} GROUP BY article_id"
                " ORDER BY bool_or(is_current) DESC, article_id LIMIT $2",
                [reference, _NAMED + 1],
            )
            if matches:
                break
    if not matches:
        raise WarehouseError(
            f"no article has the id or address {reference}; copydesk search finds one by its words,"
            ' and copydesk query "from rejects" lists rejected inputs'
        )
    if len(matches) > 1:
        names = "".join(
            f"\n  {match['article_id']}  {match['title']}" for match in matches[:_NAMED]
        )
        more = "\n  …" if len(matches) > _NAMED else ""
        raise WarehouseError(
            f"{reference} matches several articles; give more of the id:{names}{more}"
        )
    return str(matches[0]["article_id"])


def _bare(value: str) -> str:
    return rf"regexp_replace({value}, '^https?://(www\.)?|/$', '', 'g')"


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]
) -> list[dict[str, Any]]:
    result = connection.execute(sql, values)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
