"""``copydesk rules``: test an engineer's selectors for a site before a run uses them."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from copydesk.flows.commands.options import fail, print_json, say

SHOWN = 400  # characters of a text that are shown

group = typer.Typer(name="rules", help="Selectors for sites that need them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group)


@group.command()
def example() -> None:
    """Print a commented table of site rules to start from.

    **Example:** `copydesk rules example > site-rules.toml`
    """
    from importlib.resources import files

    name = "data/site-rules.example.toml"
    sys.stdout.write((files("copydesk.tasks.cleaning") / name).read_text(encoding="utf-8"))


@group.command()
def test(
    target: Annotated[str, typer.Argument(metavar="URL|FILE", help="A page.")],
    rules: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The table of site rules.")
    ] = Path("site-rules.toml"),
    url: Annotated[str | None, typer.Option(help="Address that a file's page came from.")] = None,
    allow_hosts: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="HOST[:PORT]", help="A machine of your own."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print both results, whole, and the selectors as JSON.")
    ] = False,
) -> None:
    """Show a rule's results on a page, beside those of the general cleaner.

    Exit status 1 when the rule finds nothing for a field that it has.

    **Examples:** `copydesk rules test https://site.example/a` ·
    `copydesk rules test page.html --url https://site.example/a --rules mine.toml`
    """
    from copydesk.flows.requests import IngestRequest
    from copydesk.schemas.article import Article
    from copydesk.schemas.items import Missing
    from copydesk.tasks.cleaning import clean
    from copydesk.tasks.cleaning.encoding import decode
    from copydesk.tasks.cleaning.sites.rules import apply_rules

    request = IngestRequest((target,), rules=str(rules), allow_hosts=tuple(allow_hosts or ()))
    table = request.site_rules
    assert table is not None
    (source,) = request.sources
    (read,) = source.acquire([item for item in source.discover() if not isinstance(item, Missing)])
    if isinstance(read, Missing):
        fail(f"{target}: {read.reason}: {read.detail}")
    address = url or (read.url if read.url.startswith("http") else None)
    general = clean(read.body, media_type=read.media_type, url=address)
    if address is None and isinstance(general, Article):
        address = general.canonical_url
    if address is None:
        fail(f"{target} does not state its address; give it with --url")
    decoded = decode(read.body, read.media_type)
    applied = None if decoded is None else apply_rules(table, decoded.text, address)
    if applied is None:
        fail(f"{rules} has no rule for {address}; copydesk rules example shows how one is written")
    ruled = clean(read.body, media_type=read.media_type, url=address, rules=table)
    if as_json:
        document = {
            "url": address,
            "rule": applied.rule,
            "general": dataclasses.asdict(general),
            "ruled": dataclasses.asdict(ruled),
            "matched": applied.matched,
            "unmatched": applied.unmatched,
            "stopped": applied.stopped,
        }
        print_json(document)
    else:
        for name, result in (("general cleaner", general), (f"rule {applied.rule}", ruled)):
            sys.stdout.write(f"── {name}\n{_shown(result)}\n")
        for selector in applied.matched:
            sys.stdout.write(f"matches       {selector}\n")
        for selector in applied.unmatched:
            sys.stdout.write(f"matches none  {selector}\n")
    if applied.stopped:
        say(f"The rule finds no {', no '.join(applied.stopped)} on this page.")
        sys.exit(1)


def _shown(result: object) -> str:
    from copydesk.schemas.article import Article, Reject

    if isinstance(result, Reject):
        return f"no article: {result.reason}: {result.detail}\n"
    assert isinstance(result, Article)
    text = result.text if len(result.text) <= SHOWN else f"{result.text[:SHOWN]} …"
    day = result.published_at.isoformat() if result.published_at else ""
    return (
        f"title      {result.title}\nauthors    {', '.join(result.authors)}\n"
        f"published  {day}\nwords      {len(result.text.split()):,}\n{text}\n"
    )
