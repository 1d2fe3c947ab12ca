"""The version that fell out of use last: the next one is built in it instead of in a copy.

A version is as large as the store, and a run changes a thousandth of its blocks. DuckDB's log says
which blocks each version wrote; where those of the versions since are copied into the spare, it is
the newest version byte for byte, for what changed and not for what is stored.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NAME: Final = ".spare"

_HEADERS: Final = 3 * 4096
_BLOCK: Final = 262_144
"""DuckDB's file: three headers, then blocks of its default size, each with a checksum first."""

_NO_SUCH_CALL: Final = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP})


class Spare:
    """A database file and its contents' file under names that no reader looks for."""

    def __init__(self, folder: Path) -> None:
        """Name the files; nothing is read or made yet."""
        self._file = folder / f"{_NAME}.duckdb"
        self.sidecar = folder / f"{_NAME}.json"

    def keep(self, file: Path, sidecar: Path) -> None:
        """Take over a version's files. Killed in between, there is no spare."""
        self.drop()
        sidecar.replace(self.sidecar)
        file.replace(self._file)

    def take(self, target: Path) -> bool:
        """Move the file to ``target`` to be written; False when there is none to be had.

        A file that somebody still reads is let go: its reader keeps it, and nobody writes it.
        """
        try:
            self._file.replace(target)
        except FileNotFoundError:
            return False
        self.sidecar.unlink(missing_ok=True)
        if nobody_has(target):
            target.chmod(stat.S_IMODE(target.stat().st_mode) | stat.S_IWUSR)
            return True
        target.unlink()
        return False

    def level(self, target: Path, base: Path, written: Iterable[int]) -> bool:
        """Move the file to ``target`` and make it equal to ``base``; False when it cannot be.

        ``written`` are the blocks that were written since the one was the other.
        """
        size = base.stat().st_size
        if (size - _HEADERS) % _BLOCK or not self.take(target):
            return False
        with base.open("rb") as source, target.open("r+b") as file:
            there = (os.fstat(file.fileno()).st_size - _HEADERS) // _BLOCK
            blocks = (size - _HEADERS) // _BLOCK
            _copy_range(source.fileno(), file.fileno(), 0, _HEADERS)
            for block in sorted({*written, *range(there, blocks)}):
                if block < blocks:
                    _copy_range(source.fileno(), file.fileno(), _HEADERS + block * _BLOCK, _BLOCK)
            file.truncate(size)
            if sys.platform == "linux":  # eight bytes of each block, and nothing around them
                for one in (source, file):
                    os.posix_fadvise(one.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
            # not proof alone (DuckDB's checksum sums words up), but a check on what the log said
            for place in range(_HEADERS, size, _BLOCK):
                if os.pread(source.fileno(), 8, place) != os.pread(file.fileno(), 8, place):
                    return False
        return True

    def size(self) -> int:
        """Give the file's size; 0 when there is none."""
        try:
            return self._file.stat().st_size
        except FileNotFoundError:
            return 0

    def drop(self) -> None:
        """Delete the files."""
        self._file.unlink(missing_ok=True)
        self.sidecar.unlink(missing_ok=True)


def nobody_has(path: Path) -> bool:
    """Tell for sure that a file is open nowhere, in this process neither, and has no second name.

    The kernel grants a write lease on a file that is open nowhere else. (DuckDB's own lock
    says nothing of readers in this process, and is lost where one of them closes.) A second
    name is somebody's backup. False where that cannot be told: other systems, network drives.
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


def copy(source: Path, target: Path) -> None:
    """Copy a file inside the kernel; a file system that can share blocks (XFS, Btrfs) does."""
    if sys.platform == "linux":
        try:
            with source.open("rb") as old, target.open("wb") as new:
                left = os.fstat(old.fileno()).st_size
                while left:
                    copied = os.copy_file_range(old.fileno(), new.fileno(), left)
                    if copied == 0:
                        break
                    left -= copied
            if not left:
                return
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                raise
    shutil.copyfile(source, target)


def _copy_range(source: int, target: int, offset: int, length: int) -> None:
    os.pwrite(target, os.pread(source, length, offset), offset)


def blocks_of(writes: Iterable[tuple[int, int]]) -> set[int]:
    """Number the blocks that writes (offset, length) touched; the headers are always copied."""
    return {
        block
        for offset, length in writes
        if offset + length > _HEADERS
        for block in range(
            max(offset - _HEADERS, 0) // _BLOCK, (offset + length - _HEADERS - 1) // _BLOCK + 1
        )
    }
