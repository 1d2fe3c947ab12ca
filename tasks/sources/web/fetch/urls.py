"""Parse web addresses, and decide which machines may be connected to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urljoin

from copydesk.tasks.sources.web.fetch.errors import FetchError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LENGTH = 2048  # characters; longer ones break servers, and no article has one
PORTS = {"http": 80, "https": 443}
USUAL_PORTS = frozenset({80, 443, 8080, 8443})  # other ports must be allowed explicitly

NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host agent, an address of the public range
        "192.0.0.0/24",  # IETF protocol assignments, Oracle's metadata service among them
        "100.64.0.0/10",  # carriers' shared space (RFC 6598), Alibaba's metadata service
        "64:ff9b::/96",  # NAT64 (RFC 6052): may lead to any IPv4 address
        "64:ff9b:1::/48",  # NAT64 for local use (RFC 8215)
        "2002::/16",  # 6to4 (RFC 3056): the same
        "2001::/32",  # Teredo (RFC 4380): the same
        "fec0::/10",  # site-local (RFC 3879)
        "::/96",  # IPv4-compatible (RFC 4291)
    )
)
"""Networks that some versions of ``ipaddress`` count as global but must not be contacted."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address as browsers normalise it, without a fragment."""

    href: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Return scheme, host and port, which robots.txt and secrets apply to."""
        return f"{self.scheme}://{self.host}:{self.port}"


def read_address(text: str) -> Address:
    """Parse an address by the WHATWG's rules; ``FetchError`` if it must not be requested."""
    import ada_url

    try:
        url = ada_url.URL(text.strip())
    except ValueError as error:
        raise FetchError("bad_address", f"{text[:200]!r} is not an address") from error
    scheme = url.protocol.removesuffix(":")
    if scheme not in PORTS:
        raise FetchError("blocked", f"the scheme {scheme!r} is not fetched")
    if url.username or url.password or "@" in text.split("//", 1)[-1].split("/", 1)[0]:
        raise FetchError("blocked", "an address must not hold a user name or password")
    host = url.hostname.rstrip(".")
    if not host:
        raise FetchError("bad_address", f"{text[:200]!r} names no host")
    url.hash = ""
    if len(url.href) > LENGTH:
        raise FetchError("bad_address", f"longer than {LENGTH} characters")
    return Address(url.href, scheme, host, int(url.port) if url.port else PORTS[scheme])


def join(base: str, link: str) -> str:
    """Resolve a link relative to an address; return it unchanged if it cannot be resolved."""
    import ada_url

    try:
        href: str = ada_url.URL(link.strip(), base).href
    except ValueError:
        try:
            return urljoin(base, link.strip())
        except ValueError:
            return link
    return href


def is_public(ip: IPAddress) -> bool:
    """Return whether an IP address belongs to the public internet."""
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(mapped)
    if (
        not ip.is_global
        or ip.is_private
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_multicast
        or ip.is_reserved
        or ip.is_unspecified
    ):
        return False
    return not any(ip.version == network.version and ip in network for network in NOT_PUBLIC)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Machines that may be requested although they are not public.

    An entry is an IP address, a network or a host name, for all ports unless it ends with one:
    ``10.0.0.0/8``, ``127.0.0.1:8000``, ``[::1]:80``, ``cms.local``.
    """

    entries: tuple[str, ...] = ()

    def allows(self, host: str, ip: IPAddress, port: int) -> bool:
        """Return whether a host with this IP address may be requested at this port."""
        return any(self._fits(entry, host, ip, port) for entry in self.entries)

    def _fits(self, entry: str, host: str, ip: IPAddress, port: int) -> bool:
        name, allowed_port = _split_port(entry)
        if allowed_port is not None and port != allowed_port:
            return False
        try:
            return ip in ipaddress.ip_network(name, strict=False)
        except ValueError:
            return name.lower().rstrip(".") == host.lower().rstrip(".")


def may_connect(host: str, ips: list[str], port: int, allowed: AllowList) -> list[str]:
    """Return the IP addresses to connect to.

    One address that is not public refuses the whole name: such an answer is an attack or a mistake,
    never an article.

    Raises:
        FetchError: An address or the port is not allowed.
    """
    for text in ips:
        try:
            ip = ipaddress.ip_address(text.split("%")[0])
        except ValueError:
            raise FetchError("dns", f"{host} has the malformed address {text!r}") from None
        if allowed.allows(host, ip, port):
            continue
        if not is_public(ip):
            raise FetchError(
                "blocked", f"{host} is {ip}, which is not public{_to_allow(host, port)}"
            )
        if port not in USUAL_PORTS:
            raise FetchError(
                "blocked", f"port {port} of {host} is not requested{_to_allow(host, port)}"
            )
    if not ips:
        raise FetchError("dns", f"{host} has no address")
    return ips


def _to_allow(host: str, port: int) -> str:
    """Return the hint about the setting that allows a machine of one's own."""
    entry = f"{f'[{host}]' if ':' in host.strip('[]') and host[:1] != '[' else host}:{port}"
    return f'; if it is yours: allow = ["{entry}"] in the sources file, or --allow-host {entry}'


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        name, _, port = entry[1:].partition("]")
        return name, int(port[1:]) if port.startswith(":") else None
    name, separator, port = entry.rpartition(":")
    if separator and port.isdigit() and ":" not in name:
        return name, int(port)
    return entry, None
