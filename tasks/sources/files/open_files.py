"""Opens sources of files from paths, patterns and addresses of archives."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from copydesk.tasks.sources.dates.path_templates import DIGIT
from copydesk.tasks.sources.file_source import FileSource
from copydesk.tasks.sources.files.folder import Folder, Storage
from copydesk.tasks.sources.files.glob import literal, split_glob
from copydesk.tasks.sources.files.paths import source_name
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.registry import kind_of
from copydesk.tasks.sources.kinds import OpenOptions
from copydesk.tasks.sources.source import SourceError

if TYPE_CHECKING:
    pass

_PATHS = re.compile(r"(^|[./])paths(\.gz)?$")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_NOT_BY_NAME = ("delta", "file", "json", "wxr")  # of the web: pages, feeds and APIs, mostly
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")  # two letters at least: C:// is a drive


def open_sources(inputs: Sequence[str], options: OpenOptions, /) -> list[FileSource]:
    """Open the sources: inputs of one root become one source, so that no file is read twice."""
    patterns: dict[Storage, list[str]] = {}
    storage_options = json.dumps(dict(options.storage_options), sort_keys=True)
    for text in inputs:
        storage, pattern = _find(text, storage_options, options)
        patterns.setdefault(storage, []).append(pattern)
    if options.name is not None and len(patterns) > 1:
        # Two folders may hold files of one name, which would then be one article.
        roots = ", ".join(storage.root for storage in patterns)
        raise SourceError(f"one source, {options.name!r}, cannot have several folders: {roots}")
    return [
        FileSource(
            Reading(
                name=options.name or source_name(storage.root),
                storage=storage,
                limits=options.limits,
                clock=options.clock,
                columns=dict(options.columns),
            ),
            tuple(names),
            options.item_limit,
        )
        for storage, names in patterns.items()
    ]


def is_file(text: str) -> bool:
    """Return whether an input is a file: a path, a bucket, or an archive or a table on the web."""
    return not _WEB.match(text) or _archive_kind(text) is not None


def _archive_kind(address: str) -> str | None:
    """Return the format of an archive or a table on the web by its address; else None."""
    try:
        kind = kind_of(urlsplit(address).path)
    except ValueError:
        return None
    if _PATHS.search(urlsplit(address).path):
        return "paths"
    return kind if kind not in _NOT_BY_NAME else None


def _find(text: str, storage_options: str, options: OpenOptions) -> tuple[Storage, str]:
    web = options.web
    if _PATHS.search(urlsplit(text).path):
        from copydesk.tasks.sources.web.fetch.fetcher import Policy
        from copydesk.tasks.sources.web.path_list import find_path_list

        return find_path_list((text,), web.policy if web else Policy()), ""
    if _WEB.match(text):
        from copydesk.tasks.sources.web.download import Download, split_download
        from copydesk.tasks.sources.web.fetch.fetcher import Policy

        if DIGIT in text:
            raise SourceError(
                f"{text}: a web server lists no files; copydesk backfill reads dated ones"
            )
        root, name = split_download(text)
        return Download(root, web.policy if web else Policy()), literal(name)
    if _ADDRESS.match(text) and not text.startswith("file://"):
        from copydesk.tasks.sources.files.object_store import find_bucket

        return find_bucket(text, storage_options)
    root, pattern = _local(text)
    return Folder(root, options.follow_links), pattern


def _local(text: str) -> tuple[str, str]:
    """Return the absolute root and the pattern under it."""
    path = Path(unquote(urlsplit(text).path) if text.startswith("file://") else text).expanduser()
    if path.is_dir():
        return os.path.realpath(path), ""
    if os.path.lexists(path):
        parent, _, name = os.path.abspath(path).rpartition("/")  # noqa: PTH100
        return os.path.realpath(parent or "/"), literal(name)
    fixed, pattern = split_glob(os.path.abspath(path))  # noqa: PTH100
    root = os.path.realpath(fixed)
    if pattern == literal(pattern):
        raise SourceError(f"there is no file or folder {text}")
    if next(Folder(root).walk(pattern), None) is None:
        raise SourceError(f"no file matches {text}")
    return root, pattern
