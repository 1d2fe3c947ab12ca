"""Streams kept open from one batch to the next, so that a compressed archive is unpacked once.

Batches ask for the members of an archive in its order. A stream that can only go forward
would be started anew for each batch; here it waits, at the place where the last one left it.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import BinaryIO

PARKED_AT_MOST = 4  # archives that a process reads at once, each with its open file

_lot: OrderedDict[Hashable, BinaryIO] = OrderedDict()
_lock = threading.Lock()


@contextlib.contextmanager
def parked(key: Hashable, offset: int, open_: Callable[[], BinaryIO]) -> Iterator[BinaryIO]:
    """Lend a stream that stands at ``offset`` or before it; an error closes it.

    ``key`` must differ for any two contents, those of a file before and after a change too.
    """
    with _lock:
        stream = _lot.pop(key, None)
    if stream is not None and stream.tell() > offset:
        stream.close()
        stream = None
    if stream is None:
        stream = open_()
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
