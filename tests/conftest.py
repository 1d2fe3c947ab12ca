"""For all tests: none reaches anything but this machine, or a second copy of the project."""

from __future__ import annotations

import os
import sys
from collections import defaultdict

import pytest
from hypothesis import settings

from tests.fence import fence, refused

__all__ = ["fence", "refused"]

pytest_plugins = ["tests.servers.prefect", "tests.servers.s3", "tests.warehouse.places"]
"""One server of each kind: what several conftest.py import would be a fixture of each."""

sys.addaudithook(fence)

# How long a test takes says nothing. The same examples in every run, and few, for those that name
# no number: HYPOTHESIS_PROFILE=random looks for new ones, and for many.
settings.register_profile("fixed", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("random", deadline=None, derandomize=False, max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


REAL = {"cli", "home", "lake", "server"}
"""Fixtures of tests that write tables or run commands."""


def expected(item: pytest.Item) -> int:
    """Guess how long a test takes: 0 for one that is over at once."""
    if item.get_closest_marker("slow"):
        return 10
    return int(not REAL.isdisjoint(getattr(item, "fixturenames", ())))


@pytest.hookimpl(trylast=True)  # after those that are not to run were taken out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every process begin with what takes long, so that none is alone with it at the end.

    Worksteal gives each process an equal part of the list, in order, and one that has done its
    part takes from the end of another's. A module stays whole, for its fixtures.
    """
    value = getattr(config, "workerinput", None)
    if value is None:
        return
    modules: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        modules[item.nodeid.partition("::")[0]].append(item)
    weights = {name: sum(map(expected, module)) for name, module in modules.items()}
    parts: list[list[pytest.Item]] = [[] for _ in range(value["workercount"])]
    sizes = [len(items[number :: len(parts)]) for number in range(len(parts))][::-1]
    loads = [0] * len(parts)
    quick: list[pytest.Item] = []
    for name in sorted(modules, key=lambda entry: -weights[entry]):
        number = loads.index(min(loads))
        if weights[name] and len(parts[number]) + len(modules[name]) <= sizes[number]:
            parts[number] += modules[name]
            loads[number] += weights[name]
        else:
            quick += modules[name]
    items.clear()
    for part, size in zip(parts, sizes, strict=True):
        room = size - len(part)
        items += part + quick[:room]
        del quick[:room]
