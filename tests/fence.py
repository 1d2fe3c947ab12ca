"""What keeps the tests on this machine: no connection beyond loopback, and no bare import names.

Every Python process that a test starts loads it, so it imports next to nothing: through pytest and
hypothesis a start took half a second more.
"""

from __future__ import annotations

import ipaddress

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
