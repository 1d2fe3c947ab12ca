"""What a person asks to be cleaned again, and the run of it that is begun or gone on with."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flows.alive import marked_alive
from flows.lake import open_lake
from flows.prepare import PreparedRun, resumed
from flows.progress import progress
from schemas.errors import CopydeskError
from tasks.cleaning.site_lines import cleaner_version
from tasks.recleaning import VersionError, batches, checked_version, to_json
from warehouse.forms import OpenRun, RunPlan
from warehouse.kept import Choice, choose
from warehouse.lake import RECLEAN, Lake
from warehouse.plans import Plans

if TYPE_CHECKING:
    from flows.request import Request
    from schemas.gates import GateSettings
    from tasks.cleaning.rules import Rules
    from tasks.dedup.site_lines import SiteLines

Table = TypeVar("Table", "Rules", "SiteLines")


class RecleanError(CopydeskError):
    """What was asked for cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Recleaning:
    """Which documents to clean again, and with what: the same again goes on with a run of it.

    ``where`` is a condition in SQL, ``site`` a name or host; no ``sources`` are all of them.
    ``rules`` is a table of site rules for every source, ``lines`` one of lines that sites repeat;
    else each named source of ``sources_file`` has its own. ``gates`` is what all quality gates do.
    """

    where: str | None = None
    site: str | None = None
    sources: tuple[str, ...] = ()
    to_version: str | None = None
    rules: str | None = None
    sources_file: str | None = None
    gates: str | None = None
    lines: str | None = None

    def parameters(self) -> str:
        """Write it as JSON."""
        shown = dataclasses.asdict(self) | {"to_version": self.version()}
        del shown["gates"]
        return json.dumps(
            {name: value for name, value in shown.items() if value}, ensure_ascii=False
        )

    def version(self) -> str:
        """Give the cleaner version to write; RecleanError when today's cleaner cannot."""
        try:
            return checked_version(self.to_version)
        except VersionError as error:
            raise RecleanError(str(error)) from error

    def choice(self) -> Choice:
        """Say it as the lake asks for it."""
        lines = self.site_lines()
        base = self.version()
        return Choice(
            cleaner_version(lines.get(""), base),
            self.where,
            self.site,
            self.sources,
            {name: cleaner_version(one, base) for name, one in lines.items() if name},
        )

    def words(self) -> str:
        """Say it as a person would."""
        parts = [f"source {name}" for name in self.sources]
        parts += [f"site {self.site}"] if self.site else []
        parts += [f"where {self.where}"] if self.where else []
        return "Documents of " + ", ".join(parts) if parts else "All documents"

    def site_rules(self) -> Mapping[str, Rules]:
        """Read the site rules by source; the one under ``""`` is for sources that have none."""
        from flows.request import Request

        alone = None if self.rules is None else Request((self.rules,), rules=self.rules)
        return self._by_source(alone, Request.site_rules)

    def site_lines(self) -> Mapping[str, SiteLines]:
        """Read the tables of lines to cut, likewise."""
        from flows.request import Request

        alone = None if self.lines is None else Request((self.lines,), lines=self.lines)
        return self._by_source(alone, Request.site_lines)

    def _by_source(
        self, alone: Request | None, read: Callable[[Request], Table | None]
    ) -> Mapping[str, Table]:
        """Read one table for all sources, or that of each named source which has one."""
        from flows.request import Request

        asked = {"": alone} if alone is not None else {
            name: Request((), name, sources_file=self.sources_file) for name in self._named()
        }  # fmt: skip
        read_ = {name: read(one) for name, one in asked.items()}
        return {name: table for name, table in read_.items() if table is not None}

    def gate_settings(self) -> Mapping[str, GateSettings]:
        """Give the gates' settings by source; the one under ``""`` is for the others."""
        from flows.request import Request

        usual = Request(("",), gates=self.gates).gate_settings()
        named = {
            name: Request((), name, sources_file=self.sources_file, gates=self.gates)
            for name in self._named()
        }
        return {"": usual} | {name: one.gate_settings() for name, one in named.items()}

    def _named(self) -> list[str]:
        from schemas.sources import read_sources

        if self.sources_file is None or not Path(self.sources_file).exists():
            return []
        return list(read_sources(Path(self.sources_file)).sources)


@contextlib.contextmanager
def prepare_reclean(
    asked: Recleaning, home: Path, address: str | None, *, batch_size: int, now: datetime
) -> Iterator[PreparedRun | None]:
    """Go on with a run of this that broke off, or plan and begin one; None: nothing is older.

    Two are never begun at once. RecleanError when one is at work or is held already.
    """
    asked.site_rules()  # a mistake in them is said before anything is done
    asked.site_lines()
    lake = open_lake(home, address)
    for run in _open_runs(lake, asked):
        if run.held:
            raise RecleanError(
                f"run {run.plan.run_id} of the same is held; end it first: copydesk runs release "
                f"{run.plan.run_id}, or drop"
            )
        with marked_alive(home, run.plan.run_id) as ours:
            if not ours:
                raise RecleanError(
                    f"run {run.plan.run_id} of the same is at work in another process; wait for it,"
                    " or stop that first"
                )
            yield resumed(lake, run)
            return
    run_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with marked_alive(home, run_id):
        yield _begun(lake, asked, run_id, batch_size=batch_size, now=now)


def discard(asked: Recleaning, home: Path, address: str | None) -> list[str]:
    """Give up the runs of this that are held or broke off; gives their ids."""
    lake = open_lake(home, address)
    dropped = []
    for run in _open_runs(lake, asked):
        with marked_alive(home, run.plan.run_id) as ours:
            if not ours:
                raise RecleanError(
                    f"run {run.plan.run_id} is at work in another process; stop that first"
                )
            lake.abandon(run.plan.run_id, "discarded")
        dropped.append(run.plan.run_id)
    return dropped


def _open_runs(lake: Lake, asked: Recleaning) -> list[OpenRun]:
    wanted = asked.parameters()
    return [
        run
        for run in lake.unfinished()
        if run.plan.flow == RECLEAN and run.plan.parameters == wanted
    ]


def _begun(
    lake: Lake, asked: Recleaning, run_id: str, *, batch_size: int, now: datetime
) -> PreparedRun | None:
    progress().phase("Planning")
    plans = Plans(lake.store, run_id)
    items, numbers, sources = 0, [], dict[str, None]()
    with choose(lake, asked.choice()) as chosen:
        there, gone = chosen.count()
        if not there:
            if gone:
                progress().note(f"The bytes of {gone:,} documents are gone: they stay as they are.")
            return None
        documents = (document for document, _ in chosen.documents())
        for batch in batches(documents, size=batch_size, gone=gone):
            plans.put(batch.number, to_json(batch))
            numbers.append(batch.number)
            items += len(batch)
            sources[batch.documents[0].source] = None
            progress().advance(len(batch))
    names = ", ".join(sources)
    lake.begin(
        RunPlan(
            run_id=run_id,
            flow=RECLEAN,
            source=names,
            started_at=now,
            parameters=asked.parameters(),
            cleaner_version=asked.choice().version,
            host=socket.gethostname(),
            pid=os.getpid(),
            items=items,
        )
    )
    return PreparedRun(run_id, items, tuple(numbers), source=names)
