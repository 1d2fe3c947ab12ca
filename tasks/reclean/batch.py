"""Clean documents again from the bytes stored in the lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from copydesk.schemas.ids import sha256
from copydesk.schemas.items import ArchivedRange, Item, RawDocument
from copydesk.tasks.cleaning.sites.rules import SiteRules
from copydesk.tasks.cleaning.version import CLEANER_VERSION
from copydesk.tasks.dedup.repeated_site_lines import SiteLines
from copydesk.tasks.ingest.batch import stage_documents
from copydesk.tasks.ingest.rows import Rows, read_hints
from copydesk.tasks.sources.file_source import media_type_of
from copydesk.tasks.workers.pool import Cleaner, CleaningPool
from copydesk.warehouse.history.stored_documents import StoredDocument, read_stored
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.storage.raw_files import is_pointer

if TYPE_CHECKING:
    from copydesk.tasks.sources.web.fetch.fetcher import Policy


class VersionError(ValueError):
    """A version that today's cleaner cannot write."""


@dataclass(frozen=True, slots=True)
class ReadingBatch:
    """A batch of a re-cleaning: documents of one source, each item once.

    ``gone`` counts, in a run's first batch, the run's documents whose bytes are no longer stored.
    """

    number: int
    documents: tuple[StoredDocument, ...]
    gone: int = 0

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.documents)


@dataclass(frozen=True, slots=True)
class Reread:
    """The counts that a batch reports: documents cleaned, and those whose bytes are gone by now."""

    items: int
    raw_gone: int
    stopped_rules: Mapping[str, int] = field(default_factory=dict)


def checked_version(version: str | None) -> str:
    """Return the version to write: today's cleaner's, or a later one derived from it (``3.1``).

    The latter is for other site rules with the same cleaner.

    Raises:
        VersionError: Today's cleaner cannot write this version.
    """
    if version is None or version == CLEANER_VERSION:
        return CLEANER_VERSION
    head, dot, tail = version.partition(".")
    if head == CLEANER_VERSION and dot and all(part.isdigit() for part in tail.split(".")):
        return version
    raise VersionError(
        f"this cleaner is version {CLEANER_VERSION}: it can write {CLEANER_VERSION}, or "
        f"{CLEANER_VERSION}.1, {CLEANER_VERSION}.2 … for the same cleaner with other site rules"
    )


def batches(
    documents: Iterable[StoredDocument], *, size: int, raw_gone: int = 0
) -> Iterator[ReadingBatch]:
    """Split documents into batches, in order, each of one source and with no item twice."""
    number = 0
    batch: list[StoredDocument] = []
    items: set[str] = set()
    for document in documents:
        is_next = batch and batch[0].source != document.source
        if is_next or document.item_id in items or len(batch) == size:
            yield ReadingBatch(number, tuple(batch), 0 if number else raw_gone)
            number, batch, items = number + 1, [], set()
        batch.append(document)
        items.add(document.item_id)
    if batch:
        yield ReadingBatch(number, tuple(batch), 0 if number else raw_gone)


def reread(
    lake: Lake,
    run_id: str,
    batch: ReadingBatch,
    *,
    version: str,
    pool: CleaningPool,
    rules: SiteRules | None,
    lines: SiteLines | None = None,
    policy: Policy | None = None,
) -> Reread:
    """Clean a batch again and stage the results; documents that cannot be read stay unchanged.

    ``policy`` is used for requests to web archives, for documents of which only the address is
    stored.
    """
    return pool.run(
        partial(
            _reread,
            lake=lake,
            run_id=run_id,
            batch=batch,
            version=version,
            rules=rules,
            lines=lines,
            policy=policy,
        )
    )


def _reread(
    cleaner: Cleaner,
    *,
    lake: Lake,
    run_id: str,
    batch: ReadingBatch,
    version: str,
    rules: SiteRules | None,
    lines: SiteLines | None,
    policy: Policy | None,
) -> Reread:
    documents = raw_documents(batch.documents, _bodies(lake, batch.documents, policy))
    stopped = stage_documents(
        lake,
        Rows(run_id, batch.number, version),
        documents,
        cleaner=cleaner,
        rules=rules,
        lines=lines,
        keep_raw="all",
        store_raw=False,
    )
    return Reread(len(documents), batch.gone + len(batch) - len(documents), stopped)


def _bodies(
    lake: Lake, documents: Sequence[StoredDocument], policy: Policy | None
) -> list[bytes | None]:
    """Read the documents' bytes, also from web archives; None for those that are gone."""
    bodies = read_stored(lake, documents)
    pointers = [number for number, document in enumerate(documents) if is_pointer(document.file)]
    if not pointers:
        return bodies
    from copydesk.tasks.sources.web.archived import fetch_archived
    from copydesk.tasks.sources.web.fetch.fetcher import Policy

    ranges = [
        ArchivedRange(documents[number].file, documents[number].offset, documents[number].length)
        for number in pointers
    ]
    fetched = fetch_archived(ranges, policy or Policy())
    for number, body in zip(pointers, fetched, strict=True):
        if body is not None and sha256(body) == documents[number].raw_sha256:
            bodies[number] = body
    return bodies


def raw_documents(
    documents: Sequence[StoredDocument], bodies: Sequence[bytes | None]
) -> list[RawDocument]:
    """Rebuild the document that the source once gave, for each one that has bytes."""
    return [
        raw_document(document, body)
        for document, body in zip(documents, bodies, strict=True)
        if body is not None
    ]


def raw_document(document: StoredDocument, body: bytes) -> RawDocument:
    """Rebuild the document that the source once gave from what is stored."""
    media_type = document.media_type or media_type_of(document.locator)
    item = Item(
        source=document.source,
        locator=document.locator,
        url=document.url,
        handle="",
        media_type=media_type,
        fingerprint=document.fingerprint,
        hints=read_hints(document.hints),
    )
    return RawDocument(
        item, body, document.url, document.observed_at, document.media_type, document.how
    )
