"""What a person or a schedule asks a run to read, and how."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

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


class _Resolving:
    """What is read of what a request names is read once, and stays in its process."""

    def __getstate__(self) -> dict[str, object]:
        return {name: vars(self)[name] for name in self.__dataclass_fields__}  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Request(_Resolving):
    """What is asked for: the same request again goes on with a run of it that broke off.

    ``inputs`` are paths, globs and addresses; ``source`` names their root. Without inputs,
    ``source`` is one of the named sources in ``sources_file``. ``columns`` maps an article's
    fields to the columns of tables. ``allow_hosts`` are hosts of one's own that may be read
    though they are not public; ``contact`` stands in the User-Agent; ``most`` bounds the articles
    that a source gives in one run. ``rules`` is the path of a table of site rules. ``gates`` is
    what all quality gates do: ``hold``, ``warn`` or ``off``; else the source's settings say it.
    ``gently`` asks hosts for one thing at a time and reads whatever ``most`` says: for what is
    long past.
    ``lines`` is the path of a table of lines that sites repeat.
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
        """Write it as JSON, with absolute paths and without what may be secret."""
        shown = dataclasses.asdict(self)
        del shown["storage_options"], shown["gates"]  # the same run, whatever its gates do
        shown["inputs"] = self.absolute().inputs
        return json.dumps(
            {name: value for name, value in shown.items() if value}, ensure_ascii=False
        )

    def absolute(self) -> Request:
        """Give the same request in words that mean the same in every folder."""
        return dataclasses.replace(self, inputs=tuple(map(_absolute, self.inputs)))

    @cached_property
    def site_rules(self) -> SiteRules | None:
        """The site rules; RuleError says what is wrong with them."""
        from copydesk.tasks.cleaning.sites.rules import RuleError, read_rules

        path = Path(self.rules) if self.rules else None
        if path is None and self._is_named and (named := self.settings.rules):
            path = self._file.parent / named
        if path is None:
            return None
        try:
            return read_rules(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            raise RuleError(f"cannot read the site rules {path}: {error}") from error

    @cached_property
    def site_lines(self) -> SiteLines | None:
        """The table of lines to cut; SiteLinesError says what is wrong with it."""
        from copydesk.tasks.cleaning.sites.repeated_lines import SiteLinesError, read_lines

        path = Path(self.lines) if self.lines else None
        if path is None and self._is_named and (named := self.settings.site_lines):
            path = self._file.parent / named
        if path is None:
            return None
        try:
            return read_lines(path.read_text(encoding="utf-8"), str(path)).to_cut()
        except (OSError, UnicodeError) as error:
            raise SiteLinesError(f"cannot read the site lines {path}: {error}") from error

    def keep_raw(self) -> KeepRaw:
        """Tell whose bytes are kept."""
        return self.settings.keep_raw if self._is_named else "all"

    def gate_settings(self) -> GateSettings:
        """Tell what the quality gates do with the run."""
        from copydesk.schemas.gates import Action, GateSettings

        settings = self.settings.gates if self._is_named else GateSettings()
        if self.gates is None:
            return settings
        alone: dict[str, object] = dict.fromkeys(("hold", "warn", "off"), ())
        return settings.model_copy(update={**alone, "action": Action(self.gates)})

    def label(self) -> str:
        """Name what is read, as a message names it."""
        return self.source or ", ".join(self.inputs)

    @property
    def _is_named(self) -> bool:
        return not self.inputs and self.source is not None

    @property
    def _file(self) -> Path:
        return Path(self.sources_file or "sources.toml")

    @cached_property
    def settings(self) -> SourceSettings:
        """The settings of the named source; SourceError when there is none of the name."""
        from copydesk.schemas.sources import read_sources
        from copydesk.tasks.sources import SourceError

        file = self._file
        if not file.exists():
            raise SourceError(f"nothing to read was given, and there is no {file} of named sources")
        named = read_sources(file).sources
        if self.source not in named:
            raise SourceError(f"{file} has no source {self.source}; it has {', '.join(named)}")
        return named[self.source]

    def addresses(self) -> tuple[str, ...]:
        """Give the inputs, or those of the named source."""
        return self.settings.inputs if self._is_named else self.inputs

    @cached_property
    def sources(self) -> list[Source]:
        """The sources that it names; SourceError says which one there is not."""
        opened = self._open()
        return [source.gently() for source in opened] if self.gently else opened

    def _wished(self, settings: SourceSettings) -> SourceSettings:
        """Give a named source's settings with what was asked for beside its name."""
        wished = {
            "allow": (*settings.allow, *self.allow_hosts),
            "contact": self.contact or settings.contact,
            "limit": None if self.gently else self.most or settings.limit,
        }
        return settings.model_copy(update=wished)

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


def _absolute(one: str) -> str:
    if "://" in one:
        return one
    mark = "@" if one.startswith("@") else ""  # a file that lists addresses
    return mark + os.path.abspath(Path(one.removeprefix(mark)).expanduser())  # noqa: PTH100


Table = TypeVar("Table", "SiteRules", "SiteLines")


class RecleanError(CopydeskError):
    """What was asked for cannot be done; the message says why."""


@dataclass(frozen=True)
class Recleaning(_Resolving):
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

    @cached_property
    def choice(self) -> DocumentFilter:
        """The documents, as the lake is asked for them."""
        lines = self.site_lines
        base = self.version()
        return DocumentFilter(
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

    @cached_property
    def site_rules(self) -> Mapping[str, SiteRules]:
        """The site rules by source; the one under ``""`` is for sources that have none."""
        alone = None if self.rules is None else Request((self.rules,), rules=self.rules)
        return self._by_source(alone, lambda one: one.site_rules)

    @cached_property
    def site_lines(self) -> Mapping[str, SiteLines]:
        """The tables of lines to cut, likewise."""
        alone = None if self.lines is None else Request((self.lines,), lines=self.lines)
        return self._by_source(alone, lambda one: one.site_lines)

    def _by_source(
        self, alone: Request | None, read: Callable[[Request], Table | None]
    ) -> Mapping[str, Table]:
        """Read one table for all sources, or that of each named source which has one."""
        asked = self._named if alone is None else {"": alone}
        read_ = {name: read(one) for name, one in asked.items()}
        return {name: table for name, table in read_.items() if table is not None}

    def gate_settings(self) -> Mapping[str, GateSettings]:
        """Give the gates' settings by source; the one under ``""`` is for the others."""
        usual = Request(("",), gates=self.gates).gate_settings()
        return {"": usual} | {name: one.gate_settings() for name, one in self._named.items()}

    @cached_property
    def _named(self) -> Mapping[str, Request]:
        """The named sources, each as a request for it."""
        from copydesk.schemas.sources import read_sources

        if self.sources_file is None or not Path(self.sources_file).exists():
            return {}
        return {
            name: Request((), name, sources_file=self.sources_file, gates=self.gates)
            for name in read_sources(Path(self.sources_file)).sources
        }


Asked = TypeVar("Asked", Request, Recleaning)


@lru_cache(maxsize=32)  # slices at once, and their runs before
def resolved(asked: Asked, run_id: str) -> Asked:  # noqa: ARG001  the next run may find other files
    """Give the object that all batches of a run in this process share, with what it has read."""
    return asked
