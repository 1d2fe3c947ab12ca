"""``copydesk diff``: what a revision of an article changed."""

from __future__ import annotations

import dataclasses
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption, fail, print_json, say

if TYPE_CHECKING:
    import duckdb

    from copydesk.tasks.dedup.revision_diff import Change, Span

_HISTORY = """
SELECT revision, valid_from, title, text, url FROM revisions WHERE article_id = ? ORDER BY revision
"""
_RED, _GREEN, _PLAIN = "\x1b[31;9m", "\x1b[32m", "\x1b[0m"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(diff)


def diff(
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE_ID|URL", help="The article; the beginning of its id is enough."
        ),
    ],
    home: HomeOption = DEFAULT_HOME,
    before: Annotated[
        int | None, typer.Option("--from", min=1, help="A revision (default: the one before).")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--to", min=1, help="A later revision (default: the newest).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the difference as JSON.")] = False,
) -> None:
    """Show what a revision of an article changed, word by word.

    Removed words are in `[-…-]`, added ones in `{+…+}`; in a terminal they are coloured.

    **Examples:** `copydesk diff https://site.example/a` · `copydesk diff 5f0c21 --from 1 --to 4`
    """
    from copydesk.tasks.dedup.revision_diff import compare, difference
    from copydesk.warehouse import connect

    with connect(home) as connection:
        article_id = _article_id(connection, article)
        history = connection.execute(_HISTORY, [article_id]).fetchall()
    if len(history) == 1 and before is None and after is None:
        say(f"{article} has one revision: it has not changed since it was first seen")
        sys.stdout.write("null\n" if as_json else "")
        return
    old, new = _revision_pair(article, [row[0] for row in history], before, after)
    texts = {row[0]: (row[2], row[3]) for row in history}
    valid_from = {row[0]: row[1] for row in history}
    earlier = [texts[number] for number in texts if number < old]
    change = compare(texts[old], texts[new], earlier=earlier)
    if as_json:
        head = {
            "article_id": article_id,
            "url": history[-1][4],
            "from": {"revision": old, "valid_from": valid_from[old].isoformat()},
            "to": {"revision": new, "valid_from": valid_from[new].isoformat()},
        }
        document: dict[str, Any] = head | dataclasses.asdict(change)
        print_json(document)
        return
    mark = _coloured if sys.stdout.isatty() else None
    sys.stdout.write(
        f"{history[-1][4]}\n"
        f"revision {old} of {valid_from[old]:%Y-%m-%d %H:%M} to "
        f"{new} of {valid_from[new]:%Y-%m-%d %H:%M} UTC: {_change_line(change)}\n"
        f"\n{difference(change, mark=mark)}\n"
    )


def _article_id(connection: duckdb.DuckDBPyConnection, article: str) -> str:
    """Find an article by its id, the beginning of the id, or its address."""
    by_id = re.fullmatch(r"[0-9a-f]{4,32}", article) is not None
    condition = "starts_with(article_id, $1)" if by_id else "$1 IN (url, canonical_url)"
    matches = connection.execute(
        f"SELECT DISTINCT article_id FROM revisions WHERE {condition} ORDER BY 1",  # noqa: S608
        [article],
    ).fetchall()
    if not matches:
        fail(f"there is no article {article}; copydesk query 'from articles' lists them")
    if len(matches) > 1:
        ids = ", ".join(match for (match,) in matches[:5])
        fail(f"{article} matches {len(matches)} articles: {ids}; give more of the id")
    return str(matches[0][0])


def _revision_pair(
    article: str, revisions: list[int], before: int | None, after: int | None
) -> tuple[int, int]:
    """Choose the two revisions to compare."""
    new = after if after is not None else revisions[-1]
    old = before if before is not None else new - 1
    lacking = [number for number in (new, old) if number not in revisions]
    if lacking:
        fail(f"{article} has revisions 1 to {revisions[-1]}, not {lacking[0]}")
    if old >= new:
        fail(f"--from {old} is not before --to {new}")
    return old, new


def _change_line(change: Change) -> str:
    """Describe a change in a few words."""
    return (
        f"{change.kind.value}, {change.share:.1%} of the words changed"
        f" (+{change.words_added:,} -{change.words_removed:,})"
    )


def _coloured(span: Span) -> str:
    from copydesk.tasks.dedup.revision_diff import Op

    if span.op is Op.SAME:
        return span.text
    return f"{_RED if span.op is Op.REMOVED else _GREEN}{span.text}{_PLAIN}"
