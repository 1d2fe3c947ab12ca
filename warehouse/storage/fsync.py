"""Durable writes: files and their names are on disk when a call returns.

A kernel writes names and bytes in any order: without this, a manifest may survive a power cut
while its files do not. Object stores are durable once they confirm a write.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_AT_ONCE: Final = 8
"""Files synced at once: a journal writes them together, so that eight wait as long as one."""


def write_new(path: Path, data: bytes) -> bool:
    """Create a file; False, and no change, when it exists."""
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
    """Write a complete file in place of any existing one.

    Its name is on disk once its folder is synced.
    """
    with _written_beside(path, data) as temporary:
        temporary.replace(path)


def write_unsynced(path: Path, data: bytes) -> None:
    """Write a file that nothing refers to before it is synced (``sync_all``)."""
    with _written_beside(path, data, synced=False) as temporary:
        temporary.replace(path)


def overwrite(path: Path, parts: Iterable[tuple[int, bytes]]) -> None:
    """Overwrite parts of a file, each (offset, bytes); does nothing if the file is missing.

    The file never grows.
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
    """Wait until a file's bytes, or a folder's names, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def syncing(path: Path) -> Iterator[None]:
    """Write a file's bytes to disk while the block goes on; OSError at its end if that failed."""
    with ThreadPoolExecutor(1) as thread:
        synced = thread.submit(sync, path)
        yield
        synced.result()


def sync_all(paths: Iterable[Path], root: Path) -> None:
    """Sync files, and their names in every folder up to ``root``.

    A missing file was replaced by another process, which synced the replacement.
    """
    files = dict.fromkeys(paths)
    folders: dict[Path, None] = {}
    for path in files:
        for folder in path.parents:
            folders[folder] = None
            if folder == root:
                break
    _sync_at_once(files)
    _sync_at_once(folders)  # their names, once the files are on disk


def _sync_at_once(paths: Collection[Path]) -> None:
    if not paths:
        return
    with ThreadPoolExecutor(min(len(paths), _AT_ONCE)) as threads:
        for _ in threads.map(_sync_present, paths):
            pass


def _sync_present(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        sync(path)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents durably."""
    missing = [folder, *folder.parents]
    missing = missing[: next(depth for depth, ancestor in enumerate(missing) if ancestor.is_dir())]
    for ancestor in reversed(missing):
        ancestor.mkdir(exist_ok=True)
        sync(ancestor.parent)


@contextlib.contextmanager
def _written_beside(path: Path, data: bytes, *, synced: bool = True) -> Iterator[Path]:
    """Write a temporary file under a name that object_store's listings leave out."""
    make_folder(path.parent)
    temporary = path.with_name(f"{path.name}#{secrets.randbelow(10**12)}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if synced:
                file.flush()
                os.fsync(file.fileno())
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
