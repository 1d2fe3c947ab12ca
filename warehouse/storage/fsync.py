"""Files of a folder that are on the disk when a call returns, so that a power cut takes none.

A kernel writes names and bytes in any order: without this, a manifest may survive a power cut
whose files do not. Object stores keep what they have said yes to.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path


def write_new(path: Path, data: bytes) -> bool:
    """Write a file that must not be there yet; False when it was, and is left as it is."""
    with _written_beside(path, data) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
    sync(path.parent)
    return True


def write(path: Path, data: bytes) -> None:
    """Write a file whole, in place of the one that is there.

    Its name is on the disk when ``sync`` of its folder has returned.
    """
    with _written_beside(path, data) as temporary:
        temporary.replace(path)


def overwrite(path: Path, parts: Iterable[tuple[int, bytes]]) -> None:
    """Overwrite parts of a file, each (offset, bytes), where they lie; nothing if it is gone.

    A file never grows by it.
    """
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return
    with file:
        size = os.fstat(file.fileno()).st_size
        for offset, part in parts:
            file.seek(offset)
            file.write(part[: max(size - offset, 0)])
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(paths: Iterable[Path], root: Path) -> None:
    """Wait for files, and for their names in every folder up to ``root``.

    A file that is gone by now was replaced by another process: what replaced it, it synced.
    """
    folders: dict[Path, None] = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            sync(path)
        for folder in path.parents:
            folders[folder] = None
            if folder == root:
                break
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            sync(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that their names last."""
    missing = [folder, *folder.parents]
    missing = missing[: next(place for place, one in enumerate(missing) if one.is_dir())]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync(one.parent)


@contextlib.contextmanager
def _written_beside(path: Path, data: bytes) -> Iterator[Path]:
    """Write a temporary file; its name is one that object_store's listings leave out."""
    make_folder(path.parent)
    temporary = path.with_name(f"{path.name}#{secrets.randbelow(10**12)}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
