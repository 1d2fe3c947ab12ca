"""Requests: what a run reads, and how."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from copydesk.schemas.credentials import without_credentials
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.cleaning.sites.repeated_lines import cleaner_version
from copydesk.tasks.reclean.batch import VersionError, checked_version
from copydesk.warehouse.history.stored_documents import DocumentFilter

if TYPE_CHECKING:
    from copydesk.schemas.gates import GateSettings
    from copydesk.schemas.sources import SourceSettings
    from copydesk.tasks.cleaning.sites.rules import SiteRules
    from copydesk.tasks.dedup.repeated_site_lines import SiteLines
    from copydesk.tasks.ingest.batch import KeepRaw
    from copydesk.tasks.sources import Source
    from copydesk.tasks.sources.web.fetch.fetcher import Policy


class _Resolving:
    """A request whose files are read once per process; what was read is not pickled."""

    def __getstate__(self) -> dict[str, object]:
        return {name: vars(self)[name] for name in self.__dataclass_fields__}  # type: ignore[attr-defined]


@dataclass(frozen=True)
class IngestRequest(_Resolving):
    """What to ingest; an equal request resumes an interrupted run.

    ``inputs`` are paths, globs and addresses; ``source`` names their root. Without inputs,
    ``source`` is one of the named sources in ``sources_file``. ``columns`` maps an article's fields
    to the columns of tables. ``allow_hosts`` are private hosts that may be read although they are
    not public; ``contact`` is sent in the User-Agent; ``most`` limits the articles of a source in
    one run. ``rules`` is the path of a table of site rules. ``gates`` is the action of all quality
    gates: ``hold``, ``warn`` or ``off``; by default, the source's settings. ``gently`` sends one
    request to a host at a time and ignores ``most``: for backfills. ``lines`` is the path of a
    table of lines that sites repeat.
    """

    inputs: tuple[str, ...] = ()
    source: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    storage_options: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    allow_hosts: tuple[str, ...] = ()
    contact: str | None = None
    most: int | None = None
    rules: str | None = None
    sources_file: str | None = None
    gates: str | None = None
    gently: bool = False
    lines: str | None = None

    def parameters(self) -> str:
        """Return the request as JSON, with absolute paths and without secrets."""
        fields = dataclasses.asdict(self)
        del fields["storage_options"], fields["gates"]  # gates do not make another run
        fields["inputs"] = tuple(map(without_credentials, self.absolute().inputs))
        return json.dumps(
            {name: value for name, value in fields.items() if value}, ensure_ascii=False
        )

    def absolute(self) -> IngestRequest:
        """Return the request with absolute paths."""
        return dataclasses.replace(self, inputs=tuple(map(_absolute, self.inputs)))

    @cached_property
    def site_rules(self) -> SiteRules | None:
        """Return the site rules; RuleError if they are wrong."""
        from copydesk.tasks.cleaning.sites.rules import RuleError, read_rules

        path = Path(self.rules) if self.rules else None
        if path is None and self._is_named and (rules_file := self.settings.rules):
            path = self._file.parent / rules_file
        if path is None:
            return None
        try:
            return read_rules(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            raise RuleError(f"cannot read the site rules {path}: {error}") from error

    @cached_property
    def site_lines(self) -> SiteLines | None:
        """Return the table of lines to cut; SiteLinesError if it is wrong."""
        from copydesk.tasks.cleaning.sites.repeated_lines import SiteLinesError, read_lines

        path = Path(self.lines) if self.lines else None
        if path is None and self._is_named and (lines_file := self.settings.site_lines):
            path = self._file.parent / lines_file
        if path is None:
            return None
        try:
            return read_lines(path.read_text(encoding="utf-8"), str(path)).to_cut()
        except (OSError, UnicodeError) as error:
            raise SiteLinesError(f"cannot read the site lines {path}: {error}") from error

    def keep_raw(self) -> KeepRaw:
        """Return which raw documents are kept."""
        return self.settings.keep_raw if self._is_named else "all"

    def gate_settings(self) -> GateSettings:
        """Return the settings of the quality gates."""
        from copydesk.schemas.gates import Action, GateSettings

        settings = self.settings.gates if self._is_named else GateSettings()
        if self.gates is None:
            return settings
        none_by_action: dict[str, object] = dict.fromkeys(("hold", "warn", "off"), ())
        return settings.model_copy(update={**none_by_action, "action": Action(self.gates)})

    def label(self) -> str:
        """Return the name of the source or inputs, for messages."""
        return self.source or ", ".join(map(without_credentials, self.inputs))

    @property
    def _is_named(self) -> bool:
        return not self.inputs and self.source is not None

    @property
    def _file(self) -> Path:
        return Path(self.sources_file or "sources.toml")

    @cached_property
    def settings(self) -> SourceSettings:
        """Return the settings of the named source; SourceError if there is none."""
        from copydesk.schemas.sources import read_sources
        from copydesk.tasks.sources import SourceError

        file = self._file
        if not file.exists():
            raise SourceError(f"no input was given, and there is no file of named sources {file}")
        sources = read_sources(file).sources
        if self.source not in sources:
            raise SourceError(f"{file} has no source {self.source}; it has {', '.join(sources)}")
        return sources[self.source]

    def addresses(self) -> tuple[str, ...]:
        """Return the inputs, or those of the named source."""
        return self.settings.inputs if self._is_named else self.inputs

    @cached_property
    def sources(self) -> list[Source]:
        """Return the sources to read; SourceError if one does not exist or takes too long."""
        from copydesk.tasks.workers.discovery import stall_seconds, with_stall_limit

        opened = list(with_stall_limit(self._open, stall_seconds()))
        return [source.gently() for source in opened] if self.gently else opened

    def _wished(self, settings: SourceSettings) -> SourceSettings:
        """Return a named source's settings with the request's own options applied."""
        changes = {
            "allow": (*settings.allow, *self.allow_hosts),
            "contact": self.contact or settings.contact,
            "limit": None if self.gently else self.most or settings.limit,
        }
        return settings.model_copy(update=changes)

    def _open(self) -> list[Source]:
        from copydesk.tasks.sources import open_sources

        if self.source is not None and self._is_named:
            from copydesk.tasks.sources.open_named import open_named

            return open_named(self.source, self._wished(self.settings))
        from copydesk.tasks.sources.web.fetch.client import Guard
        from copydesk.tasks.sources.web.fetch.fetcher import Policy
        from copydesk.tasks.sources.web.fetch.urls import AllowList
        from copydesk.tasks.sources.web.web_options import Web

        guard = Guard(allow=AllowList(self.allow_hosts))
        policy = Policy(guard=guard, contact=self.contact)
        return open_sources(
            self.inputs,
            name=self.source,
            columns=self.columns,
            storage_options=self.storage_options,
            web=Web(policy),
            item_limit=None if self.gently else self.most,
        )


def _absolute(source_input: str) -> str:
    if "://" in source_input:
        return source_input
    mark = "@" if source_input.startswith("@") else ""  # a file that lists addresses
    return mark + os.path.abspath(Path(source_input.removeprefix(mark)).expanduser())  # noqa: PTH100


Table = TypeVar("Table", "SiteRules", "SiteLines")


class RecleanError(CopydeskError):
    """A request to clean again that cannot be carried out; the message says why."""


@dataclass(frozen=True)
class RecleanRequest(_Resolving):
    """Which documents to clean again, and how; an equal request resumes an interrupted run.

    ``where`` is a condition in SQL, ``site`` a name or host; empty ``sources`` means all. ``rules``
    is a table of site rules for every source, ``lines`` one of lines that sites repeat; by default
    each named source of ``sources_file`` has its own. ``gates`` is the action of all quality gates.
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
        """Return the request as JSON."""
        fields = dataclasses.asdict(self) | {"to_version": self.version()}
        del fields["gates"]
        return json.dumps(
            {name: value for name, value in fields.items() if value}, ensure_ascii=False
        )

    def version(self) -> str:
        """Return the cleaner version to write; RecleanError when this cleaner cannot write it."""
        try:
            return checked_version(self.to_version)
        except VersionError as error:
            raise RecleanError(str(error)) from error

    @cached_property
    def choice(self) -> DocumentFilter:
        """Return the filter that selects documents from the lake."""
        lines = self.site_lines
        base = self.version()
        return DocumentFilter(
            cleaner_version(lines.get(""), base),
            self.where,
            self.site,
            self.sources,
            {name: cleaner_version(table, base) for name, table in lines.items() if name},
        )

    def words(self) -> str:
        """Return the selection in words."""
        parts = [f"source {name}" for name in self.sources]
        parts += [f"site {self.site}"] if self.site else []
        parts += [f"where {self.where}"] if self.where else []
        return "Documents of " + ", ".join(parts) if parts else "All documents"

    @cached_property
    def site_rules(self) -> Mapping[str, SiteRules]:
        """Return the site rules by source; the entry ``""`` is for the other sources."""
        single = None if self.rules is None else IngestRequest((self.rules,), rules=self.rules)
        return self._by_source(single, lambda request: request.site_rules)

    @cached_property
    def site_lines(self) -> Mapping[str, SiteLines]:
        """Return the lines to cut by source; the entry ``""`` is for the other sources."""
        single = None if self.lines is None else IngestRequest((self.lines,), lines=self.lines)
        return self._by_source(single, lambda request: request.site_lines)

    def _by_source(
        self, single: IngestRequest | None, read: Callable[[IngestRequest], Table | None]
    ) -> Mapping[str, Table]:
        """Read one table for all sources, or the table of each named source."""
        requests = self._named if single is None else {"": single}
        tables = {name: read(request) for name, request in requests.items()}
        return {name: table for name, table in tables.items() if table is not None}

    def policy_of(self, source: str) -> Policy | None:
        """Return the fetch policy in a named source's settings; None for another source."""
        from copydesk.tasks.sources.open_named import policy_of

        request = self._named.get(source)
        return None if request is None else policy_of(request.settings)

    def gate_settings(self) -> Mapping[str, GateSettings]:
        """Return gate settings by source; the entry ``""`` is for the other sources."""
        usual = IngestRequest(("",), gates=self.gates).gate_settings()
        return {"": usual} | {
            name: request.gate_settings() for name, request in self._named.items()
        }

    @cached_property
    def _named(self) -> Mapping[str, IngestRequest]:
        """Return a request for each named source."""
        from copydesk.schemas.sources import read_sources

        if self.sources_file is None or not Path(self.sources_file).exists():
            return {}
        return {
            name: IngestRequest((), name, sources_file=self.sources_file, gates=self.gates)
            for name in read_sources(Path(self.sources_file)).sources
        }


AnyRequest = TypeVar("AnyRequest", IngestRequest, RecleanRequest)


@lru_cache(maxsize=32)  # concurrent slices, and recent runs
def resolved(request: AnyRequest, run_id: str) -> AnyRequest:  # noqa: ARG001  files may change
    """Return the request object that all batches of a run share in this process."""
    return request
