"""What cleaning kept documents again would change: in the pool of a run, without one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from copydesk.flows.display.progress import progress
from copydesk.flows.requests import Recleaning
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
"""While one batch is in the cleaning processes, another is read or compared."""


def compare(
    asked: Recleaning,
    workspace: Workspace,
    *,
    workers: int | None = None,
    batch_size: int = 500,
    sample: int | None = None,
) -> Tally:
    """Clean kept documents again and count what would change; nothing is written.

    ``sample`` looks at so many of them by chance, the same ones each time.
    """
    opened = workspace.open_lake()
    rules, lines = asked.site_rules, asked.site_lines
    tally = Tally(asked.choice.version)
    with (
        select_documents(opened, asked.choice) as chosen,
        CleaningPool(workers) as pool,
        ThreadPoolExecutor(BATCHES_AT_ONCE) as threads,
    ):
        there, tally.raw_gone = chosen.count()
        progress().phase("Comparing", total=there if sample is None else min(sample, there))

        def work(batch: list[tuple[StoredDocument, EarlierReading]]) -> list[Comparison | None]:
            bodies = read_stored(opened, [document for document, _ in batch])
            found: list[Comparison | None] = []
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
                    found.append(None if after is None else compared(document, before, after))
            return found

        # of the batches that wait only as many are held as are worked on
        rest = _parts(chosen.documents(sample=sample), batch_size)
        waiting = [threads.submit(work, part) for part in islice(rest, BATCHES_AT_ONCE + 1)]
        while waiting:
            for one in waiting.pop(0).result():
                progress().advance()
                if one is None:
                    tally.raw_gone += 1
                else:
                    tally.add(one)
            waiting += [threads.submit(work, part) for part in islice(rest, 1)]
    return tally


def _parts(
    documents: Iterator[tuple[StoredDocument, EarlierReading]], size: int
) -> Iterator[list[tuple[StoredDocument, EarlierReading]]]:
    while part := list(islice(documents, size)):
        yield part
