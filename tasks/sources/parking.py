"""Streams kept open from one batch to the next, so that a compressed archive is unpacked once.

Batches ask for the members of an archive in its order. A stream that can only go forward
would be started anew for each batch; here it waits, at the place where the last one left it.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import BinaryIO

from tasks.sources.places import Place
from tasks.sources.reading import Reading

PARKED_AT_MOST = 4  # archives that a process reads at once, each with its open file

_Key = tuple[Place, str, str | None]
_lot: OrderedDict[_Key, BinaryIO] = OrderedDict()
_lock = threading.Lock()


@contextlib.contextmanager
def parked(reading: Reading, path: str, offset: int) -> Iterator[BinaryIO]:
    """Lend what a file holds, standing at ``offset`` or before it; an error closes it."""
    key = (reading.place, path, reading.place.fingerprint(path))
    with _lock:
        stream = _lot.pop(key, None)
    if stream is not None and stream.tell() > offset:
        stream.close()
        stream = None
    if stream is None:
        stream = reading.open(path)
    try:
        yield stream
    except BaseException:
        stream.close()
        raise
    with _lock:
        replaced = _lot.pop(key, None)
        _lot[key] = stream
        oldest = _lot.popitem(last=False)[1] if len(_lot) > PARKED_AT_MOST else None
    for one in (replaced, oldest):
        if one is not None:
            one.close()
