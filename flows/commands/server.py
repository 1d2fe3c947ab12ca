"""``copydesk up`` and ``copydesk down``: a persistent local Prefect server."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.flows.commands.options import JsonOption, print_json, say, say_old_deployments


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(up)
    app.command()(down)


def up(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 for any that is free.")
    ] = 4200,
    as_json: JsonOption = False,
) -> None:
    """Start a persistent local Prefect server, so that later commands start in seconds.

    **Example:** `copydesk up && copydesk ingest seeds/`
    """
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=False)
    say("Starting the Prefect server (about 10 seconds, longer the first time) …")
    url, started = connection.up(port)
    page = url.removesuffix("/api")
    say(f"The Prefect server {'is up' if started else 'was up already'}: {page}")
    say("Stop it with: copydesk down")
    with connection.use(connection.Api(url, "up")):
        say_old_deployments()
    if as_json:
        print_json({"api": url, "page": page, "started": started})


def down() -> None:
    """Stop the server that `copydesk up` started."""
    from copydesk.flows.prefect_api import connection

    connection.configure(verbose=False)
    say(
        "Stopped the Prefect server."
        if connection.down()
        else "No server started by copydesk up is running."
    )
