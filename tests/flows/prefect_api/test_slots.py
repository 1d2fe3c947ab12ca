"""Slots of deployments that nobody holds, on a server that a small program plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from copydesk.flows.prefect_api.slots import DEAD_AFTER, free_slots

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOME = Path("/srv/articles")


@dataclass
class Server:
    """Knows one deployment: slots taken, flow runs that hold one, and moments of retries."""

    taken: int
    holders: int = 0
    retries: tuple[datetime, ...] = ()
    home: str = str(HOME)
    tags: tuple[str, ...] = ("copydesk", "local")
    has_limit: bool = True
    updated: datetime = NOW
    between: Callable[[Server], None] = lambda _: None
    released: list[tuple[list[str], int]] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self.id = uuid4()

    def read_deployments(self, **_: Any) -> list[Any]:
        if self.looks:
            self.between(self)
        self.looks += 1
        limit = SimpleNamespace(name="l", active_slots=self.taken, updated=self.updated)
        return [
            SimpleNamespace(
                id=self.id, name="city-news", tags=list(self.tags),
                parameters={"home": self.home},
                global_concurrency_limit=limit if self.has_limit else None,
            )
        ]  # fmt: skip

    def read_flow_runs(self, *, flow_run_filter: Any, **_: Any) -> list[Any]:
        if flow_run_filter.state.name is not None:
            return [SimpleNamespace(next_scheduled_start_time=moment) for moment in self.retries]
        return [SimpleNamespace()] * self.holders

    def release_concurrency_slots(
        self, names: list[str], slots: int, occupancy_seconds: float
    ) -> None:
        assert occupancy_seconds > 0
        self.released.append((names, slots))


def freed(server: Server) -> list[str]:
    return free_slots(server, HOME, now=NOW, wait=0)  # type: ignore[arg-type]


def test_a_slot_that_no_run_holds_is_freed() -> None:
    server = Server(taken=1)
    assert freed(server) == ["city-news"]
    assert server.released == [(["l"], 1)]
    assert freed(Server(taken=3, holders=1)) == ["city-news"]


def test_a_slot_that_is_held_or_of_others_stays() -> None:
    for server in (
        Server(taken=1, holders=1),
        Server(taken=0),
        Server(taken=0, holders=1),  # the server forgot one: it is no slot too many
        Server(taken=1, has_limit=False),
        Server(taken=1, home="/srv/another"),
        Server(taken=1, tags=("theirs",)),
        Server(taken=1, retries=(NOW + timedelta(minutes=2),)),  # in Prefect's own retry
    ):
        assert freed(server) == [], server
        assert server.released == []


def test_a_retry_that_nobody_has_made_holds_no_slot() -> None:
    assert freed(Server(taken=1, retries=(NOW - DEAD_AFTER * 2,))) == ["city-news"]


def test_a_run_that_begins_or_ends_meanwhile_is_not_taken_for_a_slot_too_many() -> None:
    def ended(server: Server) -> None:
        server.taken = 0

    def another_began(server: Server) -> None:
        server.updated = NOW + timedelta(seconds=1)

    for between in (ended, another_began):
        server = Server(taken=1, between=between)
        assert freed(server) == []
        assert server.released == []
