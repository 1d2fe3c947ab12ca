"""``copydesk search``: full-text search over the published articles."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption, fail, print_json, say

if TYPE_CHECKING:
    from rich.text import Text

    from copydesk.warehouse.search.query import Hit

SHOWN_ID = 10
"""Characters of an id to show: among a million articles, two share them in 1 of 1,000 stores."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    # -word excludes a word: no one-letter option may match it
    settings = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
    app.command(context_settings=settings)(search)


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="The query; see below.")],
    home: HomeOption = DEFAULT_HOME,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Published on or after it."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Published on or before it."
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    site: Annotated[str | None, typer.Option(help="Only of this site.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Only in this language: `en` finds `en-GB` too.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of hits.")] = 10,
    copies: Annotated[
        bool, typer.Option("--copies", help="Show every copy of a story, not only the first.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")] = False,
) -> None:
    """Find published articles by their words, best matches first.

    All words must occur. `"white house"` is a phrase, `-senate` excludes a word, `a OR b` is
    either, `peace*` matches beginnings and `*markt` endings; `title:` `author:` `site:` `source:`
    `language:` `url:` search one field. Case and accents are ignored. Articles without a
    publication date are dated by when they were first seen. Exit status 1 without matches.

    **Examples:** `copydesk search ceasefire cairo` · `copydesk search '"white house" -senate'` ·
    `copydesk search harbour --from 2026-01-01` · `copydesk search 'title:停火' --json`
    """
    from copydesk.warehouse import connect
    from copydesk.warehouse.search.query import find, has_positive_terms, similar_words

    query = " ".join(words)
    with connect(home) as connection:
        hits = find(
            connection, query, limit=limit, copies=copies,
            since=since.date() if since else None, until=until.date() if until else None,
            source=source, site=site, language=language,
        )  # fmt: skip
        near = {} if hits else similar_words(connection, query)
        asks = bool(hits) or has_positive_terms(connection, query)
    if not asks:
        fail(f"{query} has no required word; copydesk search --help has examples")
    if as_json:
        rows = [dataclasses.asdict(hit) for hit in hits]
        print_json(rows)
    else:
        _show(hits)
    if not hits:
        for word, others in near.items():
            like = f"; there is {', '.join(others)}" if others else ""
            say(f"No article has the word {word}{like}.")
        fail(f"no article matches: {query}")


def _show(hits: list[Hit]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from copydesk.flows.display.terminal import console, isolated

    terminal = console(reading=True)
    for hit in hits:
        day = hit.published_at.strftime("%Y-%m-%d") if hit.published_at else "no date"
        also = f"{len(hit.copies)} more like it" if hit.copies else None
        facts = [hit.article_id[:SHOWN_ID], day, hit.site or hit.source, hit.language, also]
        terminal.print(Text(isolated(hit.title), style="bold"))
        body = [
            Text("  ".join(isolated(fact) for fact in facts if fact), style="cyan"),
            _snippet(hit, plain=not terminal.is_terminal),
            Text(isolated(hit.url), style="dim", overflow="fold"),
        ]
        for line in body:
            terminal.print(Padding(line, (0, 0, 0, 3), expand=False))
        terminal.print()
    if hits and terminal.is_terminal:
        terminal.print(Text(f"Read it: copydesk show {hits[0].article_id[:SHOWN_ID]}", style="dim"))


def _snippet(hit: Hit, *, plain: bool) -> Text:
    """Highlight the matches: by colour, or by asterisks without one."""
    from rich.text import Text

    from copydesk.flows.display.terminal import safe

    text, last = Text(), 0
    for begin, end in hit.marks:
        text.append(safe(hit.snippet[last:begin]))
        word = safe(hit.snippet[begin:end])
        text.append(f"**{word}**" if plain else word, style="bold yellow")
        last = end
    return text.append(safe(hit.snippet[last:]))
