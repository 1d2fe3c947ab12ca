"""Options and messages that the commands share."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from copydesk.flows.engines.base import EngineName

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
"""Exit status of a run that a quality gate holds: it did not fail, and nobody sees it yet."""

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

ContactOption = Annotated[
    str | None, typer.Option(help="Address that sites find in the User-Agent, to reach you.")
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
        help="A machine of your own that may be asked though it is not public.",
    ),
]

WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Processes that clean (default: one a core).")
]

VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the engine's own log as well.")
]

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print what was done as JSON on standard output.")
]

EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        envvar="COPYDESK_ENGINE",
        metavar="|".join(EngineName),
        help="What the batches are done by: processes of this machine, or workers of a cluster.",
    ),
]

ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        envvar="COPYDESK_CLUSTER",
        metavar="ADDRESS",
        help="A cluster that runs: `tcp://host:8786` of Dask, `ray://host:10001` of Ray "
        "(default: one of `--workers` processes, for this run alone).",
    ),
]


def _action(gates: str | None) -> str | None:
    if gates not in (None, "hold", "warn", "off"):
        raise typer.BadParameter(f"{gates!r} is none of hold, warn, off", param_hint="--gates")
    return gates


GatesOption = Annotated[
    str | None,
    typer.Option(
        metavar="hold|warn|off",
        callback=_action,
        help="What quality gates do that find something (default: the source's settings, else "
        "warn).",
    ),
]


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """Read ``NAME=VALUE`` options; a wrong one is a wrong command line."""
    read: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not (name and equals and rest):
            raise typer.BadParameter(f"{value!r} is not NAME=VALUE", param_hint=option)
        read[name] = rest
    return read


def placed(engine: str, cluster: str | None, workers: int | None) -> Placement:
    """Say where batches are to be done; what does not go together is a wrong command line."""
    from copydesk.flows.engines.placement import Placement

    placement = Placement.named(engine, cluster)
    if cluster is not None and workers is not None:
        raise typer.BadParameter("a cluster has workers of its own", param_hint="--workers")
    return placement


def say_old_deployments() -> list[str]:
    """Name deployments of old entrypoints on the Prefect API in use; gives their names."""
    from copydesk.flows.prefect_api.old_entrypoints import advice, old_deployments

    if names := old_deployments():
        say(advice(names))
    return names


def say(message: str) -> None:
    """Tell the person something that is not the command's output."""
    sys.stderr.write(message + "\n")


def tell(value: object) -> None:
    """Give a program a value as JSON on standard output."""
    import json

    from copydesk.flows.display.query_results import json_default

    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=json_default)
    sys.stdout.write("\n")


def fail(message: str) -> NoReturn:
    """End the command: it failed."""
    say(f"copydesk: {message}")
    sys.exit(1)
