"""``copydesk sources``: the named sources of a ``sources.toml``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from copydesk.flows.commands.options import AllowHostsOption, fail, print_json, say
from copydesk.schemas.plural import plural

DEFAULT_FILE = Path("sources.toml")
FileOption = Annotated[
    Path, typer.Option("--file", envvar="COPYDESK_SOURCES", help="The file of named sources.")
]

group = typer.Typer(
    name="sources", help="Named sources: where they are, how and when they are read.",
    no_args_is_help=True,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group)


@group.command(name="list")
def list_(
    file: FileOption = DEFAULT_FILE,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the sources of a file.

    **Example:** `copydesk sources list --json`
    """
    from copydesk.schemas.sources import read_sources

    sources = read_sources(file).sources
    if as_json:
        document = {
            name: settings.model_dump(mode="json", exclude_defaults=True)
            for name, settings in sources.items()
        }
        print_json(document)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "kind", "address", "schedule", "tags")
    for name, settings in sources.items():
        kind = str(settings.kind) if settings.kind else "by address"
        table.add_row(
            name,
            kind,
            "\n".join(settings.inputs),
            settings.schedule or "",
            ", ".join(settings.tags),
        )
    Console(file=sys.stdout, highlight=False).print(table)


@group.command()
def check(
    file: FileOption = DEFAULT_FILE,
    offline: Annotated[
        bool, typer.Option("--offline", help="Check settings only; no network.")
    ] = False,
    allow_hosts: AllowHostsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check a file of named sources, and that each can be read: paths, secrets, addresses.

    For a site, its listing and one article are requested as a run would: with the same settings,
    robots.txt and rate. Exit status 1 when anything is wrong.

    **Example:** `copydesk sources check --file news.toml`
    """
    from copydesk.schemas.errors import CopydeskError
    from copydesk.schemas.sources import read_sources
    from copydesk.tasks.sources.check import first_problem
    from copydesk.tasks.sources.open_named import open_named
    from copydesk.tasks.sources.web.fetch.event_loop import close_fetch_loops

    wrong: dict[str, str] = {}
    sources = read_sources(file).sources
    for name, settings in sources.items():
        try:
            allow = (*settings.allow, *(allow_hosts or ()))
            source_list = open_named(name, settings.model_copy(update={"allow": allow}))
            problem = None if offline else first_problem(source_list)
        except CopydeskError as error:
            problem = str(error).removeprefix(f"source {name}: ")
        if problem is not None:
            wrong[name] = problem
            say(f"source {name}: {problem}")
    close_fetch_loops()
    if as_json:
        document = [{"source": name, "problem": wrong.get(name)} for name in sources]
        print_json(document)
    if wrong:
        fail(f"{file}: {len(wrong)} of {plural(len(sources), 'source')} cannot be read")
    say(f"{file}: {plural(len(sources), 'source')}, no problems.")


@group.command()
def add(
    name: Annotated[str, typer.Argument(help="Lower-case letters and digits, with - _ . inside.")],
    address: Annotated[str, typer.Argument(help="A site, feed, sitemap, folder, pattern …")],
    file: FileOption = DEFAULT_FILE,
    kind: Annotated[
        str | None,
        typer.Option(help="site, wordpress, sitemap, feed, addresses, files (default: detected)."),
    ] = None,
    schedule: Annotated[str | None, typer.Option(help="Cron, in UTC: `0 5 * * *`.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="A tag for the source's runs.")
    ] = None,
) -> None:
    """Add a source to the file, which is created if missing.

    **Example:** `copydesk sources add harbour https://blog.harbour.example/ --schedule "0 5 * * *"`
    """
    from copydesk.schemas.sources import parse_sources, read_sources

    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if before and name in read_sources(file).sources:
        fail(f"{file} already has a source {name}: edit it there, or choose another name")
    fields = {"address": address, "kind": kind, "schedule": schedule, "tags": tags}
    lines = [f"[sources.{_key(name)}]"]
    lines += [
        # JSON strings and lists of strings are valid TOML
        f"{field} = {json.dumps(value, ensure_ascii=False)}"
        for field, value in fields.items()
        if value
    ]
    after = f"{before.rstrip()}\n\n" if before.strip() else ""
    after += "\n".join(lines) + "\n"
    parse_sources(after, str(file))
    file.write_text(after, encoding="utf-8")
    say(f"Added {name} to {file}; read it with: copydesk ingest --source {name}")


@group.command()
def example() -> None:
    """Print a commented file of named sources to start from.

    **Example:** `copydesk sources example > sources.toml`
    """
    from copydesk.schemas.sources import EXAMPLE

    sys.stdout.write(EXAMPLE.read_text(encoding="utf-8"))


def _key(name: str) -> str:
    return json.dumps(name) if "." in name else name
