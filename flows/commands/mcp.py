"""``copydesk mcp``: offer the published tables to agents by the Model Context Protocol."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from copydesk.flows.commands.options import DEFAULT_HOME, HomeOption, fail, say


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(mcp)


def mcp(
    home: HomeOption = DEFAULT_HOME,
    http: Annotated[
        bool, typer.Option("--http", help="Serve HTTP on 127.0.0.1 instead of stdin and stdout.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of --http.")] = 8765,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="Most rows of an answer.")] = 200,
    kilobytes: Annotated[int, typer.Option(min=1, help="Largest answer, in KB of JSON.")] = 200,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time limit of a statement.")] = 20,
    memory: Annotated[str, typer.Option(help="DuckDB's memory limit.")] = "1GB",
) -> None:
    """Let an agent ask the published tables (MCP): search, show, why, query, changes, tables.

    Nothing is written, and no file or network is reached. Needs `pip install 'copydesk[mcp]'`.

    **Examples:** `copydesk mcp` · `copydesk mcp --http --port 8765`
    """
    if importlib.util.find_spec("mcp") is None:
        fail("the MCP SDK is not installed: pip install 'copydesk[mcp]'")
    from copydesk.flows.mcp_questions import Limits
    from copydesk.flows.mcp_server import serve

    limits = Limits(rows=rows, bytes=1000 * kilobytes, seconds=seconds, memory=memory)
    if http:
        say(f"MCP at http://127.0.0.1:{port}/mcp")
    serve(home, "http" if http else "stdio", port, limits)
