"""Markdown as patches of texts: a compiled loop in place of the macro ``markdown_patch``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from copydesk.schemas.native_loader import compiled

if TYPE_CHECKING:
    import duckdb

(native,) = compiled("copydesk.warehouse.publish._markdown_loops")

_MACRO: Final = "markdown_patch"
_FUNCTION: Final = "markdown_patch_compiled"


def patch_function(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the name of the SQL function that makes patches; it may be of this connection alone.

    The macro of the published file gives the same, in ten times the time.
    """
    if native is None:
        return _MACRO
    from duckdb.func import FunctionNullHandling, PythonUDFType

    connection.create_function(
        _FUNCTION,
        _patches,
        ["varchar", "varchar"],
        "varchar",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )
    return _FUNCTION


def _patches(texts: Any, markdowns: Any) -> Any:
    assert native is not None
    text_ends, text_bytes = _parts(texts)
    markdown_ends, markdown_bytes = _parts(markdowns)
    ends = np.empty(len(texts) + 1, dtype=np.int32)
    same = np.empty(len(texts), dtype=np.uint8)
    joined = native.patches(text_ends, text_bytes, markdown_ends, markdown_bytes, ends, same)
    if markdowns.null_count:
        same |= markdowns.is_null().to_numpy(zero_copy_only=False)
    valid = np.packbits(same == 0, bitorder="little")
    buffers = [pa.py_buffer(valid), pa.py_buffer(ends), pa.py_buffer(joined)]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def _parts(strings: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the offsets and the bytes of strings; null ones are empty."""
    if isinstance(strings, pa.ChunkedArray):
        strings = strings.combine_chunks()
    strings = strings.cast(pa.string())
    _, offsets, content = strings.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[strings.offset :][: len(strings) + 1]
    return ends, np.frombuffer(content or b"", dtype=np.uint8)
