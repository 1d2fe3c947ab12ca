"""The client must not be led to a machine that is not public, nor made to swallow anything."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Fate
from copydesk.tasks.sources.web.fetch.client import Client, Guard
from copydesk.tasks.sources.web.fetch.errors import CONSEQUENCES, FetchError
from copydesk.tasks.sources.web.fetch.fetcher import Fetcher
from copydesk.tasks.sources.web.fetch.urls import (
    AllowList,
    is_public,
    join,
    may_connect,
    read_address,
)
from copydesk.warehouse.storage.raw_files import zstd
from tests.servers.site import Page, Site, policy_for

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1",
    "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1"]

SPELLINGS = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://0177.1/", "http://127.0.0.1./",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::]/",
    "http://0/", "http://①②⑦.⓪.⓪.①/", "http://１２７.0.0.1/", "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/", "HTTP://127.0.0.1/", "http:\\\\127.0.0.1\\", "http://127.0.0.1\t/",
    "\x00http://127.0.0.1/", "http:/127.0.0.1/", "http:127.0.0.1",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://2852039166/",
    "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:a9fe:a9fe::]/",
]  # fmt: skip
NOT_ASKED = [
    "file:///etc/passwd", "ftp://news.example/", "gopher://news.example/", "data:text/html,x",
    "javascript:alert(1)", "dict://news.example:11211/", "ldap://news.example/", "unix:/run/x",
    "http+unix://%2Frun%2Fdocker.sock/", "ws://news.example/", "//news.example/", "news.example",
    "", "http://", "http:///", "http://user@news.example/", "http://user:pass@news.example/",
    "http://1.1.1.1@127.0.0.1/", "http://news.example:99999/", "http://[::1", "http://a b/",
    "http://news.example:22/", "http://news.example:25/", "http://news.example:6379/",
]  # fmt: skip


async def public(host: str, port: int) -> list[str]:
    return ["93.184.216.34"]


def fails(url: str, resolve=public, allow: AllowList | None = None) -> FetchError:
    async def run() -> FetchError:
        async with Client(Guard(allow=allow or AllowList(), resolve=resolve)) as client:
            with pytest.raises(FetchError) as caught:
                await client.get(read_address(url), {}, cap=1000)
            return caught.value

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def nothing_reached_the_fence(pytestconfig):
    """The guard refuses by itself; the fence of the tests is never what stops it."""
    refused = next(
        plugin.refused
        for plugin in pytestconfig.pluginmanager.get_plugins()
        if hasattr(plugin, "refused") and hasattr(plugin, "fence")
    )
    before = list(refused)
    yield
    assert refused == before


@pytest.mark.parametrize("ip", PRIVATE)
def test_addresses_that_are_not_public(ip):
    assert not is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize("ip", PUBLIC)
def test_addresses_that_are_public(ip):
    assert is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_a_private_address_is_asked(url):
    assert fails(url).reason in ("blocked", "bad_address")


@pytest.mark.parametrize("url", NOT_ASKED)
def test_what_is_not_asked_at_all(url):
    assert fails(url).reason in ("blocked", "bad_address")


@pytest.mark.parametrize("ip", [*PRIVATE, "fe80::1%eth0", "nonsense"])
def test_a_name_that_leads_to_a_private_address(ip):
    async def resolve(host, port):
        return [ip]

    assert fails("http://news.example/", resolve).reason in ("blocked", "dns")


def test_one_private_address_among_public_ones_refuses_the_name():
    async def resolve(host, port):
        return ["93.184.216.34", "10.0.0.1"]

    assert fails("http://news.example/", resolve).reason == "blocked"


def test_a_name_is_resolved_once_and_the_answer_is_what_is_connected_to():
    """A second answer, as in DNS rebinding, is never asked for."""
    answers = []
    with Site({"/": "hello"}) as site:

        async def resolve(host, port):
            answers.append(host)
            return ["127.0.0.1"] if len(answers) == 1 else ["169.254.169.254"]

        async def run():
            guard = Guard(allow=AllowList((f"127.0.0.1:{site.port}",)), resolve=resolve)
            async with Client(guard) as client:
                url = f"http://news.example:{site.port}/"
                return await client.get(read_address(url), {}, cap=1000)

        assert asyncio.run(run()).body == b"hello"
        assert answers == ["news.example"]
        assert site.requests[0].headers["host"] == f"news.example:{site.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/", "http://10.0.0.1/", "file:///etc/passwd", "//127.0.0.1:1/",
     "http://localhost.:1/", "http://user:x@news.example/", "gopher://127.0.0.1:6379/_x"],
)  # fmt: skip
def test_a_redirect_is_checked_like_the_first_address(status, target):
    with Site({"/": Page(status=status, headers={"location": target})}) as site:

        async def run():
            async with Fetcher(policy_for(site)) as guest:
                await guest.fetch(f"{site.url}/")

        with pytest.raises(FetchError) as caught:
            asyncio.run(run())
        assert caught.value.reason == "blocked"
        assert site.asked() == 1


def test_an_allowed_machine_is_allowed_at_any_port_unless_one_is_given():
    allowed = AllowList(("10.0.0.0/8", "127.0.0.1:8000", "cms.local", "[::1]:81", "host.local:81"))

    def asks(host, ip, port):
        try:
            return may_connect(host, [ip], port, allowed) == [ip]
        except FetchError:
            return False

    assert asks("x.example", "10.1.2.3", 80)
    assert asks("x.example", "10.1.2.3", 22)
    assert not asks("x.example", "192.168.1.1", 80)
    assert asks("localhost", "127.0.0.1", 8000)
    assert not asks("localhost", "127.0.0.1", 80)
    assert asks("CMS.local", "192.168.1.1", 443)
    assert asks("cms.local.", "192.168.1.1", 8123)
    assert asks("x", "::1", 81)
    assert not asks("x", "::1", 80)
    assert asks("host.local", "172.16.0.1", 81)
    assert not asks("other.local", "172.16.0.1", 81)


def test_hosts_are_not_looked_up_for_addresses():
    async def resolve(host, port):
        raise AssertionError(host)

    assert fails("http://127.0.0.1/", resolve).reason == "blocked"


def get(page: Page, *, cap: int = 100_000, **guard):
    with Site({"/": page}) as site:

        async def run():
            policy = policy_for(site, **guard)
            async with Client(policy.guard) as client:
                return await client.get(read_address(f"{site.url}/"), {}, cap=cap)

        return asyncio.run(run())


def reason(page: Page, **options) -> str:
    with pytest.raises(FetchError) as caught:
        get(page, **options)
    return caught.value.reason


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_a_bomb_is_not_unpacked(coding):
    body = PACKERS[coding](bytes(12_000_000))
    assert reason(Page(body, headers={"content-encoding": coding})) == "too_large"


@pytest.mark.parametrize("coding", PACKERS)
def test_codings_are_undone(coding):
    page = Page(PACKERS[coding](b"hello" * 99), headers={"content-encoding": coding})
    assert get(page).body == b"hello" * 99


def test_a_row_of_codings_is_not_undone():
    assert reason(Page(b"x", headers={"content-encoding": "gzip, " * 20})) == "truncated"


def test_too_large_by_its_own_word_and_in_fact():
    assert reason(Page(b"x" * 2000), cap=1000) == "too_large"
    chunked = Page(
        b"fff\r\n" + b"x" * 4095 + b"\r\n0\r\n\r\n",
        headers={"transfer-encoding": "chunked", "content-length": ""},
    )
    assert reason(chunked, cap=1000) in ("too_large", "protocol")


def test_times_are_limited():
    assert reason(Page(mood="hang"), read=0.2) == "timeout"
    assert reason(Page(mood="drip", headers={"content-length": "9999"}), total=0.5) == "timeout"


def test_connections_that_end():
    assert reason(Page(mood="close")) == "disconnected"
    assert reason(Page(b"x" * 5000, mood="cut")) == "truncated"


def test_a_port_where_nobody_listens():
    with Site() as site:
        port = site.port
    error = fails(f"http://127.0.0.1:{port}/", allow=AllowList((f"127.0.0.1:{port}",)))
    assert error.reason == "refused"


def test_what_is_rejected_has_a_reason_that_the_tables_know():
    rejected = {k for k, v in CONSEQUENCES.items() if v.fate is Fate.REJECTED}
    assert rejected <= {reason.value for reason in RejectReason}


def test_headers_of_an_answer_are_limited():
    assert reason(Page(b"", headers={"x": "y" * 200_000})) == "protocol"


@given(st.text(max_size=60))
def test_no_text_is_an_address_by_accident(text):
    for item in (text, f"http://{text}", f"http://news.example/{text}"):
        try:
            address = read_address(item)
        except FetchError as error:
            assert error.reason in ("blocked", "bad_address")
        else:
            assert address.scheme in ("http", "https")
            assert address.href.isascii()
            assert read_address(address.href) == address


@given(st.text(max_size=60), st.text(max_size=60))
def test_joining_never_raises(base, link):
    join(base, link)
    join("http://news.example/a/b", link)


@given(st.ip_addresses())
def test_every_address_is_public_or_not(ip):
    if is_public(ip):
        assert ip.is_global
        assert not ip.is_multicast
