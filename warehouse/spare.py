"""The version that fell out of use last: the next one is built in it instead of in a copy.

A version is as large as the store, and a run changes a thousandth of it. To bring up an old
version costs what the runs since then brought; to copy the newest costs what the store has
grown to.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Final

_NAME: Final = ".spare"

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
