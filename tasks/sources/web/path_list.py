"""Read lists of archive paths, as published by Common Crawl (``warc.paths.gz``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from copydesk.tasks.sources.dates.path_templates import DIGIT
from copydesk.tasks.sources.files.folder import CopyingStorage, Entry, Folder, Storage
from copydesk.tasks.sources.files.glob import literal, literal_path, match_of
from copydesk.tasks.sources.files.media_types import compression_of
from copydesk.tasks.sources.source import SourceError
from copydesk.tasks.sources.streams.compression import DAMAGED, TooLargeError, read_capped, unpacked
from copydesk.tasks.sources.web.download import Download, split_download
from copydesk.tasks.sources.web.fetch.fetcher import Policy

COMMON_CRAWL: Final = "https://data.commoncrawl.org"
"""The root of paths in a Common Crawl list, wherever the list is stored."""

SIZE: Final = 100_000_000  # bytes unpacked; a whole crawl's list of 90,000 archives has 12 MB


@dataclass(frozen=True, slots=True)
class PathList:
    """The files named in lists, below one root; ``lists`` are addresses or local paths."""

    inner: Storage
    lists: tuple[str, ...]
    policy: Policy

    @property
    def root(self) -> str:
        """Return the root of the paths."""
        return self.inner.root

    def names(self) -> list[str]:
        """Return the paths in the lists, without opening the files."""
        return list(
            dict.fromkeys(name for address in self.lists for name in _lines(address, self.policy))
        )

    def walk(self, pattern: str) -> Iterator[Entry]:
        """Yield the files; each is fetched when it is opened."""
        if literal_path(pattern) is not None:
            yield from self.inner.walk(pattern)
            return
        start = match_of(pattern)
        for name in self.names():
            match = start
            for part in name.split("/"):
                match = match.step(part)
            if match.whole:
                yield from self.inner.walk(literal(name))

    def open(self, path: str) -> BinaryIO:
        """Open a file."""
        return self.inner.open(path)

    def fingerprint(self, path: str) -> str | None:
        """Return a string that differs whenever the content may differ."""
        return self.inner.fingerprint(path)

    def url(self, path: str) -> str:
        """Return the whole address."""
        return self.inner.url(path)

    def release(self, path: str) -> None:
        """Delete a file's download, if it is downloaded."""
        if isinstance(self.inner, CopyingStorage):
            self.inner.release(path)


def find_path_list(lists: tuple[str, ...], policy: Policy) -> PathList:
    """Return the path list with the root that its paths are relative to.

    The root is the lists' host, the folder of a local list, or Common Crawl.
    """
    first = lists[0]
    if re.match(r"https?://", first, re.IGNORECASE):
        parts = urlsplit(first)
        inner: Storage = Download(f"{parts.scheme}://{parts.netloc}", policy)
        return PathList(inner, lists, policy)
    path = Path(first.removeprefix("file://")).expanduser().absolute()
    names = _lines(str(path), policy)
    if names and (path.parent / names[0]).exists():
        return PathList(Folder(str(path.parent.resolve())), lists, policy)
    if names and names[0].startswith("crawl-data/"):
        return PathList(Download(COMMON_CRAWL, policy), lists, policy)
    raise SourceError(f"the paths in {first} are neither below its folder nor Common Crawl's")


def _lines(address: str, policy: Policy) -> list[str]:
    if DIGIT in address:
        raise SourceError(f"{address} has a date in it: copydesk backfill reads it")
    if re.match(r"https?://", address, re.IGNORECASE):
        root, name = split_download(address)
        storage: Storage = Download(root, policy)
    else:
        path = Path(address.removeprefix("file://")).expanduser().absolute()
        storage, name = Folder(str(path.parent)), path.name
    try:
        with unpacked(storage.open(name), compression_of(name)) as stream:
            text = read_capped(stream, SIZE).decode("utf-8")
    except Exception as error:
        if not isinstance(error, (*DAMAGED, TooLargeError)):
            raise
        raise SourceError(f"cannot read the list of paths {address}: {error}") from error
    return [line.strip().lstrip("/") for line in text.splitlines() if line.strip()]
