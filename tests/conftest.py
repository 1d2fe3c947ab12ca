"""For all tests: none reaches anything but this machine, or a second copy of the project."""

from __future__ import annotations

import gc
import os
import sys
from collections import defaultdict
from itertools import chain

import pytest
from hypothesis import settings

from copydesk.flows.process_exit import COLLECT_AFTER
from tests.fence import fence, refused

__all__ = ["fence", "refused"]

pytest_plugins = ["tests.servers.prefect", "tests.servers.s3", "tests.warehouse.places"]
"""One server of each kind: what several conftest.py import would be a fixture of each."""

sys.addaudithook(fence)

gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])  # as in the commands

# How long a test takes says nothing. The same examples in every run, and few, for those that name
# no number: HYPOTHESIS_PROFILE=random looks for new ones, and for many.
settings.register_profile("fixed", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("random", deadline=None, derandomize=False, max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


LONG = {"cli": 1, "home": 1, "lake": 1, "patterns": 10, "server": 1}
"""Fixtures of tests that run commands, write tables or time all patterns, by how long they take."""


def expected(item: pytest.Item) -> int:
    """Guess how long a test takes: 0 for one that is over at once."""
    if item.get_closest_marker("slow"):
        return 10
    return max(
        int(item.nodeid.startswith("tests/warehouse/")),
        *(LONG.get(name, 0) for name in getattr(item, "fixturenames", ())), 0,
    )  # fmt: skip


def pytest_collection_finish() -> None:
    """Keep the garbage collector from all that was imported and collected, a million objects."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let the interpreter's end free it, or DuckDB's bindings complain."""
    gc.unfreeze()


@pytest.hookimpl(trylast=True)  # after those that are not to run were taken out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the modules that take long come first, so that no process is alone with one at the end.

    ``--dist loadfile`` hands out whole modules in this order: each makes its fixtures once.
    """
    if not hasattr(config, "workerinput"):
        return
    modules: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        modules[item.nodeid.partition("::")[0]].append(item)
    items[:] = chain.from_iterable(
        sorted(modules.values(), key=lambda module: -sum(map(expected, module)))
    )
