"""Backfills without an engine: slices that replace themselves, and that survive kills."""

from __future__ import annotations

import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.flows.backfill import PUBLISH_EVERY, pause_after
from copydesk.flows.backfill_slices import (
    OpenSlice,
    State,
    derive_states,
    failures,
    make_plan,
    request_of,
    slice_states,
    slices_to_run,
)
from copydesk.flows.requests import IngestRequest
from copydesk.flows.run_setup import prepare
from copydesk.flows.workspace import Workspace
from copydesk.schemas.items import Item
from copydesk.schemas.json_form import from_json
from copydesk.tasks.backfill.slices import BackfillScope, Plan, Slice, slices_of
from copydesk.tasks.ingest.plan import PlannedBatch
from copydesk.tasks.sources.dates.ranges import By, RangeError, Span
from copydesk.tasks.sources.source import PastEntry
from copydesk.warehouse import connect
from copydesk.warehouse.history.slices import SliceRun
from copydesk.warehouse.runs.open_runs import Plans
from tests.flows.running import articles, write
from tests.flows.slice_worker import begin, fill, killed_at
from tests.servers.site import Page, Site
from tests.warehouse.worker import quick_processes

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FIRST = date(2026, 1, 1)


def raw(folder: Path, days: int, a_day: int = 3) -> str:
    """Write articles into a folder for each day; gives the dated path."""
    texts = list(articles(days * a_day).values())
    for number, text in enumerate(texts):
        day = FIRST + timedelta(days=number // a_day)
        write(folder / "raw", {f"{day:%Y/%m/%d}/{number % a_day}.txt": text})
    return str(folder / "raw" / "{date:%Y/%m/%d}" / "*.txt")


def rows(home: Path, sql: str) -> list[tuple]:
    with connect(home) as connection:
        return connection.execute(sql).fetchall()


def test_both_ends_are_included_and_a_slice_stands_in_the_table(tmp_path: Path) -> None:
    home = tmp_path / "home"
    scope = BackfillScope(raw(tmp_path, 6), date(2026, 1, 2), date(2026, 1, 5))
    plan = begin(home, scope)
    assert [part.label for part in plan.slices] == [f"2026-01-0{n}" for n in (2, 3, 4, 5)]
    assert [part.size for part in plan.slices] == [3, 3, 3, 3]
    assert fill(home, plan) == [part.label for part in plan.slices]
    assert fill(home, plan) == []
    stored_rows = rows(home, 'select slice_key, items, "new", state, runs from slices')
    assert stored_rows == [(part.key, 3, 3, "done", 1) for part in plan.slices]
    assert rows(home, "select count(*), count(distinct article_id) from articles") == [(12, 12)]


def test_a_slice_that_is_run_again_replaces_what_it_gave_before(tmp_path: Path) -> None:
    home = tmp_path / "home"
    scope = BackfillScope(raw(tmp_path, 2), FIRST, FIRST + timedelta(days=1))
    fill(home, begin(home, scope))
    day = tmp_path / "raw" / "2026" / "01" / "01"
    (day / "0.txt").unlink()
    (day / "1.txt").write_text(articles(20)["00019.txt"])
    for _ in range(2):  # the third run refers to what the first one read
        plan = begin(home, scope, again=True)
        assert fill(home, plan) == ["2026-01-01", "2026-01-02"]
    assert rows(home, "select count(*) from articles") == [(5,)]
    stored_rows = rows(
        home, "select locator from articles where locator like '2026/01/01/%' order by 1"
    )
    assert stored_rows == [("2026/01/01/1.txt",), ("2026/01/01/2.txt",)]
    fates = rows(
        home, "select fate, count(*) from ledger join runs using (run_id) where counted group by 1"
    )
    assert fates == [("unchanged", 5)]
    assert rows(home, "select runs, state from slices") == [(3, "done"), (3, "done")]


def test_a_path_that_names_months_goes_by_month(tmp_path: Path) -> None:
    write(
        tmp_path, {"2026-01.txt": articles(1)["00000.txt"], "2026-02.txt": articles(2)["00001.txt"]}
    )
    path = str(tmp_path / "{date:%Y-%m}.txt")
    scope = BackfillScope(path, FIRST, date(2026, 2, 28), By.MONTH)
    plan, _ = make_plan(scope, request_of(scope), NOW)
    assert [(part.label, part.size) for part in plan.slices] == [("2026-01", 1), ("2026-02", 1)]
    by_day = BackfillScope(path, FIRST, date(2026, 2, 28))
    with pytest.raises(RangeError, match="--by month"):
        make_plan(by_day, request_of(by_day), NOW)


def test_archives_are_slices_with_or_without_a_range(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in", {"a-20260105.jsonl": "{}", "b-20260107.jsonl": "{}", "c.jsonl": ""}
    )
    all_of_them = BackfillScope(str(folder), None, None, By.ARCHIVE)
    plan, _ = make_plan(all_of_them, request_of(all_of_them), NOW)
    assert [part.label for part in plan.slices] == [
        "a-20260105.jsonl",
        "b-20260107.jsonl",
        "c.jsonl",
    ]
    some = BackfillScope(str(folder), date(2026, 1, 6), date(2026, 1, 8), By.ARCHIVE)
    plan, _ = make_plan(some, request_of(some), NOW)
    assert ([part.label for part in plan.slices], plan.undated) == (["b-20260107.jsonl"], 1)


def test_the_past_of_a_site_is_filled_and_the_schedule_knows_nothing_else(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Report {n}</title></head><body><article><h1>Report {n}</h1>"
        "<p>On day {n} the harbour saw {n}00 ships come in, which is more than before.</p>"
        "<p>In the evening the last of them was moored behind the old crane.</p></article></body>"
    )
    with Site() as site:
        rows_ = "".join(
            f"<url><loc>{site.url}/{n}</loc><lastmod>2026-01-0{n}</lastmod></url>"
            for n in (1, 2, 3)
        )
        xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows_}</urlset>'
        site.add("/sitemap.xml", Page(xml, headers={"etag": '"1"'}, media_type="text/xml"))
        for n in (1, 2, 3):
            site.add(f"/{n}", page.format(n=n))
        host = f"127.0.0.1:{site.port}"
        home = tmp_path / "home"
        address = f"{site.url}/sitemap.xml"
        scope = BackfillScope(address, FIRST, FIRST + timedelta(days=1), allow_hosts=(host,))
        assert fill(home, begin(home, scope)) == ["2026-01-01", "2026-01-02"]
        assert site.asked("/3") == 0
        # the schedule's own first run reads the whole listing, and only what is new in it
        with prepare(
            IngestRequest((address,), allow_hosts=(host,)), Workspace(home), batch_size=10, now=NOW
        ) as prepared:
            plans = Plans(Workspace(home).open_lake().store, prepared.run_id)
            plan = from_json(PlannedBatch, plans.get(0))
        assert [item.locator for item in plan.items] == [f"{site.url}/3"]
        assert [observed.item.locator for observed in plan.seen] == [
            f"{site.url}/1",
            f"{site.url}/2",
        ]
        assert {row.item.locator for row in plan.missing} == {address}


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.tuples(st.integers(-5, 40), st.integers(0, 3)).map(
                lambda pair: Span(
                    FIRST + timedelta(days=pair[0]), FIRST + timedelta(days=sum(pair))
                )
            ),
        ),
        max_size=30,
    ),
    st.integers(0, 35),
    st.sampled_from([By.DAY, By.MONTH]),
    st.booleans(),
)
def test_what_is_found_is_in_one_slice_or_counted(
    reported: list[Span | None], length: int, by: By, undated: bool
) -> None:
    scope = BackfillScope("s", FIRST, FIRST + timedelta(days=length), by, undated=undated)
    collected = [
        PastEntry(span, item=Item("s", str(n), str(n), str(n))) for n, span in enumerate(reported)
    ]
    slices, items, without = slices_of(scope, "s", collected)
    places = [item.locator for part in items for item in part]
    assert len(places) == len(set(places)) == sum(entry.size for entry in slices)
    assert scope.span is not None
    whole = {
        str(n) for n, span in enumerate(reported) if span is not None and scope.span.covers(span)
        and span.first == span.last
    }  # fmt: skip
    assert whole <= set(places)
    outside = [
        span for span in reported
        if span is not None and (span.last < scope.span.first or span.first > scope.span.last)
    ]  # fmt: skip
    assert len(places) + without + len(outside) == len(reported)
    assert without == 0 or not undated


def run(started: datetime, failed: int = 0, gone: int = 0) -> SliceRun:
    return SliceRun("s/1", "r", started, started, 3, 3, 0, 0, failed, gone)


def test_a_tenth_of_the_time_goes_to_publishing_at_most() -> None:
    assert pause_after(0.5) == PUBLISH_EVERY
    assert pause_after(30.0) == 300.0


def test_how_a_slice_stands() -> None:
    over = datetime(2026, 1, 2, tzinfo=UTC)
    item = Slice(0, "s/1", "2026-01-01", 3, over_at=over)
    plan = Plan(BackfillScope("s", FIRST, FIRST), "s", "articles", (item,), NOW)

    def state(plan: Plan, runs: dict, opened_paths: dict, failures: dict) -> State:
        return derive_states(plan, runs, opened_paths, failures)[0].state

    assert state(plan, {}, {}, {}) is State.WAITING
    assert state(plan, {"s/1": run(NOW)}, {}, {}) is State.DONE
    assert state(plan, {"s/1": run(NOW, failed=1)}, {}, {}) is State.INCOMPLETE
    assert state(plan, {"s/1": run(over - timedelta(hours=1))}, {}, {}) is State.EARLY
    assert state(plan, {}, {"s/1": OpenSlice("r", alive=True)}, {0: "no"}) is State.RUNNING
    assert state(plan, {}, {"s/1": OpenSlice("r", alive=False)}, {}) is State.STOPPED
    assert state(plan, {}, {"s/1": OpenSlice("r", False, held=True)}, {}) is State.HELD
    assert state(plan, {"s/1": run(NOW)}, {}, {0: "no"}) is State.FAILED
    renewed = Plan(plan.scope, "s", "articles", (item,), NOW, since=NOW + timedelta(hours=1))
    assert state(renewed, {"s/1": run(NOW)}, {}, {}) is State.WAITING
    empty = Plan(plan.scope, "s", "articles", (Slice(0, "s/1", "2026-01-01", 0),), NOW)
    assert state(empty, {}, {}, {}) is State.EMPTY
    failed = derive_states(plan, {"s/1": run(NOW, failed=1)}, {}, {})
    assert slices_to_run(failed) == slices_to_run(failed, only_failed=True) == [0]
    (removed,) = derive_states(plan, {"s/1": run(NOW, failed=1, gone=2)}, {}, {})
    assert removed.state is State.INCOMPLETE
    assert removed.detail == "1 item failed, 2 items not found (404, 410)"
    assert (
        failures([removed])
        == [removed]
        == failures([removed, *derive_states(plan, {"s/1": run(NOW)}, {}, {})])
    )
    assert slices_to_run(
        derive_states(plan, {"s/1": run(NOW, gone=1)}, {}, {}), only_failed=True
    ) == [0]
    assert slices_to_run(derive_states(plan, {}, {}, {}), only_failed=True) == []


@pytest.mark.slow
def test_a_backfill_that_is_killed_three_times_has_every_slice_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    scope = BackfillScope(raw(tmp_path, 6), FIRST, FIRST + timedelta(days=5))
    context = quick_processes()
    for step in ("seal:manifest#2", "commit:runs#2", "commit:ledger#2"):
        process = context.Process(target=killed_at, args=(home, scope, step))
        process.start()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL, step
    plan = begin(home, scope)
    before = slice_states(Workspace(home), plan)
    assert {part.state for part in before} == {State.DONE, State.STOPPED, State.WAITING}
    assert fill(home, plan) == [part.slice.label for part in before if part.state is not State.DONE]
    assert rows(home, 'select slice_key, items, "new", runs from slices') == [
        (part.key, 3, 3, 1) for part in plan.slices
    ]
    assert rows(home, "select fate, count(*) from ledger group by 1") == [("new", 18)]
    assert rows(home, "select count(*), count(distinct article_id) from articles") == [(18, 18)]
