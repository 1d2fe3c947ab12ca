"""Options, messages and output that the commands share."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from copydesk.flows.display.terminal import QUIET
from copydesk.flows.engines.base import EngineName
from copydesk.flows.prefect_api.connection import LOG_FORMAT_VARIABLE, LogFormat

if TYPE_CHECKING:
    from copydesk.flows.engines.placement import Placement

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="COPYDESK_HOME",
        help="Folder that holds the lake and the published tables.",
        show_default=True,
    ),
]
EXIT_HELD = 3
"""Exit status if a quality gate holds the run, which has not failed but is not visible yet."""

DEFAULT_HOME = Path("copydesk-data")

LakeOption = Annotated[
    str | None,
    typer.Option(
        "--lake",
        envvar="COPYDESK_LAKE",
        help="The lake's address where it is not below --home: `s3://bucket/lake`, a folder.",
    ),
]

SourcesFileOption = Annotated[
    Path,
    typer.Option("--sources-file", envvar="COPYDESK_SOURCES", help="The file of named sources."),
]
DEFAULT_SOURCES_FILE = Path("sources.toml")

SpreadsheetOption = Annotated[
    bool,
    typer.Option(
        "--spreadsheet", help="In CSV, put ' before texts that a spreadsheet takes for formulas."
    ),
]

ContactOption = Annotated[
    str | None, typer.Option(help="Contact address that sites see in the User-Agent.")
]


def _machines(values: list[str] | None) -> list[str] | None:
    from copydesk.schemas.sources import machine

    try:
        return [machine(value) for value in values or ()]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--allow-host") from error


AllowHostsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST[:PORT]",
        callback=_machines,
        help="A non-public host of your own that may be read.",
    ),
]

WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Cleaning processes (default: one per core).")
]

VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Also show Prefect's log.")]

LogFormatOption = Annotated[
    LogFormat | None,
    typer.Option(
        "--log-format",
        envvar="COPYDESK_LOG_FORMAT",
        help="Log runs on standard error: `text`, or `json` (one object per line).",
    ),
]

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output.")
]

EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        envvar="COPYDESK_ENGINE",
        metavar="|".join(EngineName),
        help="Where batches are cleaned: processes on this machine, or workers of a cluster.",
    ),
]

ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        envvar="COPYDESK_CLUSTER",
        metavar="ADDRESS",
        help="Address of a running cluster: `tcp://host:8786` (Dask), `ray://host:10001` (Ray); "
        "default: one of `--workers` processes, for this run only.",
    ),
]


def _action(gates: str | None) -> str | None:
    if gates not in (None, "hold", "warn", "off"):
        raise typer.BadParameter(f"{gates!r} is not one of hold, warn, off", param_hint="--gates")
    return gates


GatesOption = Annotated[
    str | None,
    typer.Option(
        metavar="hold|warn|off",
        callback=_action,
        help="What quality gates do with findings (default: the source's settings, else warn).",
    ),
]


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """Parse ``NAME=VALUE`` options; typer.BadParameter for a malformed one."""
    read: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not (name and equals and text):
            raise typer.BadParameter(f"{value!r} is not NAME=VALUE", param_hint=option)
        read[name] = text
    return read


def placement_for(engine: str, cluster: str | None, workers: int | None) -> Placement:
    """Return where batches are cleaned; typer.BadParameter for options that exclude each other."""
    from copydesk.flows.engines.placement import Placement

    placement = Placement.named(engine, cluster)
    if cluster is not None and workers is not None:
        raise typer.BadParameter("a cluster has its own workers", param_hint="--workers")
    return placement


def say_old_deployments() -> list[str]:
    """Report deployments of earlier releases on the Prefect API in use; return their names."""
    from copydesk.flows.prefect_api.old_entrypoints import advice, old_deployments

    if names := old_deployments():
        say(advice(names))
    return names


def say(message: str) -> None:
    """Print a message on standard error, unless ``--quiet`` is given.

    With a JSON log the message is a JSON object.
    """
    if not QUIET.get():
        _write_message(message, "INFO")


def console_progress() -> AbstractContextManager[None]:
    """Show progress on the terminal, unless the log is written there."""
    from copydesk.flows.display.progress import shown_in_terminal

    shows_log = LOG_FORMAT_VARIABLE in os.environ
    return contextlib.nullcontext() if shows_log else shown_in_terminal()


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    import json

    from copydesk.flows.display.query_results import json_default

    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=json_default)
    sys.stdout.write("\n")


def fail(message: str) -> NoReturn:
    """Print the message and end the command with status 1."""
    _write_message(f"copydesk: {message}", "ERROR")
    sys.exit(1)


def _write_message(message: str, level: str) -> None:
    if os.environ.get(LOG_FORMAT_VARIABLE) == LogFormat.JSON:
        import json

        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": level, "message": message, "event": "message"}
        message = json.dumps(line, ensure_ascii=False)
    sys.stderr.write(message + "\n")
