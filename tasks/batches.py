"""One batch of a run: read, clean, make rows, stage. Done again from its plan after a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby, tee
from typing import Literal

# Batches run in threads, and pandera's modules import one another in circles: two threads that
# import it at once deadlock.
import pandera.pandas  # noqa: F401

from schemas.article import Article, Reject
from schemas.identity import sha256
from schemas.items import Missing, RawDocument
from tasks.cleaning.rules import Rules
from tasks.cleaning.site_lines import cleaner_version, site_of, with_lines_cut
from tasks.cleaning_pool import Cleaner, CleaningPool, Task
from tasks.dedup.site_lines import SiteLines
from tasks.planning import PlannedBatch
from tasks.revisits import is_revisit, read_revisits, sources_of
from tasks.rows import Rows
from tasks.signing import sign
from tasks.sources import Source
from tasks.sources.files import FileSource
from tasks.stopwatch import Stopwatch
from warehouse.forms import BatchFrames, Raw
from warehouse.lake import Lake
from warehouse.raw import pack

KeepRaw = Literal["all", "articles", "none"]


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """What a run is told of a batch: its items, and the pages on which a site rule found nothing.

    The latter by the rule's name and the fields that it should have found. ``seconds`` are of the
    processor, by step; those of other processes are not counted.
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
    rules: Rules | None = None,
    lines: SiteLines | None = None,
    keep_raw: KeepRaw = "all",
) -> BatchCounts:
    """Read and clean the batch's items and stage what came of them; ``now`` is the run's time.

    ``keep_raw`` says whose bytes are kept: of all documents, of those that gave articles, of none.
    ``lines`` are those of sites that are cut. Files are read in the process that cleans them;
    sites here, where what is known of their hosts is shared by all batches.
    """
    wanted = sources_of(batch.items)
    asked = [source for source in sources if source.name in wanted]
    work = partial(
        _read_and_stage,
        lake=lake,
        run_id=run_id,
        batch=batch,
        sources=asked,
        now=now,
        rules=rules,
        lines=lines,
        keep_raw=keep_raw,
    )
    if asked and all(isinstance(source, FileSource) for source in asked):
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
    rules: Rules | None,
    lines: SiteLines | None,
    keep_raw: KeepRaw,
) -> BatchCounts:
    rows = Rows(run_id, batch.number, cleaner_version(lines))
    for missing in batch.missing:
        rows.add_missing(missing)
    for seen in batch.seen:
        rows.add_seen(seen, now)
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
    rules: Rules | None,
    keep_raw: KeepRaw,
    lines: SiteLines | None = None,
    store_raw: bool = True,
    watch: Stopwatch | None = None,
) -> Counter[str]:
    """Clean documents, add what they gave to ``rows`` and stage them; gives the stopped rules.

    Without ``store_raw`` the rows name the bytes and none are written: the lake has them.
    """
    stopped: Counter[str] = Counter()
    raw: dict[str, Raw] = {}
    known = lake.staged_raw(rows.run_id) if store_raw else set()
    watch = watch or Stopwatch()
    to_keep, to_clean = tee(documents)
    results = watch.each("clean", cleaner.clean(map(cleaning_task, to_clean), rules))
    for document, result in zip(to_keep, results, strict=True):
        with watch.step("rows"):
            is_article = isinstance(result, Article)
            is_kept = keep_raw == "all" or (keep_raw == "articles" and is_article)
            digest = sha256(document.body) if is_kept else None
            if isinstance(result, Reject):
                rows.add_reject(document, digest, result)
            else:
                article = result if lines is None else without_lines(lines, document, result)
                rows.add_article(document, digest, article)
                if fields := result.evidence.get("site_rule_stopped"):
                    stopped[f"{result.evidence['site_rule']}: {fields}"] += 1
        if digest is not None and store_raw and digest not in known and digest not in raw:
            with watch.step("pack"):
                raw[digest] = pack(document, digest)
    with watch.step("sign"):
        signatures, shingles = sign(rows.run_id, rows.batch, rows.observations)
    with watch.step("rows"):
        frames = BatchFrames(
            **rows.frames(),
            raw=list(raw.values()),
            signatures=signatures,
            shingles=shingles,
        )
    with watch.step("stage"):
        lake.stage(rows.run_id, rows.batch, frames)
    return stopped


def without_lines(lines: SiteLines, document: RawDocument, article: Article) -> Article:
    """Cut the lines of the article's site."""
    site = site_of(document.url, article.canonical_url, article.site, document.item.source)
    return with_lines_cut(article, site, lines)


def _documents(rows: Rows, found: Iterable[RawDocument | Missing]) -> Iterator[RawDocument]:
    """Give the documents; what is missing gets its rows."""
    for read in found:
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
    """Say what a worker needs to clean a document."""
    item = document.item
    return Task(
        document.body,
        media_type=document.media_type or item.media_type,
        url=document.url if document.url.startswith(("http://", "https://")) else None,
        observed_at=document.observed_at,
        hints=item.hints,
    )
