"""What tests of the published file's macros share."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from copydesk.warehouse.search.index import search_layout


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that has the macros, and of the tables their columns."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE revisions AS SELECT '' AS article_id, true AS is_current, '' AS title,"
            " '' AS standfirst, '' AS text, [''] AS authors, '' AS site, '' AS source, '' AS url,"
            " '' AS language, now() AS published_at"
        )
        connection.execute(
            "CREATE TABLE sightings AS SELECT '' AS article_id, now() AS first_seen_at,"
            " '' AS duplicate_of"
        )
        connection.execute(search_layout())
        yield connection
