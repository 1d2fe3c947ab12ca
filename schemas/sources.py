"""Named sources: the schema of ``sources.toml``, and readable errors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.gates import GateSettings
from copydesk.schemas.source_kinds import SourceKind, all_kinds

EXAMPLE = Path(__file__).with_name("data") / "sources.toml"
NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
REFERENCE = re.compile(
    r"\$\{(?:(?P<variable>[A-Za-z_][A-Za-z0-9_]*)|secret:(?P<block>[a-z0-9]+(?:-[a-z0-9]+)*))\}"
)
"""A reference to a secret; names of Prefect blocks have lower-case letters, digits and dashes."""
_SECRET = re.compile(r"auth|cookie|credential|key|passw|secret|session|signature|token", re.I)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_USER = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*@", re.IGNORECASE)
_MACHINE = re.compile(
    r"(?:\[[0-9a-f:.%\w]+\]|[^\s/:@\[\]?#*]+(?:/\d{1,3})?)(?::(?P<port>\d{1,5}))?"
    r"|[0-9a-f.]*:[0-9a-f:.]*(?:/\d{1,3})?",
    re.IGNORECASE,
)


class SettingsError(CopydeskError):
    """Its message names the file, source and setting that is wrong, and what would be right."""


def _by_reference(values: dict[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if _SECRET.search(name) and not REFERENCE.search(value):
            raise ValueError(
                f"{name} is a secret: write ${{NAME}} and set NAME in the environment, or "
                "${secret:name} for a Secret block of Prefect"
            )
    return values


def _cron(text: str) -> str:
    parts = text.split()
    if len(parts) not in (5, 6) or not all(re.fullmatch(r"[\w*/,#?-]+", part) for part in parts):
        raise ValueError("not a cron schedule, such as `0 5 * * *` (every day at five)")
    return text


def machine(text: str) -> str:
    """Validate the name of a private machine.

    An IP address, a network or a host, optionally ``:port``.

    Raises:
        ValueError: the text is none of these, such as an address with a scheme.
    """
    match = _MACHINE.fullmatch(text.strip())
    if match is None or int(match["port"] or 0) > 65_535:
        raise ValueError(
            f"{text!r} is not a machine: write a host, an IP address or a network, with :port "
            "where one port is meant (cms.local, 127.0.0.1:8000, [::1]:8000, 10.0.0.0/8)"
        )
    return text.strip()


def _kind(text: str) -> SourceKind | str:
    if text in list(SourceKind):
        return SourceKind(text)
    if text not in all_kinds():
        raise ValueError(f"there is no kind {text!r}; there are {', '.join(all_kinds())}")
    return text


Secrets = Annotated[dict[str, str], AfterValidator(_by_reference)]
Kind = Annotated[str, AfterValidator(_kind)]
Cron = Annotated[str, AfterValidator(_cron)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Defaults(_Form):
    """Settings of all sources that do not set their own."""

    contact: str | None = Field(
        default=None, description="Your contact address, sent in the User-Agent."
    )
    delay: float = Field(
        default=1.0, ge=0, le=3600, description="Seconds between requests to a host."
    )
    concurrency: int = Field(default=2, ge=1, le=32, description="Concurrent requests to a host.")
    robots: bool = Field(
        default=True, description="Obey robots.txt; false only for your own hosts."
    )
    keep_raw: Literal["all", "articles", "none", "pointer"] = Field(
        default="all",
        description="Which raw bytes are stored; pointer: of archives on the web, their ranges.",
    )
    proxy: str | None = Field(default=None, description="Web proxy; its password by reference.")
    allow: tuple[str, ...] = Field(
        default=(), description="Private machines that may be requested."
    )
    max_document_mb: float = Field(
        default=20, gt=0, le=1000, description="Larger documents are rejected."
    )
    gates: GateSettings = Field(
        default=GateSettings(), description="Quality gates, checked before a run becomes visible."
    )

    @field_validator("proxy")
    @classmethod
    def _proxy_by_reference(cls, value: str | None) -> str | None:
        if value and _USER.match(value) and not REFERENCE.search(value):
            raise ValueError("a proxy's password is a secret: write ${NAME} or ${secret:name}")
        return value

    @field_validator("allow")
    @classmethod
    def _machines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(machine, value))


class SourceSettings(Defaults):
    """One named source."""

    kind: Kind | None = Field(default=None, description="Detected from the address if absent.")
    address: str | None = Field(
        default=None, description="Its address: on the web, a path, or a bucket."
    )
    addresses: tuple[str, ...] = Field(default=(), description="Several addresses, instead of one.")
    schedule: Cron | None = Field(default=None, description="Cron, in UTC.")
    tags: tuple[str, ...] = Field(default=(), description="Your own labels, to select sources by.")
    limit: int | None = Field(
        default=None, ge=1, description="Maximum number of articles that a run reads."
    )
    rules: str | None = Field(
        default=None, description="Path of a table of site rules, relative to this file."
    )
    site_lines: str | None = Field(
        default=None,
        description="Path of a table of lines to cut (`copydesk chrome`), relative to this file.",
    )
    headers: Secrets = Field(
        default_factory=dict, description="HTTP headers, sent only to the source's host."
    )
    columns: dict[str, str] = Field(
        default_factory=dict, description="Column names of tables, by field."
    )
    storage_options: Secrets = Field(
        default_factory=dict, description="Options for fsspec, or for a kind from another package."
    )
    follow_links: bool = Field(
        default=False, description="Follow symbolic links out of the folder that is read."
    )

    @property
    def inputs(self) -> tuple[str, ...]:
        """All addresses."""
        return self.addresses or ((self.address,) if self.address else ())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if bool(self.address) == bool(self.addresses):
            raise ValueError("give either `address` or `addresses`")
        for address in self.inputs:
            if _USER.match(address):
                raise ValueError("a user name or password must not stand in an address")
        on_web = [bool(_WEB.match(address)) for address in self.inputs]
        is_web = isinstance(self.kind, SourceKind) and self.kind.is_web
        if is_web and not all(on_web):
            raise ValueError(f"a source of the kind {self.kind} needs https:// addresses")
        if self.headers and not all(on_web):
            raise ValueError("headers are only for sources on the web")
        return self


class NotifySettings(_Form):
    """Where to report what a publish changed, and how."""

    url: str = Field(description="Address that gets a POST after a publish that changed something.")
    secret: str = Field(description="Key of the signature (HMAC-SHA256), by reference.")
    retry_seconds: tuple[Annotated[float, Field(ge=0, le=3600)], ...] = Field(
        default=(2, 10, 30), max_length=10, description="Seconds before each further attempt."
    )
    allow: tuple[str, ...] = Field(
        default=(), description="Private machines that it may be sent to."
    )

    @field_validator("url")
    @classmethod
    def _on_web(cls, value: str) -> str:
        if not _WEB.match(value) or _USER.match(value):
            raise ValueError("write an https:// address without a user name or password")
        return value

    @field_validator("secret")
    @classmethod
    def _secret_by_reference(cls, value: str) -> str:
        return _by_reference({"secret": value})["secret"]

    @field_validator("allow")
    @classmethod
    def _machines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(machine, value))


class SourcesFile(_Form):
    """The content of a ``sources.toml``."""

    project: str | None = Field(default=None, max_length=60, pattern=r"^[A-Za-z0-9_-]+$")
    """First part of the names of deployments; by default the home folder's name."""

    pool: str = Field(default="copydesk", max_length=60, pattern=r"^[A-Za-z0-9_-]+$")
    """Prefect work pool of the deployments; its workers must be able to write to the home."""

    defaults: Defaults = Defaults()
    notify: NotifySettings | None = None
    sources: dict[str, SourceSettings] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not isinstance(data.get("sources"), Mapping):
            return data
        defaults = data.get("defaults")
        default_settings = dict(defaults) if isinstance(defaults, Mapping) else {}
        sources = {
            name: {**default_settings, **settings, **_gates(default_settings, settings)}
            if isinstance(settings, Mapping)
            else settings
            for name, settings in data["sources"].items()
        }
        return {**data, "sources": sources}

    @field_validator("sources")
    @classmethod
    def _names(cls, sources: dict[str, SourceSettings]) -> dict[str, SourceSettings]:
        for name in sources:
            if not NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r}: a name has lower-case letters and digits, with - _ . inside"
                )
        return sources


def _gates(defaults: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """Merge a source's gate settings into the default ones."""
    default_gates, source_gates = defaults.get("gates"), source.get("gates")
    if isinstance(default_gates, Mapping) and isinstance(source_gates, Mapping):
        return {"gates": {**default_gates, **source_gates}}
    return {}


def read_sources(path: Path) -> SourcesFile:
    """Read a file of named sources; SettingsError lists all mistakes in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"cannot read {path}: {why}; copydesk sources example > {path} creates one"
        ) from error
    return parse_sources(text, str(path))


def parse_sources(text: str, name: str = "sources.toml") -> SourcesFile:
    """Parse a file of named sources; ``name`` appears in errors."""
    try:
        return SourcesFile.model_validate(tomllib.loads(text.removeprefix("\ufeff")))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error, name))) from error


def _sentences(error: ValidationError, name: str) -> list[str]:
    """Return a line for each mistake: the file, the setting, and what is wrong."""
    return list(
        dict.fromkeys(
            f"{name}: {'.'.join(map(str, mistake['loc'])) or 'the file'}: "
            f"{_known(mistake) or mistake['msg'].removeprefix('Value error, ')}"
            for mistake in error.errors()
        )
    )


def _known(mistake: Mapping[str, Any]) -> str | None:
    """Return a sentence that lists the existing settings, if the mistake is an unknown one."""
    if mistake["type"] != "extra_forbidden":
        return None
    location = mistake["loc"]
    form: type[BaseModel] = SourcesFile if len(location) == 1 else Defaults
    if "gates" in location[:-1]:
        form = GateSettings
    elif location[0] == "sources":
        form = SourceSettings
    elif location[0] == "notify":
        form = NotifySettings
    return f"no such setting; there are {', '.join(form.model_fields)}"
