"""Opens the sources that the paths and addresses of a command name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from copydesk.schemas.source_kinds import SourceKind
from copydesk.tasks.sources.dates.path_templates import as_glob, is_dated
from copydesk.tasks.sources.files.open_files import is_file
from copydesk.tasks.sources.formats.column_names import EVIDENT
from copydesk.tasks.sources.kinds import OpenOptions, kind_of_scheme, source_opener
from copydesk.tasks.sources.source import Clock, Limits, Source, SourceError, utc_now

if TYPE_CHECKING:
    from copydesk.tasks.sources.web.web_options import Web


def open_sources(
    inputs: Sequence[str],
    *,
    name: str | None = None,
    limits: Limits | None = None,
    columns: Mapping[str, str] | None = None,
    storage_options: Mapping[str, object] | None = None,
    web: Web | None = None,
    item_limit: int | None = None,
    clock: Clock = utc_now,
) -> list[Source]:
    """Open the sources that paths, folders, patterns and addresses name, in their order.

    Inputs of one root become one source. A file has the folder that holds it as its root, a
    pattern the fixed folder before its first wildcard, so that ``seeds/``, ``seeds/a.txt`` and
    ``seeds/*.txt`` name the same articles. ``columns`` maps fields to the columns of tables (JSON
    Lines, CSV, Parquet), where their names do not tell. ``SourceError`` names an input that does
    not exist. ``storage_options`` goes to fsspec, for addresses such as ``s3://bucket/folder``.
    Of the web, a front page means the site, a feed or a sitemap what it lists, any other address
    an article, unless it ends like an archive's; ``@file`` names a file of addresses, one a
    line. ``web`` says how they are read. ``item_limit`` is the most unknown articles that a source
    offers in one run.
    """
    options = OpenOptions(
        name, limits or Limits(), columns or {}, storage_options or {}, web, item_limit, clock
    )
    return open_inputs(inputs, options)


def open_inputs(inputs: Sequence[str], options: OpenOptions) -> list[Source]:
    """Open the sources that inputs of any kind name."""
    for field in options.columns:
        if field not in EVIDENT:
            raise SourceError(
                f"{field!r} is not a field of an article; known: {', '.join(EVIDENT)}"
            )
    return open_by_kind(_by_kind(inputs), options)


def open_by_kind(inputs: Mapping[str, Sequence[str]], options: OpenOptions) -> list[Source]:
    """Open inputs grouped by kind; no source has inputs of two kinds."""
    kinds = [kind for kind, texts in inputs.items() if texts]
    if options.name is not None and len(kinds) > 1:
        both = " and ".join(_WORDS.get(kind, f"a {kind}") for kind in kinds)
        raise SourceError(f"one source, {options.name!r}, cannot be both {both}")
    return [
        source
        for kind in kinds
        for source in source_opener(kind).open_sources(inputs[kind], options)
    ]


_WORDS: Final[Mapping[str, str]] = {
    SourceKind.FILES: "files",
    SourceKind.ADDRESSES: "addresses of the web",
}


def _by_kind(inputs: Sequence[str]) -> dict[str, list[str]]:
    """Group inputs by kind; web addresses are told apart later."""
    sorted_: dict[str, list[str]] = {SourceKind.FILES: [], SourceKind.ADDRESSES: []}
    for text in inputs:
        plain = as_glob(text) if is_dated(text) else text
        if text.startswith("@"):
            sorted_[SourceKind.ADDRESSES] += _listed(text[1:])
        elif (kind := kind_of_scheme(text)) is not None:
            sorted_.setdefault(kind, []).append(text)
        elif is_file(plain):
            sorted_[SourceKind.FILES].append(plain)
        elif plain is not text:
            raise SourceError(
                f"{text}: dates stand in the paths of files and archives; copydesk backfill "
                "reads the past of a site"
            )
        else:
            sorted_[SourceKind.ADDRESSES].append(text)
    return sorted_


def _listed(path: str) -> list[str]:
    from copydesk.tasks.sources.web.open_web import read_address_list

    try:
        return read_address_list(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot read the addresses in {path}: {error}") from error
