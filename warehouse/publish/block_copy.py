"""The spare version.

A retired version's file in which the next version is built, to save a full copy.

A version is as large as the store, and a run changes a thousandth of its blocks. DuckDB's log says
which blocks each version wrote. Copying the blocks written since into the spare makes it equal to
the newest version, at a cost that grows with the changes and not with the store.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NAME: Final = ".spare"

_TRIED_WITH: Final = frozenset({"2.0"})
"""DuckDB's versions (major and minor) with which the tests of this module have passed.

Another may lay out its file, or log its writes, in another way: it gets full copies.
"""

_HEADERS: Final = 3 * 4096
_BLOCK: Final = 262_144
"""Layout of DuckDB's file: three headers, then blocks of its default size, each starting with a
checksum."""

_NO_SUCH_CALL: Final = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP})


def is_tried(duckdb_version: str) -> bool:
    """Return whether this version of DuckDB lays out its file and logs its writes as expected."""
    return ".".join(duckdb_version.split(".")[:2]) in _TRIED_WITH


class SpareVersion:
    """A retired version's database file and sidecar, under names that readers do not use."""

    def __init__(self, folder: Path) -> None:
        """Store the paths; nothing is read or created yet."""
        self._file = folder / f"{_NAME}.duckdb"
        self.sidecar = folder / f"{_NAME}.json"

    def keep(self, file: Path, sidecar: Path) -> None:
        """Take over a version's files. If interrupted, there is no spare."""
        self.drop()
        sidecar.replace(self.sidecar)
        file.replace(self._file)

    def take(self, target: Path) -> bool:
        """Move the file to ``target`` for writing; False when there is none.

        A file that somebody still reads is unlinked instead: the reader keeps it, unchanged.
        """
        try:
            self._file.replace(target)
        except FileNotFoundError:
            return False
        self.sidecar.unlink(missing_ok=True)
        if is_unopened(target):
            target.chmod(stat.S_IMODE(target.stat().st_mode) | stat.S_IWUSR)
            return True
        target.unlink()
        return False

    def level(self, target: Path, base: Path, written: Iterable[int]) -> bool:
        """Move the file to ``target`` and make it equal to ``base``; False when that is impossible.

        ``written`` are the numbers of the blocks written between the two versions.
        """
        size = base.stat().st_size
        if (size - _HEADERS) % _BLOCK or not self.take(target):
            return False
        with base.open("rb") as source, target.open("r+b") as file:
            block_count = (os.fstat(file.fileno()).st_size - _HEADERS) // _BLOCK
            blocks = (size - _HEADERS) // _BLOCK
            _copy_range(source.fileno(), file.fileno(), 0, _HEADERS)
            for block in sorted({*written, *range(block_count, blocks)}):
                if block < blocks:
                    _copy_range(source.fileno(), file.fileno(), _HEADERS + block * _BLOCK, _BLOCK)
            file.truncate(size)
            if sys.platform == "linux":  # reads eight bytes of each block, so no readahead
                for opened_file in (source, file):
                    os.posix_fadvise(opened_file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
            # a check of the log, though no proof: DuckDB's checksum only adds words up
            for offset in range(_HEADERS, size, _BLOCK):
                if os.pread(source.fileno(), 8, offset) != os.pread(file.fileno(), 8, offset):
                    return False
        return True

    def size(self) -> int:
        """Return the file's size in bytes; 0 when there is none."""
        try:
            return self._file.stat().st_size
        except FileNotFoundError:
            return 0

    def drop(self) -> None:
        """Delete the files."""
        self._file.unlink(missing_ok=True)
        self.sidecar.unlink(missing_ok=True)


def is_unopened(path: Path) -> bool:
    """Return whether a file is certainly open nowhere and has no other hard link.

    The kernel grants a write lease only on a file that is open nowhere else. (DuckDB's own lock
    ignores readers in this process, and is lost when one of them closes.) Another hard link is
    somebody's backup. False where this cannot be determined: other systems, network drives.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_nlink != 1:
            return False
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def leave_page_cache(path: Path) -> None:
    """Free the memory in which the kernel keeps a file's pages, which the next copy then uses.

    Taking other memory costs more: in a virtual machine, whose free memory is the host's, copying
    2.3 GB takes 2.7 CPU seconds instead of 0.8. Who still reads the file reads it from the disk.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def copy(source: Path, target: Path) -> None:
    """Copy a file inside the kernel, which shares blocks where the file system can (XFS, Btrfs)."""
    if sys.platform == "linux":
        try:
            with source.open("rb") as old, target.open("wb") as new:
                remaining = os.fstat(old.fileno()).st_size
                while remaining:
                    copied = os.copy_file_range(old.fileno(), new.fileno(), remaining)
                    if copied == 0:
                        break
                    remaining -= copied
            if not remaining:
                return
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                raise
    shutil.copyfile(source, target)


def _copy_range(source: int, target: int, offset: int, length: int) -> None:
    os.pwrite(target, os.pread(source, length, offset), offset)


def blocks_of(writes: Iterable[tuple[int, int]]) -> set[int]:
    """Return the numbers of the blocks that writes (offset, length) touched; headers have none."""
    return {
        block
        for offset, length in writes
        if offset + length > _HEADERS
        for block in range(
            max(offset - _HEADERS, 0) // _BLOCK, (offset + length - _HEADERS - 1) // _BLOCK + 1
        )
    }
