"""The Delta Lake tables below a lake's root: appends exactly once, and lists the files to read.

deltalake's own readers (``to_pandas``, ``to_pyarrow_table``) abort the process at exit; DuckDB
reads the files instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.tables import TABLES
from copydesk.warehouse.errors import LakeError
from copydesk.warehouse.storage.delta_add_files import link
from copydesk.warehouse.storage.delta_sync import settle
from copydesk.warehouse.storage.storage import Store, reason

if TYPE_CHECKING:
    import pyarrow as pa

_AGAIN: Final = "run the same command again to continue"
_ATTEMPTS: Final = 20
"""Attempts of an append that conflicts with other commits; 12 concurrent writers needed 3."""

_LOG_RETRIES: Final = 100
"""Retries inside deltalake when another append took the version number."""

WIDE_ROWS: Final = 1024
"""Rows per row group of articles (6 to 25 MB): readers skip and stream in small steps, and a run of
2,000 is written and read by two threads, since a thread takes a row group."""

NARROW_ROWS: Final = 65_536
"""Rows per row group of the other tables. A run of 2,000 fills five with passages, of which a page
has 150; with 16,384 rows in each they take a sixth more bytes."""

LONG_ROWS: Final = 1_000_000
"""Rows per row group of shingles: three numbers a row, of which a scan reads all."""

_DISTINCT: Final = {"signatures": ("numbers", "names", "openers"), "shingles": ("hash",)}
"""Columns whose values do not repeat, for which a dictionary would only take more space."""

_SKIPPING: Final = "run_id,article_id,item_id,observed_at,sha256"
"""Columns with statistics in the log; statistics of text would only enlarge it."""


class Tables:
    """The tables of one lake."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._settled: dict[str, int] = {}

    def open(self, name: str) -> DeltaTable | None:
        """Open a table at its newest version; None before its first."""
        try:
            return DeltaTable(self._uri(name), storage_options=self._store.options)
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise LakeError(
                f"cannot open the lake's table {name}: {reason(error)}; copydesk doctor names the"
                " file"
            ) from error

    def files(self, name: str) -> list[str]:
        """List the Parquet files of a table, by address."""
        table = self.open(name)
        return [] if table is None else self.addresses(table, name)

    def addresses(self, table: DeltaTable, name: str) -> list[str]:
        """List the files of an open table as DuckDB opens them; they lie flat in its folder.

        The table's own addresses have ``%20`` for a space, which is no path.
        """
        file_names = (uri.rpartition("/")[2] for uri in table.file_uris())
        return [self._store.uri(f"tables/{name}/{file_name}") for file_name in file_names]

    def append(
        self,
        name: str,
        transaction: str,
        rows: Callable[[], pa.RecordBatchReader],
        *,
        files: Sequence[str] = (),
    ) -> bool:
        """Append rows once for each ``transaction``; False when it is already recorded.

        In a folder the rows are on disk when this returns. The check and the append go through one
        object: only then does deltalake refuse a transaction that another process recorded since.

        Args:
            name: the table.
            transaction: identifies the append.
            rows: opens the rows; called once for each attempt.
            files: Parquet files of the same rows, added to the table as they are where possible.
        """
        for _ in range(_ATTEMPTS):
            table = self.open(name) or self._create(name)
            if table.transaction_version(transaction) is not None:
                self.settle(name)  # whoever recorded it may have died before syncing
                return False
            columns = {field.name for field in table.schema().fields}
            same = columns == set(TABLES[name].names)
            once = CommitProperties(
                app_transactions=[Transaction(transaction, 1)], max_commit_retries=_LOG_RETRIES
            )
            linked = link(self._store, name, transaction, files) if files and same else None
            try:
                if linked is not None:
                    table.create_write_transaction(
                        [*linked], "append", table.schema(), commit_properties=once
                    )
                else:
                    write_deltalake(
                        table,
                        rows(),
                        mode="append",
                        # tables of another release: columns that either side lacks are null
                        schema_mode=None if same else "merge",
                        writer_properties=writer_properties(name),
                        commit_properties=once,
                    )
            except CommitFailedError:
                continue
            except (DeltaError, OSError) as error:
                if "transaction" in str(error).lower():
                    continue
                raise LakeError(f"cannot append to the table {name}: {reason(error)}") from error
            self.settle(name)
            return True
        raise LakeError(
            f"cannot append to the table {name}: "
            f"{_ATTEMPTS} attempts conflicted with other writers; {_AGAIN}"
        )

    def delete(self, name: str, predicate: str) -> int:
        """Delete rows by an SQL predicate and return their number. Old files stay until vacuum."""

        def delete(table: DeltaTable) -> int:
            metrics = table.delete(predicate, writer_properties=writer_properties(name))
            return int(metrics.get("num_deleted_rows") or 0)

        return self._change(name, delete)

    def update(self, name: str, predicate: str, values: Mapping[str, str]) -> int:
        """Set columns to SQL expressions and return the number of rows. Old files stay."""

        def update(table: DeltaTable) -> int:
            columns = {field.name for field in table.schema().fields}  # an older lake has fewer
            metrics = table.update(
                updates={name: value for name, value in values.items() if name in columns},
                predicate=predicate,
                writer_properties=writer_properties(name),
            )
            return int(metrics.get("num_updated_rows") or 0)

        return self._change(name, update)

    def settle(self, name: str) -> None:
        """Sync the table's recent commits to disk; does nothing for an object store."""
        root = self._store.local
        if root is None:
            return
        try:
            newest = settle(root / "tables" / name, root, after=self._settled.get(name, -1))
        except OSError as error:
            raise LakeError(f"cannot write the table {name}: {reason(error)}") from error
        self._settled[name] = newest

    def _change(self, name: str, change: Callable[[DeltaTable], int]) -> int:
        for _ in range(_ATTEMPTS):
            table = self.open(name)
            if table is None:
                return 0
            try:
                changed = change(table)
            except CommitFailedError:
                continue
            except (DeltaError, OSError) as error:
                raise LakeError(f"cannot change the table {name}: {reason(error)}") from error
            self.settle(name)
            return changed
        raise LakeError(
            f"cannot change the table {name}: "
            f"{_ATTEMPTS} attempts conflicted with other writers; {_AGAIN}"
        )

    def _create(self, name: str) -> DeltaTable:
        try:
            return DeltaTable.create(
                self._uri(name),
                arrow_schema(TABLES[name]),
                mode="ignore",
                name=name,
                description=TABLES[name].sentence,
                configuration={"delta.dataSkippingStatsColumns": self._skipping(name)},
                storage_options=self._store.options,
            )
        except (DeltaError, OSError) as error:
            table = self.open(name)  # by another process at the same moment
            if table is None:
                raise LakeError(f"cannot create the table {name}: {reason(error)}") from error
            return table

    def _skipping(self, name: str) -> str:
        names = set(TABLES[name].names)
        return ",".join(column for column in _SKIPPING.split(",") if column in names)

    def _uri(self, name: str) -> str:
        return self._store.uri(f"tables/{name}")


def writer_properties(name: str) -> WriterProperties:
    """Return the settings with which a table's Parquet files are written."""
    plain = ColumnProperties(dictionary_enabled=False)
    return WriterProperties(
        compression="ZSTD",
        compression_level=3,
        max_row_group_size=row_group(name),
        column_properties=dict.fromkeys(_DISTINCT.get(name, ()), plain) or None,
    )


def row_group(name: str) -> int:
    """Return the number of rows per row group of a table."""
    if name == "shingles":
        return LONG_ROWS
    return WIDE_ROWS if name == "observations" else NARROW_ROWS
