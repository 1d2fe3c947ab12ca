"""The guarded HTTP client: one request, only to IP addresses that were checked.

A host's name is resolved once, every address in the answer must be public, and the connection goes
to one of these addresses. A name can therefore not lead to a machine in the local network, neither
by an unusual spelling nor by a second resolution. Redirects are not followed: the caller makes a
new request, which is checked again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from copydesk.tasks.sources.secrets import reveal
from copydesk.tasks.sources.streams.compression import TooLargeError
from copydesk.tasks.sources.streams.content_encoding import Decoded, decode_body, is_whole_page
from copydesk.tasks.sources.web.fetch.errors import FetchError
from copydesk.tasks.sources.web.fetch.urls import Address, AllowList, may_connect

if TYPE_CHECKING:
    import httpcore2  # loaded by the first client: a tenth of a second that files do not need

Resolve = Callable[[str, int], Awaitable[list[str]]]

_SENDABLE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")
TRIES = 3  # addresses of a host to try, one after another
OK = 200
CODINGS = "gzip, deflate, br, zstd"
_WITH_ADDRESSES = frozenset({"content-location", "link", "location"})


async def system_resolve(host: str, port: int) -> list[str]:
    """Resolve a host's addresses with the operating system."""
    loop = asyncio.get_running_loop()
    try:
        resolved = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError("dns", f"{host} cannot be resolved ({error})") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in resolved))


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits on connections and responses; times are in seconds."""

    allow: AllowList = field(default_factory=AllowList)
    resolve: Resolve = system_resolve
    connect: float = 10
    read: float = 20
    total: float = 60
    """A host that takes a minute for a page has no capacity for crawlers."""
    download: float = 6 * 3600
    """Limit for a whole download: the largest archives have 5 GB, which arrive at 250 kB/s."""
    connections: int = 64
    proxy: str | None = None
    """``http://`` address, with ``${NAME}`` for a password. The target's addresses are checked here
before the proxy is used."""
    ssl_context: ssl.SSLContext | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response with its decoded body; header names are in lower case.

    ``wire`` is the number of body bytes transferred.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    wire: int


class _CheckedBackend:
    """An ``httpcore2.AsyncNetworkBackend`` that connects only to checked IP addresses."""

    def __init__(self, guard: Guard) -> None:
        import httpcore2

        self._guard = guard
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        import httpcore2

        guard = self._guard
        refused: Exception | None = None
        for ip in (await _check(guard, host, port))[:TRIES]:
            try:
                return await self._inner.connect_tcp(
                    ip, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                refused = error
        raise refused or FetchError("dns", f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        raise FetchError("blocked", f"the socket {path} is not requested")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Client(contextlib.AbstractAsyncContextManager["Client"]):
    """Sends GET and POST requests; belongs to one event loop.

    It keeps no cookies and uses no proxy except the guard's.
    """

    def __init__(self, guard: Guard) -> None:
        """Create the connection pool without opening a connection."""
        import httpcore2

        backend = cast("httpcore2.AsyncNetworkBackend", _CheckedBackend(guard))
        self._guard = guard
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=guard.ssl_context or ssl.create_default_context(),
            max_connections=guard.connections,
            max_keepalive_connections=guard.connections,
            keepalive_expiry=30,
            http2=True,
            network_backend=backend if not guard.proxy else None,
            proxy=_proxy(guard.proxy) if guard.proxy else None,
        )

    async def __aexit__(self, *exception: object) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def get(
        self,
        address: Address,
        headers: Mapping[str, str],
        *,
        cap: int,
        cut: bool = False,
        sink: BinaryIO | None = None,
    ) -> HttpResponse:
        """Request an address once, whatever the status; redirects are not followed.

        A body over ``cap`` bytes, transferred or decoded, raises ``FetchError``, or is truncated if
        ``cut``. The body of a response with status 200 is written undecoded to ``sink``, if given,
        within the time limit for downloads.
        """
        return await self._request("GET", address, headers, cap, cut=cut, sink=sink)

    async def post(
        self, address: Address, headers: Mapping[str, str], body: bytes, *, cap: int
    ) -> HttpResponse:
        """Send a body once; at most ``cap`` bytes of the response's body are read."""
        return await self._request("POST", address, headers, cap, cut=True, body=body)

    async def _request(
        self,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        cap: int,
        *,
        cut: bool,
        sink: BinaryIO | None = None,
        body: bytes | None = None,
    ) -> HttpResponse:
        """Send a request; every failure is raised as ``FetchError``."""
        limit = self._guard.total if sink is None else self._guard.download
        try:
            async with asyncio.timeout(limit):
                return await self._exchange(method, address, headers, cap, cut, sink, body)
        except FetchError:
            raise
        except TimeoutError as error:
            raise FetchError("timeout", f"not complete after {limit:g} s") from error
        except TooLargeError as error:
            raise FetchError("too_large", str(error)) from error
        except Exception as error:
            raise _failure(error) from error

    async def _exchange(
        self,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        cap: int,
        cut: bool,
        sink: BinaryIO | None,
        body: bytes | None,
    ) -> HttpResponse:
        request_headers = {"accept-encoding": CODINGS if sink is None else "identity", **headers}
        guard = self._guard
        if guard.proxy:
            await _check(guard, address.host, address.port)
        timeout = {"connect": guard.connect, "read": guard.read, "write": guard.read,
                   "pool": guard.total}  # fmt: skip
        async with self._pool.stream(
            method,
            address.href,
            headers=_octets(request_headers),
            content=body,
            extensions={"timeout": timeout},
        ) as answer:
            fields = _fields(answer.headers)
            length = fields.get("content-length", "")
            if length.isdigit() and int(length) > cap and not cut:
                raise TooLargeError(cap)
            if sink is not None and answer.status == OK:
                size = await _save(answer.aiter_stream(), cap, sink)
                return HttpResponse(address.href, answer.status, fields, b"", size)
            raw, broken = await _read(answer.aiter_stream(), cap, cut=cut)
        decoded = await _decoded(raw, fields.get("content-encoding"), cap)
        if broken is not None and not is_whole_page(decoded.body):
            raise broken
        if decoded.problem and not cut:
            raise FetchError("truncated", decoded.problem)
        return HttpResponse(address.href, answer.status, fields, decoded.body, len(raw))


async def _decoded(raw: bytes, coding: str | None, cap: int) -> Decoded:
    """Decode a body in a thread, since few bytes may decode to many."""
    if coding:
        return await asyncio.to_thread(decode_body, raw, None, coding, cap)
    return decode_body(raw, None, coding, cap)


async def _check(guard: Guard, host: str, port: int) -> list[str]:
    """Resolve a host; raise ``FetchError`` if one of its IP addresses is forbidden."""
    host = host.strip("[]")
    ips = [host] if _is_ip(host) else await guard.resolve(host, port)
    return may_connect(host, ips, port, guard.allow)


def _proxy(reference: str) -> httpcore2.Proxy:
    import httpcore2

    url = urlsplit(reveal(reference))
    auth = (unquote(url.username), unquote(url.password or "")) if url.username else None
    name = f"[{url.hostname}]" if ":" in (url.hostname or "") else str(url.hostname)
    host = f"{name}:{url.port}" if url.port else name
    return httpcore2.Proxy(f"{url.scheme}://{host}", auth=auth)


_received = 0


def bytes_received() -> int:
    """Return the number of body bytes that this process has received."""
    return _received


def _count(piece: bytes) -> None:
    global _received  # noqa: PLW0603  watchdogs use it to see that a site still answers
    _received += len(piece)


async def _read(
    stream: AsyncIterator[bytes], limit: int, *, cut: bool
) -> tuple[bytes, Exception | None]:
    """Return a body, and the exception by which it ended too early.

    A wrong ``Content-Length`` or a missing last chunk does not mean that anything is missing.
    """
    import httpcore2

    raw = bytearray()
    try:
        async for piece in stream:
            raw += piece
            _count(piece)
            if len(raw) > limit:
                if not cut:
                    raise TooLargeError(limit)
                return bytes(raw[:limit]), None
    except httpcore2.RemoteProtocolError as error:
        return bytes(raw), error
    return bytes(raw), None


async def _save(stream: AsyncIterator[bytes], cap: int, sink: BinaryIO) -> int:
    size = 0
    async for piece in stream:
        size += len(piece)
        _count(piece)
        if size > cap:
            raise TooLargeError(cap)
        sink.write(piece)
    return size


def _fields(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        text = _field(key, value)
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields


def _field(name: str, value: bytes) -> str:
    """Decode a header's value; addresses may be raw UTF-8, as in browsers."""
    try:
        return value.decode("utf-8" if name in _WITH_ADDRESSES else "latin-1")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def can_be_sent(value: str) -> bool:
    """Return whether a header's value can be sent back unchanged: it has no control characters."""
    return _SENDABLE.fullmatch(value) is not None


def _octets(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Encode headers; characters of Latin-1 become the bytes that they were read from."""
    written = []
    for name, value in headers.items():
        try:
            written.append((name.encode("ascii"), value.encode("latin-1")))
        except UnicodeEncodeError:  # text of the user, such as a contact in the User-Agent
            written.append((name.encode(), value.encode("utf-8", "replace")))
    return written


def _failure(error: Exception) -> FetchError:
    """Convert an exception of the HTTP library to a ``FetchError``."""
    import httpcore2

    message = str(error) or type(error).__name__
    if isinstance(error, httpcore2.ConnectTimeout | httpcore2.TimeoutException):
        return FetchError("timeout", f"timed out ({type(error).__name__})")
    if isinstance(error, httpcore2.ConnectError):
        is_tls = isinstance(error.__cause__, ssl.SSLError) or "SSL" in message or "TLS" in message
        return FetchError("tls" if is_tls else "refused", message)
    if isinstance(error, httpcore2.RemoteProtocolError):
        if "complete message body" in message or "incomplete chunked" in message:
            return FetchError("truncated", message)
        if "without sending" in message:
            return FetchError("disconnected", message)
        return FetchError("protocol", message)
    if isinstance(error, httpcore2.NetworkError):
        return FetchError("disconnected", message)
    return FetchError("protocol", f"{type(error).__name__}: {message}")


def _is_ip(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        return False
    return True
