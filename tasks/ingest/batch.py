"""Process one batch of a run: read, clean, build rows, stage; repeatable after a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby, tee
from typing import Any, Literal

import pyarrow as pa

from copydesk.schemas.arrow import arrow_schema
from copydesk.schemas.article import Article, Reject
from copydesk.schemas.ids import sha256
from copydesk.schemas.items import Missing, RawDocument
from copydesk.schemas.tables import SHINGLES, SIGNATURES
from copydesk.tasks.cleaning.sites.repeated_lines import cleaner_version, site_of, with_lines_cut
from copydesk.tasks.cleaning.sites.rules import SiteRules
from copydesk.tasks.dedup.repeated_site_lines import SiteLines
from copydesk.tasks.dedup.signatures import VERSION, signatures
from copydesk.tasks.dedup.tables import signature_rows
from copydesk.tasks.ingest.plan import PlannedBatch
from copydesk.tasks.ingest.revisits import is_revisit, read_revisits, sources_of
from copydesk.tasks.ingest.rows import Row, Rows
from copydesk.tasks.sources import Source
from copydesk.tasks.workers.pool import Cleaner, CleaningPool, Task
from copydesk.tasks.workers.step_timer import Stopwatch
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.runs.models import BatchFrames
from copydesk.warehouse.storage.raw_files import Raw, pack, pointer

KeepRaw = Literal["all", "articles", "none", "pointer"]


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """The counts that a batch reports to its run.

    ``items`` is the number of items; ``stopped_rules`` the number of pages on which a site rule
    found nothing, by the rule's name and the missing fields; ``seconds`` the processor time of this
    process by step.
    """

    items: int
    stopped_rules: Mapping[str, int]
    seconds: Mapping[str, float]


def process_batch(
    lake: Lake,
    run_id: str,
    batch: PlannedBatch,
    *,
    sources: Sequence[Source],
    pool: CleaningPool,
    now: datetime,
    rules: SiteRules | None = None,
    lines: SiteLines | None = None,
    keep_raw: KeepRaw = "all",
) -> BatchCounts:
    """Read, clean and stage a batch's items.

    Args:
        lake: Where results are staged.
        run_id: The run.
        batch: The items to read.
        sources: The run's sources, which read the items.
        pool: The cleaning processes. Files are read in them; websites are read here, where the
            state of their hosts is shared by all batches.
        now: The run's time.
        rules: Site rules, if any.
        lines: Repeated lines to cut, by site.
        keep_raw: Whose bytes to store: of all documents, of those that gave articles, of none, or
            of all except those in web archives, of which the address is stored.
    """
    names = sources_of(batch.items)
    batch_sources = [source for source in sources if source.name in names]
    work = partial(
        _read_and_stage,
        lake=lake,
        run_id=run_id,
        batch=batch,
        sources=batch_sources,
        now=now,
        rules=rules,
        lines=lines,
        keep_raw=keep_raw,
    )
    if batch_sources and all(source.reads_where_cleaned for source in batch_sources):
        return pool.run(work)
    return work(pool)


def _read_and_stage(
    cleaner: Cleaner,
    *,
    lake: Lake,
    run_id: str,
    batch: PlannedBatch,
    sources: Sequence[Source],
    now: datetime,
    rules: SiteRules | None,
    lines: SiteLines | None,
    keep_raw: KeepRaw,
) -> BatchCounts:
    rows = Rows(run_id, batch.number, cleaner_version(lines), batch.order)
    for missing in batch.missing:
        rows.add_missing(missing)
    for unchanged in batch.seen:
        rows.add_seen(unchanged, now)
    watch = Stopwatch()
    stopped = stage_documents(
        lake,
        rows,
        watch.each("read", _documents(rows, _acquire(lake, batch, sources))),
        cleaner=cleaner,
        rules=rules,
        lines=lines,
        keep_raw=keep_raw,
        watch=watch,
    )
    return BatchCounts(len(batch), stopped, watch.seconds)


def stage_documents(
    lake: Lake,
    rows: Rows,
    documents: Iterable[RawDocument],
    *,
    cleaner: Cleaner,
    rules: SiteRules | None,
    keep_raw: KeepRaw,
    lines: SiteLines | None = None,
    store_raw: bool = True,
    watch: Stopwatch | None = None,
) -> Counter[str]:
    """Clean documents, add the results to ``rows``, stage them, and return the stopped rules.

    Without ``store_raw`` the bytes are not written, because the lake already has them.
    """
    stopped: Counter[str] = Counter()
    raw: dict[str, Raw] = {}
    run = lake.run(rows.run_id)
    stored_digests = run.staged_raw if store_raw else set()
    watch = watch or Stopwatch()
    to_keep, to_clean = tee(documents)
    results = watch.each("clean", cleaner.clean(map(cleaning_task, to_clean), rules))
    for document, result in zip(to_keep, results, strict=True):
        with watch.step("rows"):
            is_article = isinstance(result, Article)
            is_kept = keep_raw in ("all", "pointer") or (keep_raw == "articles" and is_article)
            digest = sha256(document.body) if is_kept else None
            if isinstance(result, Reject):
                rows.add_reject(document, digest, result)
            else:
                article = result if lines is None else without_lines(lines, document, result)
                rows.add_article(document, digest, article)
                if fields := result.evidence.get("site_rule_stopped"):
                    stopped[f"{result.evidence['site_rule']}: {fields}"] += 1
        if digest is not None and store_raw and digest not in stored_digests and digest not in raw:
            with watch.step("pack"):
                raw[digest] = _raw(document, digest, keep_raw)
    with watch.step("sign"):
        signatures, shingles = sign(rows.run_id, rows.batch, rows.observations)
    with watch.step("rows"):
        frames = BatchFrames(
            **rows.tables(),
            raw=list(raw.values()),
            signatures=signatures,
            shingles=shingles,
        )
    with watch.step("stage"):
        run.stage(rows.batch, frames)
    return stopped


def _raw(document: RawDocument, digest: str, keep_raw: KeepRaw) -> Raw:
    if keep_raw == "pointer" and document.archived is not None:
        return pointer(document, digest, document.archived)
    return pack(document, digest)


def without_lines(lines: SiteLines, document: RawDocument, article: Article) -> Article:
    """Cut the repeated lines of the article's site."""
    site = site_of(document.url, article.canonical_url, article.site, document.item.source)
    return with_lines_cut(article, site, lines)


def _documents(rows: Rows, outcomes: Iterable[RawDocument | Missing]) -> Iterator[RawDocument]:
    """Yield the documents, and add rows for the missing ones."""
    for read in outcomes:
        if isinstance(read, Missing):
            rows.add_missing(read)
        else:
            yield read


def _acquire(
    lake: Lake, batch: PlannedBatch, sources: Sequence[Source]
) -> Iterator[RawDocument | Missing]:
    by_name = {source.name: source for source in sources}
    of = groupby(batch.items, key=lambda item: None if is_revisit(item) else item.source)
    for name, group in of:
        if name is None:
            yield from read_revisits(lake, list(group), by_name, batch.known)
        else:
            yield from by_name[name].acquire(list(group), batch.known)


def cleaning_task(document: RawDocument) -> Task:
    """Return what a worker process needs to clean a document."""
    item = document.item
    return Task(
        document.body,
        media_type=document.media_type or item.media_type,
        url=document.url if document.url.startswith(("http://", "https://")) else None,
        observed_at=document.observed_at,
        hints=item.hints,
        transport=document.how or None,
    )


def sign(run_id: str, batch: int, observations: Sequence[Row]) -> tuple[pa.Table, pa.Table]:
    """Return rows of the tables ``signatures`` and ``shingles``, once per content."""
    contents: dict[str, Row] = {}
    for row in observations:
        contents.setdefault(row["content_hash"], row)
    text_signatures = signatures([row["text"] for row in contents.values()])
    months = [_month(row.get("published_at") or row["observed_at"]) for row in contents.values()]
    signed, shingles = signature_rows(list(contents), months, text_signatures)
    run_columns = {"run_id": run_id, "batch": batch, "signing": VERSION}
    return (
        _completed(signed, arrow_schema(SIGNATURES), run_columns),
        _completed(shingles, arrow_schema(SHINGLES), run_columns),
    )


def _month(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _completed(table: pa.Table, schema: pa.Schema, constants: dict[str, Any]) -> pa.Table:
    """Convert a table to the lake's columns; ``constants`` fill the columns that it lacks."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.repeat(pa.scalar(constants[field.name], field.type), len(table))
        for field in schema
    ]
    return pa.table(columns, schema=schema)
