"""Planning a source ends: with what it has, or by name when nothing comes of it."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from copydesk.schemas.items import Fate, Item, Missing
from copydesk.tasks.ingest.unplanned import FAILED, LOCATOR, STALLED, planned
from copydesk.tasks.sources import NOTHING_KNOWN, KnownTransport, SourceError, open_sources
from copydesk.tasks.sources.source import SourceBase
from copydesk.tasks.workers.discovery import VARIABLE, PlanningStalled, offered, stall_seconds


@dataclass(frozen=True)
class Planted(SourceBase):
    """Offers one item, then does what its test is about."""

    then: str
    path: str = ""
    name: str = "planted"

    def discover(self, _known: KnownTransport = NOTHING_KNOWN, /) -> Iterator[Item | Missing]:
        yield self.item("first")
        yield from getattr(self, self.then)()

    def acquire(self, *_: object) -> Iterator[Missing]:
        yield from ()

    def item(self, locator: str) -> Item:
        return Item(self.name, locator, locator, "[]")

    def nothing(self) -> Iterator[Item]:
        yield from ()

    def native(self) -> Iterator[Item]:  # holds the interpreter's lock
        re.match(r"(a+)+$", "a" * 64 + "b")
        yield from ()

    def python(self) -> Iterator[Item]:
        while True:
            pass
        yield self.item("never")

    def waits(self) -> Iterator[Item]:
        threading.Event().wait()
        yield from ()

    def many(self) -> Iterator[Item]:
        yield from (self.item(str(number)) for number in range(1_000))

    def slowly(self) -> Iterator[Item]:
        for number in range(6):
            time.sleep(0.5)
            yield self.item(str(number))

    def reads(self) -> Iterator[Item]:
        with Path(self.path).open("rb", buffering=0) as stream:
            while stream.read(1):
                time.sleep(0.5)
        yield self.item("last")

    def raises(self) -> Iterator[Item]:
        yield self.item("second")
        raise ValueError("no such thing")

    def refuses(self) -> Iterator[Item]:
        yield from ()
        raise SourceError("the disk is not there")

    def dies(self) -> Iterator[Item]:
        yield from ()
        os.kill(os.getpid(), 9)


def names(result: Iterator[Item | Missing]) -> list[str]:
    return [offer.locator for offer in result if isinstance(offer, Item)]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "2.5")


@pytest.fixture(params=["process", "thread"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "thread":
        monkeypatch.setattr(Planted, "reads_where_cleaned", False)
    return str(request.param)


def test_all_that_a_source_has_is_offered_in_its_order(where: str) -> None:
    assert names(offered(Planted("many"))) == ["first", *map(str, range(1_000))]


@pytest.mark.parametrize("hang", ["python", "waits", "native"])
def test_a_source_that_hangs_is_given_up(where: str, hang: str) -> None:
    if (where, hang) == ("thread", "native"):
        pytest.skip("nothing in a process ends that")
    if (where, hang) == ("thread", "python"):
        pytest.skip("the thread would use a core until the tests' end")
    result = offered(Planted(hang))
    assert names(iter([next(result)])) == ["first"]
    with pytest.raises(PlanningStalled, match=r"nothing read for 2\.5 s"):
        list(result)


def test_a_source_that_goes_on_slowly_is_not(where: str) -> None:
    assert len(names(offered(Planted("slowly")))) == 7


def test_reading_is_progress(tmp_path: Path) -> None:
    path = tmp_path / "slow"
    path.write_bytes(b"x" * 8)
    assert names(offered(Planted("reads", str(path)))) == ["first", "last"]


@pytest.mark.parametrize("then", ["nothing", "many"])
def test_who_takes_it_slowly_is_not_the_source_s_fault(then: str, where: str) -> None:
    result = offered(Planted(then))
    next(result)
    time.sleep(3)
    assert len(list(result)) in (0, 1_000)


def test_a_source_that_no_other_process_knows_is_asked_here() -> None:
    @dataclass(frozen=True)
    class Local(Planted):
        pass

    assert names(offered(Local("nothing"))) == ["first"]


def test_nobody_waits_for_what_is_no_longer_wanted(where: str) -> None:
    result = offered(Planted("waits"))
    next(result)
    result.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("then", "reason", "detail"),
    [
        ("waits", STALLED, "planted cannot be planned: nothing offered and nothing read for 2.5 s"),
        ("raises", FAILED, "planted cannot be planned: ValueError: no such thing"),
        ("refuses", FAILED, "planted cannot be planned: the disk is not there"),
        ("dies", FAILED, "planted cannot be planned: planning ended its process (status -9)"),
    ],
)
def test_a_row_says_why_a_source_was_not_planned(then: str, reason: str, detail: str) -> None:
    *before, last = planned(Planted(then), NOTHING_KNOWN, {})
    assert names(iter(before))[0] == "first"
    assert isinstance(last, Missing)
    assert (last.fate, last.reason, last.item.locator) == (Fate.FAILED, reason, LOCATOR)
    assert last.detail.startswith(detail)


def test_files_are_planned_as_they_are(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("The harbour opened again on Monday.")
    (tmp_path / "rows.jsonl").write_text('{"text": "The ferries ran as before."}\n' * 3)
    (source,) = open_sources([str(tmp_path)])
    assert list(offered(source)) == list(source.discover())


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan"])
def test_a_bound_that_is_none_is_said(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(SourceError, match=VARIABLE):
        stall_seconds()
