from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.items import Fate, Item, Missing
from copydesk.tasks.ingest.plan import PlannedBatch, StoredItem, plan, shared_out
from copydesk.tasks.ingest.seen_items import KnownItems

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def item(locator: str, fingerprint: str | None = "1", source: str = "s") -> Item:
    return Item(source, locator, f"file:{locator}", f"/{locator}", fingerprint=fingerprint)


def missing(locator: str) -> Missing:
    return Missing(item(locator), Fate.REJECTED, "too_large", "1 GB", NOW)


def planned(
    result: list[Item | Missing], known: dict[str, StoredItem], size: int
) -> list[PlannedBatch]:
    return list(plan(result, lambda _source: known, cleaner_version="2", batch_size=size))


def test_a_known_item_with_the_same_fingerprint_is_not_read_again() -> None:
    stored = {"a": StoredItem("1", "new", article_id="id", content_hash="h", cleaner_version="1")}
    (batch,) = planned([item("a"), item("b")], stored, 10)
    assert [entry.item.locator for entry in batch.seen] == ["a"]
    assert [entry.locator for entry in batch.items] == ["b"]


def test_what_changed_or_cannot_be_told_is_read() -> None:
    stored = {
        "changed": StoredItem("0", "new", article_id="id"),
        "unknown": StoredItem(None, "new", article_id="id"),
        "failed": StoredItem("1", "failed", cleaner_version="2"),
    }
    (batch,) = planned([item("changed"), item("unknown", None), item("failed")], stored, 10)
    assert [entry.locator for entry in batch.items] == ["changed", "unknown", "failed"]


def test_a_rejected_item_is_read_again_by_another_cleaner_alone() -> None:
    stored = {
        "old": StoredItem("1", "rejected", reason="no_body", cleaner_version="1"),
        "same": StoredItem("1", "rejected", reason="no_body", cleaner_version="2"),
        "twice": StoredItem("1", "unchanged", reason="no_body", cleaner_version="2"),
    }
    (batch,) = planned([item("old"), item("same"), item("twice")], stored, 10)
    assert [entry.locator for entry in batch.items] == ["old"]
    assert [entry.item.locator for entry in batch.seen] == ["same", "twice"]


@given(
    st.lists(st.tuples(st.sampled_from("abcdefghij"), st.booleans()), max_size=30),
    st.sets(st.sampled_from("abcdefghij")),
    st.integers(1, 5),
)
def test_every_item_is_planned_exactly_once(
    result: list[tuple[str, bool]], known: set[str], size: int
) -> None:
    offered = [missing(name) if row else item(name) for name, row in result]
    batches = planned(
        offered, {name: StoredItem("1", "new", article_id=name) for name in known}, size
    )
    locators = [
        entry.locator
        for batch in batches
        for entry in (
            *batch.items,
            *(observed.item for observed in batch.seen),
            *(row.item for row in batch.missing),
        )
    ]
    assert sorted(locators) == sorted({name for name, _ in result})
    assert [batch.number for batch in batches] == list(range(len(batches)))
    assert all(0 < len(batch.items) <= size or not batch.items for batch in batches)
    assert sum(map(len, batches)) == len(locators)


def known_table(rows: list[dict[str, object]]) -> pa.Table:
    names = "locator fate reason fingerprint article_id content_hash raw_sha256 cleaner_version"
    schema = pa.schema([(name, pa.string()) for name in names.split()])
    schema = schema.append(pa.field("how", pa.map_(pa.string(), pa.string())))
    schema = schema.append(pa.field("failed_in", pa.string()))
    schema = schema.append(pa.field("of_slice", pa.bool_()))
    return pa.Table.from_pylist([{"of_slice": False, **row} for row in rows], schema)


FEED = {"locator": "feed", "fate": "skipped", "reason": "listing", "how": [("etag", "1")]}
PAGE = {"locator": "page", "fate": "new", "article_id": "a", "how": [("etag", "2")]}


def test_what_is_known_is_found_by_locator() -> None:
    known_items = KnownItems(known_table([FEED, PAGE]))
    assert set(known_items) == {"feed", "page"}
    assert known_items["page"].article_id == "a"
    assert known_items["page"].how == {"etag": "2"}
    assert dict(known_items.how) == {"feed": {"etag": "1"}, "page": {"etag": "2"}}


def test_a_listing_is_read_anew_while_an_item_of_it_has_failed() -> None:
    failed = {"locator": "other", "fate": "failed", "reason": "http_503"}
    known_items = KnownItems(known_table([FEED, PAGE, failed]))
    assert dict(known_items.how) == {"page": {"etag": "2"}}


def test_only_the_listing_that_named_what_failed_is_read_anew_and_those_above_it() -> None:
    index = {"locator": "index", "fate": "skipped", "reason": "listing", "how": [("etag", "3")]}
    part = index | {"locator": "part", "how": [("etag", "4"), ("index", "index")]}
    failed = {"locator": "other", "fate": "failed", "reason": "http_503", "failed_in": "part"}
    known_items = KnownItems(known_table([FEED, PAGE, index, part, failed]))
    assert set(known_items.how) == {"feed", "page", "other"}
    single = failed | {"failed_in": ""}  # it was named by nothing, or is a listing itself
    assert {"feed", "index", "part"} < set(KnownItems(known_table([FEED, index, part, single])).how)
    circle = index | {"how": [("index", "part")]}
    assert set(KnownItems(known_table([circle, part, failed])).how) == {"other"}


def test_what_failed_in_a_slice_does_not_let_the_schedule_read_its_listing_anew() -> None:
    failed = {"locator": "other", "fate": "failed", "reason": "http_503", "of_slice": True}
    known_items = KnownItems(known_table([FEED, PAGE, failed]))
    assert dict(known_items.how)["feed"] == {"etag": "1"}


@given(st.integers(0, 900), st.integers(0, 300), st.integers(1, 8))
def test_first_and_last_batches_are_shared_out(count: int, size: int, shares: int) -> None:
    given_ = planned([item(str(n)) for n in range(count)], {}, size + 50)
    batches = list(shared_out(given_, shares))
    assert [entry.locator for batch in batches for entry in batch.items] == list(
        map(str, range(count))
    )
    assert [batch.number for batch in batches] == list(range(len(batches)))
    assert len(batches) >= min(shares, count // 50 - 1)
    sizes = [len(batch) for batch in batches]
    assert max(sizes, default=0) <= size + 50
    work = [0] * shares  # items of each process, which take the batches in turn
    for number in sizes:
        work[work.index(min(work))] += number
    assert max(work) - min(work) <= max(100, *sizes[-shares:], 0)


def test_all_processes_begin_with_the_first_batch_and_end_together() -> None:
    given_ = iter(planned([item(str(n)) for n in range(2_000)], {}, 500))
    taken = 0

    def counted() -> Iterator[PlannedBatch]:
        nonlocal taken
        for batch in given_:
            taken += 1
            yield batch

    batches = shared_out(counted(), 2)
    assert [len(next(batches)), len(next(batches))] == [250, 250]
    assert taken == 1
    assert [len(batch) for batch in batches] == [500, 285, 286, 143, 143, 71, 72]


def test_splitting_keeps_what_needs_no_reading() -> None:
    stored = {"seen": StoredItem("1", "new", article_id="id", how={"etag": "x"})}
    known = stored | {"30": StoredItem("0", "new", article_id="id", how={"etag": "30"})}
    offered: list[Item | Missing] = [missing("gone"), item("seen")]
    offered += [item(str(n)) for n in range(120)]
    first, second = shared_out(planned(offered, known, 500), 2)
    assert (len(first.items), len(second.items)) == (60, 60)
    assert ([len(batch.seen) for batch in (first, second)], len(first.missing)) == ([1, 0], 1)
    assert (first.known, second.known) == ({"30": {"etag": "30"}}, {})
    assert sorted([*first.positions, *second.positions, *first.seen_positions]) == list(
        range(1, 122)
    )
