"""From what a person typed to the sources that are meant."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from copydesk.tasks.sources.dates.path_templates import DIGIT, as_glob, is_dated
from copydesk.tasks.sources.file_source import FileSource
from copydesk.tasks.sources.files.folder import Folder, Place
from copydesk.tasks.sources.files.glob import literal, split_glob
from copydesk.tasks.sources.files.paths import source_name
from copydesk.tasks.sources.formats.column_names import EVIDENT
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.source import Clock, Limits, Source, SourceError, utc_now

if TYPE_CHECKING:
    from copydesk.tasks.sources.web.open_web import Web

_PATHS = re.compile(r"(^|[./])paths(\.gz)?$")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")  # two letters at least: C:// is a drive


def open_sources(
    inputs: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits | None = None,
    columns: Mapping[str, str] | None = None,
    storage_options: Mapping[str, object] | None = None,
    web: Web | None = None,
    most: int | None = None,
    clock: Clock = utc_now,
) -> list[Source]:
    """Find the sources that paths, folders and patterns mean, in their order.

    Inputs of one root become one source. A file has the folder that holds it as its root, a
    pattern the fixed folder before its first wildcard, so that ``seeds/``, ``seeds/a.txt`` and
    ``seeds/*.txt`` name the same articles. ``columns`` maps fields to the columns of tables (JSON
    Lines, CSV, Parquet), where their names do not tell. ``SourceError`` names an input that does
    not exist. ``storage_options`` goes to fsspec, for addresses such as ``s3://bucket/folder``.
    Of the web, a front page means the site, a feed or a sitemap what it lists, any other address
    an article, unless it ends like an archive's; ``@file`` names a file of addresses, one a
    line. ``web`` says how they are read. ``most`` bounds the articles that a source offers in one
    run and that are not known.
    """
    for field in columns or {}:
        if field not in EVIDENT:
            raise SourceError(f"{field!r} is no field of an article; known: {', '.join(EVIDENT)}")
    options = json.dumps(dict(storage_options or {}), sort_keys=True)
    limits = limits or Limits()
    patterns: dict[Place, list[str]] = {}
    addresses: list[str] = []
    for text in inputs:
        one = as_glob(text) if is_dated(text) else text
        if one.startswith("@"):
            addresses += _listed(one[1:])
        elif _WEB.match(one) and _archive_kind(one) is None:
            if one is not text:
                raise SourceError(
                    f"{text}: dates stand in the paths of files and archives; copydesk backfill "
                    "reads the past of a site"
                )
            addresses.append(one)
        else:
            place, pattern = _find(one, options, web)
            patterns.setdefault(place, []).append(pattern)
    if name is not None and len(patterns) > 1:
        # Two folders may hold files of one name, which would then be one article.
        roots = ", ".join(place.root for place in patterns)
        raise SourceError(f"one source, {name!r}, cannot have several folders: {roots}")
    if name is not None and patterns and addresses:
        raise SourceError(f"one source, {name!r}, cannot be both files and addresses of the web")
    sources: list[Source] = [
        FileSource(
            Reading(
                name=name or source_name(place.root),
                place=place,
                limits=limits,
                clock=clock,
                columns=dict(columns or {}),
            ),
            tuple(chosen),
            most,
        )
        for place, chosen in patterns.items()
    ]
    if addresses:
        from copydesk.tasks.sources.web.open_web import Web, open_web

        sources += open_web(
            addresses, name=name, limits=limits, web=web or Web(), most=most, clock=clock
        )
    return sources


def _listed(path: str) -> list[str]:
    from copydesk.tasks.sources.web.open_web import read_address_list

    try:
        return read_address_list(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot read the addresses in {path}: {error}") from error


def _archive_kind(address: str) -> str | None:
    """Tell an archive or a table of the web by the end of its address."""
    try:
        kind = kind_of(urlsplit(address).path)
    except ValueError:
        return None
    if _PATHS.search(urlsplit(address).path):
        return "paths"
    return kind if kind not in ("file", "wxr") else None


def _find(one: str, options: str, web: Web | None) -> tuple[Place, str]:
    if _PATHS.search(urlsplit(one).path):
        from copydesk.tasks.sources.web.fetch.fetcher import Policy
        from copydesk.tasks.sources.web.path_list import find_path_list

        return find_path_list((one,), web.policy if web else Policy()), ""
    if _WEB.match(one):
        from copydesk.tasks.sources.web.download import Download, split_download
        from copydesk.tasks.sources.web.fetch.fetcher import Policy

        if DIGIT in one:
            raise SourceError(
                f"{one}: a web server lists no files; with a date in it, copydesk backfill reads it"
            )
        root, name = split_download(one)
        return Download(root, web.policy if web else Policy()), literal(name)
    if _ADDRESS.match(one) and not one.startswith("file://"):
        from copydesk.tasks.sources.files.object_store import find_bucket

        return find_bucket(one, options)
    root, pattern = _local(one)
    return Folder(root), pattern


def _local(one: str) -> tuple[str, str]:
    """Give the absolute root and the pattern under it."""
    path = Path(unquote(urlsplit(one).path) if one.startswith("file://") else one).expanduser()
    if path.is_dir():
        return os.path.realpath(path), ""
    if os.path.lexists(path):
        parent, _, name = os.path.abspath(path).rpartition("/")  # noqa: PTH100
        return os.path.realpath(parent or "/"), literal(name)
    fixed, pattern = split_glob(os.path.abspath(path))  # noqa: PTH100
    root = os.path.realpath(fixed)
    if pattern == literal(pattern):
        raise SourceError(f"there is no file or folder {one}")
    if next(Folder(root).walk(pattern), None) is None:
        raise SourceError(f"no file matches {one}")
    return root, pattern
