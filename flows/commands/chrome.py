"""``copydesk chrome``: show and choose the lines that a site repeats."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption, fail, print_json, say

if TYPE_CHECKING:
    import duckdb

    from copydesk.tasks.cleaning.sites.repeated_lines import Decisions, LineTable
    from copydesk.tasks.dedup.repeated_site_lines import SiteLine, StoryText

_PLACES = "SELECT url, canonical_url, site, source FROM articles"
# Cut lines are added back, otherwise an adopted line would no longer be learned.
_PAGES = """
SELECT a.url, a.canonical_url, a.site, a.source, coalesce(a.duplicate_of, a.article_id), a.text,
    (SELECT string_agg(c.text, chr(10)) FROM cuts c
     WHERE c.article_id = a.article_id AND c.content_hash = a.content_hash
       AND starts_with(c.rule, 'site_lines:'))
FROM articles a
WHERE contains(lower(concat_ws(' ', a.url, a.canonical_url, a.site, a.source)), lower(?))
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(chrome)


def chrome(
    site: Annotated[
        str | None, typer.Argument(help="A host, or a site's name. Without one: all sites.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    file: Annotated[
        Path, typer.Option("--file", help="The table of lines that are cut.", dir_okay=False)
    ] = Path("site-lines.toml"),
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Add the lines learned by this command to the table.")
    ] = False,
    pin: Annotated[
        list[str] | None, typer.Option(metavar="LINE", help="Cut this line, learned or not.")
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="LINE", help="Never cut this line.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the lines as JSON.")] = False,
) -> None:
    """Show the lines that a site repeats on its pages, and choose which of them are cut.

    Each story counts once, however often it is stored. Lines are cut only by runs that use the
    table: `copydesk ingest … --site-lines site-lines.toml`, or `site_lines` of a named
    source.

    **Examples:** `copydesk chrome` · `copydesk chrome blog.example --adopt` ·
    `copydesk chrome blog.example --forbid "Letters to the editor"`
    """
    from copydesk.tasks.cleaning.sites.repeated_lines import LineTable, read_lines, write_lines
    from copydesk.tasks.dedup.repeated_site_lines import learn
    from copydesk.warehouse import connect

    table = read_lines(file.read_text(encoding="utf-8"), str(file)) if file.exists() else None
    with connect(home) as connection:
        if site is None:
            if adopt or pin or forbid:
                raise typer.BadParameter("name the site")
            _show_sites(connection, table or LineTable(), as_json=as_json)
            return
        pages = _pages(connection, site)
    if not pages:
        fail(f"there is no article of {site}; copydesk chrome lists the sites")
    name, learned = pages[0].site, learn(pages)
    before = table or LineTable()
    after = before.changed(
        name, _decided(before, name, learned if adopt else None, pin or [], forbid or [])
    )
    if after.version != before.version:
        file.write_text(write_lines(after), encoding="utf-8")
        say(f"Wrote {file}, version {after.version}; a run uses it with --site-lines {file}")
    rows = _states(after, name, learned, stories=len({page.story for page in pages}))
    if as_json:
        print_json(rows)
    else:
        _show_table(rows, f"{name} repeats no line on enough pages")


def _pages(connection: duckdb.DuckDBPyConnection, site: str) -> list[StoryText]:
    """Read a site's articles."""
    from copydesk.tasks.cleaning.sites.repeated_lines import site_of
    from copydesk.tasks.dedup.repeated_site_lines import StoryText

    name = site.casefold().removeprefix("www.")
    result = connection.execute(_PAGES, [name])
    pages: list[StoryText] = []
    while some := result.fetchmany(1_000):
        for url, canonical, site_name, source, story, text, cut in some:
            if site_of(url, canonical, site_name, source) == name:
                pages.append(StoryText(name, story, f"{text}\n{cut or ''}"))
    return pages


def _decided(
    table: LineTable, site: str, learned: list[SiteLine] | None, pin: list[str], forbid: list[str]
) -> Decisions:
    """Merge new decisions into a site's decisions; the latest one about a line counts."""
    from copydesk.tasks.cleaning.sites.repeated_lines import Decisions
    from copydesk.tasks.dedup.repeated_site_lines import key_of

    before = table.sites.get(site, Decisions())
    fresh = {key_of(line) for line in (*pin, *forbid)}
    pinned = [line for line in before.pinned if key_of(line) not in fresh] + pin
    forbidden = [line for line in before.forbidden if key_of(line) not in fresh] + forbid
    lines = (
        before.lines if learned is None else tuple(sorted(site_line.line for site_line in learned))
    )
    return dataclasses.replace(
        before, lines=lines, pinned=tuple(pinned), forbidden=tuple(forbidden)
    )


def _states(
    table: LineTable, site: str, learned: list[SiteLine], *, stories: int
) -> list[dict[str, Any]]:
    """Return a row for each line: how many stories contain it, and whether it is cut."""
    from copydesk.tasks.cleaning.sites.repeated_lines import Decisions
    from copydesk.tasks.dedup.repeated_site_lines import key_of

    decisions = table.sites.get(site, Decisions())
    cut = decisions.keys()
    state_of = {key_of(line): "pinned" for line in decisions.pinned}
    state_of |= {key_of(line): "forbidden" for line in decisions.forbidden}
    rows: dict[str, dict[str, Any]] = {}
    for site_line in learned:
        state = state_of.get(
            site_line.key, "adopted" if site_line.key in cut else "learned, not adopted"
        )
        rows[site_line.key] = {
            "line": site_line.line,
            "stories": site_line.stories,
            "of": site_line.of,
            "state": state,
        }
    for line in (*decisions.lines, *decisions.pinned, *decisions.forbidden):
        state = state_of.get(key_of(line), "adopted")
        rows.setdefault(
            key_of(line), {"line": line, "stories": None, "of": stories, "state": state}
        )
    return sorted(rows.values(), key=lambda row: (-(row["stories"] or 0), row["line"]))


def _show_sites(connection: duckdb.DuckDBPyConnection, table: LineTable, *, as_json: bool) -> None:
    from copydesk.tasks.cleaning.sites.repeated_lines import site_of

    counts = Counter(site_of(*row) for row in connection.execute(_PLACES).fetchall())
    rows = [
        {
            "site": site,
            "articles": articles,
            "cut lines": len(table.sites[site].keys()) if site in table.sites else 0,
        }
        for site, articles in counts.most_common()
    ]
    if as_json:
        print_json(rows)
    else:
        _show_table(rows, "there are no articles yet")


def _show_table(rows: list[dict[str, Any]], nothing: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        say(nothing)
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
    Console(file=sys.stdout, highlight=False).print(table)
