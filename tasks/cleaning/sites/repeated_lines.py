"""Read and write the table of lines that sites repeat, and cut them from an article.

Like site rules, the table is a file that a person adopts: lines learned later change no text until
then. Its version is part of the cleaner's version of every row that was cleaned with it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from copydesk.schemas.article import Article
from copydesk.schemas.errors import CopydeskError
from copydesk.tasks.cleaning.version import CLEANER_VERSION
from copydesk.tasks.dedup.line_keys import line_key
from copydesk.tasks.dedup.repeated_site_lines import SiteLines, key_of, without_site_lines

HEAD: Final = """\
# Lines that sites repeat on their pages, to be cut. Written by `copydesk chrome`, which raises the
# version with each change; used by `copydesk ingest --site-lines` and a source's `site_lines`.
"""

_NAMES: Final = ("lines", "pinned", "forbidden")
_TARGET: Final = re.compile(r"(?<=\])\([^()\s]*\)")  # the address of a link in Markdown


class SiteLinesError(CopydeskError):
    """The table of site lines cannot be read; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions for a site's pages: adopted ``lines``, and a person's own decisions.

    A pinned line is cut anywhere on the site's pages, a forbidden one never.
    """

    lines: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    def keys(self) -> frozenset[str]:
        """Return the keys of the lines to cut."""
        cut = {key_of(line) for line in (*self.lines, *self.pinned)}
        return frozenset(cut - {key_of(line) for line in self.forbidden} - {""})


@dataclass(frozen=True, slots=True)
class LineTable:
    """Decisions by site, and a version number that grows with each change."""

    version: int = 0
    sites: Mapping[str, Decisions] = field(default_factory=dict)

    def changed(self, site: str, decisions: Decisions) -> LineTable:
        """Return the next version, with these decisions for a site; itself if nothing changes."""
        if self.sites.get(site, Decisions()) == decisions:
            return self
        return LineTable(self.version + 1, {**self.sites, site: decisions})

    def to_cut(self) -> SiteLines:
        """Return the keys of the lines to cut, by site."""
        keys = {
            site: line_keys
            for site, decisions in self.sites.items()
            if (line_keys := decisions.keys())
        }
        return SiteLines(str(self.version), keys)


def read_lines(text: str, name: str = "site-lines.toml") -> LineTable:
    """Parse a table; SiteLinesError says where it is wrong."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise SiteLinesError(f"{name} is not TOML: {error}") from error
    version, sites = data.pop("version", None), data.pop("sites", {})
    if type(version) is not int or version < 0:
        raise SiteLinesError(f"{name}: version is not a number: {version!r}")
    if data or not isinstance(sites, dict):
        raise SiteLinesError(f"{name} has version and [sites.…], not {', '.join(data) or 'that'}")
    return LineTable(
        version, {site: _decisions(name, site, entry) for site, entry in sites.items()}
    )


def write_lines(table: LineTable) -> str:
    """Write a table as TOML."""
    parts = [f"{HEAD}\nversion = {table.version}\n"]
    for site, decisions in sorted(table.sites.items()):
        parts.append(f"\n[sites.{_quoted(site)}]\n")
        for name in _NAMES:
            if lines := getattr(decisions, name):
                listed = "".join(f"    {_quoted(line)},\n" for line in lines)
                parts.append(f"{name} = [\n{listed}]\n")
    return "".join(parts)


def cleaner_version(lines: SiteLines | None, base: str = CLEANER_VERSION) -> str:
    """Return the cleaner's version including its table of site lines."""
    return base if lines is None else f"{base}+lines.{lines.version}"


def site_of(url: str | None, canonical_url: str | None, site: str | None, source: str) -> str:
    """Return the site of an article: its host, or the site's name, or the source."""
    for address in (url, canonical_url):
        if address is not None and address.startswith(("http://", "https://")):
            try:
                host = urlsplit(address).hostname
            except ValueError:
                continue
            if host:
                return host.removeprefix("www.")
    return (site or source).casefold()


def with_lines_cut(article: Article, site: str, lines: SiteLines) -> Article:
    """Cut the site's lines from an article's text and Markdown."""
    text, cuts = without_site_lines(article.text, site, lines)
    if not cuts:
        return article
    cut_keys = {line_key(cut.text) for cut in cuts}
    markdown = article.markdown
    if markdown is not None:
        remaining_rows = [
            row for row in markdown.split("\n") if line_key(_TARGET.sub("", row)) not in cut_keys
        ]
        markdown = re.sub(r"\n{3,}", "\n\n", "\n".join(remaining_rows)).strip("\n")
    return replace(article, text=text, markdown=markdown, cuts=(*article.cuts, *cuts))


def _decisions(name: str, site: str, entry: object) -> Decisions:
    if not isinstance(entry, dict) or entry.keys() - set(_NAMES):
        raise SiteLinesError(f"{name}: sites.{site} has {', '.join(_NAMES)} and nothing else")
    for key, lines in entry.items():
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise SiteLinesError(f"{name}: sites.{site}.{key} is not a list of lines")
    return Decisions(**{key: tuple(lines) for key, lines in entry.items()})


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
