"""The card of an export: its files and records as Croissant 1.0 metadata (JSON-LD)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from copydesk.schemas.schema_version import SCHEMA_VERSION
from copydesk.schemas.table_model import Column, ColumnType, Table

CARD_FILE: Final = "croissant.json"

MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "jsonl": "application/jsonlines",
    "parquet": "application/x-parquet",
}
"""Media types by the endings of exported files."""

_TYPES: Final = {
    ColumnType.BYTES: "sc:Text",
    ColumnType.DATE: "sc:Date",
    ColumnType.INTEGER: "sc:Integer",
    ColumnType.MAP: "sc:Text",
    ColumnType.REAL: "sc:Float",
    ColumnType.TEXT: "sc:Text",
    ColumnType.TEXTS: "sc:Text",
    ColumnType.TIME: "sc:DateTime",
    ColumnType.TRUTH: "sc:Boolean",
}

_RIGHTS: Final = (
    "The texts belong to their publishers. This card grants no rights to them; see the addresses "
    "of the articles."
)

_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        term: f"cr:{term}"
        for term in (
            *("citeAs", "column", "equivalentProperty", "extract", "field", "fileObject"),
            *("fileProperty", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key"),
            *("md5", "parentField", "path", "recordSet", "references", "regex", "repeated"),
            *("replace", "samplingRate", "separator", "source", "subField", "transform"),
        )
    },
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export: its path in the folder (with ``/``), its size in bytes and its hash."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """A table as it was exported.

    ``partition`` is a column that is in the files' paths and not in the files, ``where`` the
    condition that chose the rows; ``version`` and ``published_at`` are those of the published
    version, ``lake`` the identity of its lake.
    """

    table: Table
    files: Sequence[ExportedFile]
    ending: str
    partition: str | None
    where: str | None
    lake: str
    version: int
    published_at: datetime


def croissant_card(exported: ExportedTable) -> dict[str, Any]:
    """Return the card as a JSON-LD document."""
    name = f"copydesk-{exported.table.name}"
    chosen = f" Rows with: {exported.where}." if exported.where else ""
    identity = f"urn:copydesk:{exported.lake}:{exported.version}:{exported.table.name}"
    return {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "name": name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "description": f"{exported.table.sentence}{chosen} {_RIGHTS}",
        "url": identity,
        "license": _RIGHTS,
        "citeAs": f"{name}, version {exported.version} of {exported.published_at:%Y-%m-%d}",
        "datePublished": exported.published_at.isoformat(timespec="seconds"),
        "version": f"{SCHEMA_VERSION}.{exported.version}",
        "distribution": _distribution(exported),
        "recordSet": [_record_set(exported)],
    }


def _distribution(exported: ExportedTable) -> list[dict[str, Any]]:
    media_type = MEDIA_TYPES[exported.ending]
    files: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": quote(file.path),
            "contentSize": f"{file.size} B",
            "encodingFormat": media_type,
            "sha256": file.sha256,
        }
        for file in exported.files
    ]
    if exported.partition is None:
        return files
    return [
        *files,
        {
            "@type": "cr:FileSet",
            "@id": _FILE_SET,
            "name": _FILE_SET,
            "description": "All files of the export.",
            "encodingFormat": media_type,
            "includes": f"{exported.partition}=*/*.{exported.ending}",
        },
    ]


_FILE_SET: Final = "files"


def _record_set(exported: ExportedTable) -> dict[str, Any]:
    table = exported.table
    # in CSV a map is one text of JSON; elsewhere Croissant has no type for it
    maps = [c for c in table.columns if c.kind is ColumnType.MAP and exported.ending != "csv"]
    names = ", ".join(column.name for column in maps)
    records: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.sentence + (f" Maps, without a field here: {names}." if maps else ""),
        "field": [_field(exported, column) for column in table.columns if column not in maps],
    }
    if table.key:
        records["key"] = [{"@id": f"{table.name}/{name}"} for name in table.key]
    return records


def _field(exported: ExportedTable, column: Column) -> dict[str, Any]:
    values = f" One of {', '.join(column.one_of)}." if column.one_of else ""
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{exported.table.name}/{column.name}",
        "name": column.name,
        "description": column.sentence + values,
        "dataType": "sc:Text" if column.name == exported.partition else _TYPES[column.kind],
        "source": _source(exported, column),
    }
    # in CSV a list is one text of JSON
    if column.kind is ColumnType.TEXTS and exported.ending != "csv":
        field["repeated"] = True
    return field


def _source(exported: ExportedTable, column: Column) -> dict[str, Any]:
    if exported.partition is None:
        file = {"fileObject": {"@id": exported.files[0].path}}
        return {**file, "extract": {"column": column.name}}
    files = {"fileSet": {"@id": _FILE_SET}}
    if column.name != exported.partition:
        return {**files, "extract": {"column": column.name}}
    return {
        **files,
        "extract": {"fileProperty": "fullpath"},
        "transform": {"regex": f"^{exported.partition}=([^/]*)/.*$"},
    }
