"""Delta tables: the rows of the version that their log names last, with their partition columns."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry, Folder, Storage
from copydesk.tasks.sources.files.object_store import Bucket
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.parquet import ROWS_AT_ONCE, columns_to_read, row_values
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows

if TYPE_CHECKING:
    from deltalake import DeltaTable

_OBJECT_STORE: Final[Mapping[str, str]] = {
    "key": "aws_access_key_id",
    "secret": "aws_secret_access_key",
    "token": "aws_session_token",
    "endpoint_url": "aws_endpoint_url",
    "region_name": "aws_region",
}
"""What fsspec calls settings of S3, and what the reader of the log calls them."""


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the rows; ``entry`` is the folder of the log."""
    return offer_rows("delta", _rows, reading, entry)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read rows; files before the first of them are not decoded."""
    return read_rows(_rows, reading, path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    dataset: Any = _table(reading.storage, path).to_pyarrow_dataset()
    columns = columns_to_read(dataset.schema.names, reading)
    number = 0
    for fragment in sorted(dataset.get_fragments(), key=lambda file: str(file.path)):
        end = number + fragment.count_rows()
        if end > position:
            for batch in fragment.to_batches(
                schema=dataset.schema, columns=columns, batch_size=ROWS_AT_ONCE,
                batch_readahead=0, fragment_readahead=0,
            ):  # fmt: skip
                if number + batch.num_rows > position:
                    skip = max(0, position - number)
                    yield from enumerate(row_values(batch.slice(skip)), start=number + skip)
                number += batch.num_rows
        number = end


def _table(storage: Storage, path: str) -> DeltaTable:
    """Open the table whose log is at a path; raises what its reader cannot read."""
    from deltalake import DeltaTable

    folder = path.rpartition("/")[0]
    address = f"{storage.root}/{folder}" if folder else storage.root
    if isinstance(storage, Folder):
        return DeltaTable(address)
    if not isinstance(storage, Bucket):
        raise OSError("a Delta table is read from a folder or a bucket alone")
    options = json.loads(storage.options)
    options |= options.pop("client_kwargs", {})
    named = {_OBJECT_STORE.get(name, name): str(value) for name, value in options.items()}
    if named.get("aws_endpoint_url", "").startswith("http://"):
        named["aws_allow_http"] = "true"
    return DeltaTable(address, storage_options=named)
