"""Show what cleaning stored documents again would change, without starting a run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from copydesk.flows.display.progress import progress
from copydesk.flows.requests import RecleanRequest
from copydesk.flows.workspace import Workspace
from copydesk.schemas.article import Article
from copydesk.tasks.ingest.batch import cleaning_task, without_lines
from copydesk.tasks.reclean.batch import raw_document
from copydesk.tasks.reclean.comparison import Comparison, Tally, compared
from copydesk.tasks.workers.pool import CleaningPool, cores
from copydesk.warehouse.history.stored_documents import (
    EarlierReading,
    StoredDocument,
    read_stored,
    select_documents,
)

BATCHES_AT_ONCE = cores()
"""Batches in progress at once: while one is being cleaned, another is read or compared."""


def compare(
    request: RecleanRequest,
    workspace: Workspace,
    *,
    workers: int | None = None,
    batch_size: int = 500,
    sample: int | None = None,
) -> Tally:
    """Clean stored documents again and count the changes; nothing is written.

    ``sample`` is the number of documents to choose at random, the same ones each time.
    """
    store = workspace.open_lake()
    rules, lines = request.site_rules, request.site_lines
    tally = Tally(request.choice.version)
    with (
        select_documents(store, request.choice) as selection,
        CleaningPool(workers) as pool,
        ThreadPoolExecutor(BATCHES_AT_ONCE) as threads,
    ):
        available, tally.raw_gone = selection.count()
        progress().phase("Comparing", total=available if sample is None else min(sample, available))

        def work(batch: list[tuple[StoredDocument, EarlierReading]]) -> list[Comparison | None]:
            bodies = read_stored(store, [document for document, _ in batch])
            comparisons: list[Comparison | None] = []
            for source in dict.fromkeys(document.source for document, _ in batch):
                read = [
                    (document, before, raw_document(document, body) if body is not None else None)
                    for (document, before), body in zip(batch, bodies, strict=True)
                    if document.source == source
                ]
                tasks = [cleaning_task(raw) for _, _, raw in read if raw is not None]
                results = iter(pool.clean(tasks, rules.get(source, rules.get(""))))
                to_cut = lines.get(source, lines.get(""))
                for document, before, raw in read:
                    after = None if raw is None else next(results)
                    if raw is not None and to_cut is not None and isinstance(after, Article):
                        after = without_lines(to_cut, raw, after)
                    comparisons.append(None if after is None else compared(document, before, after))
            return comparisons

        # limits the batches in memory to those in progress
        parts = _parts(selection.documents(sample=sample), batch_size)
        waiting = [threads.submit(work, part) for part in islice(parts, BATCHES_AT_ONCE + 1)]
        while waiting:
            for comparison in waiting.pop(0).result():
                progress().advance()
                if comparison is None:
                    tally.raw_gone += 1
                else:
                    tally.add(comparison)
            waiting += [threads.submit(work, part) for part in islice(parts, 1)]
    return tally


def _parts(
    documents: Iterator[tuple[StoredDocument, EarlierReading]], size: int
) -> Iterator[list[tuple[StoredDocument, EarlierReading]]]:
    while part := list(islice(documents, size)):
        yield part
