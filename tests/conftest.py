"""For all tests: none reaches anything but this machine, or a second copy of the project."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections import defaultdict

import pytest
from hypothesis import settings

pytest_plugins = ["tests.servers.prefect", "tests.servers.s3", "tests.warehouse.places"]
"""One server of each kind: what several conftest.py import would be a fixture of each."""

NAME_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
CONNECTIONS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
BARE_NAMES = {"flows", "schemas", "tasks", "warehouse"}
"""In the checkout the folders can be imported by these names too: as second copies."""

OWN_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost"}

refused: list[str] = []
"""What was refused, in order, so that a test can tell that nothing was tried."""


def is_loopback(host: object) -> bool:
    """Tell whether a host, by address or name, is this machine."""
    if isinstance(host, bytes):
        host = host.decode("latin-1")
    if host is None or host in OWN_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback or mapped.is_unspecified  # unspecified: a server binds to it


def is_literal(host: object) -> bool:
    """Tell whether a host is an address, which is looked up without asking anyone."""
    try:
        ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return True


def fence(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse connections and look-ups beyond loopback, and imports by the bare names.

    An audit hook, so nothing passes it; every process that a test starts has it, too.
    """
    if event in CONNECTIONS:
        address = arguments[1]
        if isinstance(address, tuple) and not is_loopback(address[0]):
            refused.append(f"{event} {address}")
            raise ConnectionRefusedError(f"the tests' fence refuses {address}")
    elif event in NAME_LOOKUPS:
        host = arguments[0]
        if not is_loopback(host) and not is_literal(host):
            refused.append(f"{event} {host!r}")
            raise OSError(f"the tests' fence refuses to look up {host!r}")
    elif event == "import" and arguments[0] in BARE_NAMES:
        refused.append(f"{event} {arguments[0]}")
        raise ImportError(f"the import name is copydesk.{arguments[0]}")


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
