from __future__ import annotations

import json
import subprocess
import sys

import pytest

from copydesk.schemas.sources import SettingsError, parse_sources
from copydesk.tasks.sources import SourceError, secrets
from copydesk.tasks.sources.open_named import open_named
from copydesk.tasks.sources.secrets import CACHE_SECONDS, Blocks, NoSecretError, load_block, reveal
from tests.servers.site import Page, Site, policy_for

PROXY = """
[sources.mine]
address = "https://news.example/"
proxy = "http://me:${secret:the-proxy}@proxy.example:3128"
"""


class Vault:
    """Stands for Prefect: blocks by name, and what was asked for."""

    def __init__(self, **blocks: str) -> None:
        self.blocks = {name.replace("_", "-"): value for name, value in blocks.items()}
        self.asked: list[str] = []
        self.seconds = 0.0

    def load(self, name: str) -> str:
        self.asked.append(name)
        if name not in self.blocks:
            raise NoSecretError(f"Prefect has no Secret block {name}")
        return self.blocks[name]

    def now(self) -> float:
        return self.seconds


def test_references():
    vault = Vault(the_key="s3cret")
    output = reveal("Bearer ${secret:the-key} ${X}", {"X": "1"}, vault.load)
    assert output == "Bearer s3cret 1"
    assert reveal("${secret:The Key}", {}, vault.load) == "${secret:The Key}"
    assert reveal("${X}", {"X": "${secret:the-key}"}, vault.load) == "${secret:the-key}"
    assert vault.asked == ["the-key"]
    with pytest.raises(NoSecretError, match="no Secret block other"):
        reveal("${secret:other}", {}, vault.load)


def test_a_block_is_asked_for_once_in_a_while_and_a_missing_one_too():
    vault = Vault(one="1")
    blocks = Blocks(vault.load, vault.now)
    for _ in range(3):
        assert blocks.get("one") == "1"
        with pytest.raises(NoSecretError):
            blocks.get("two")
    assert vault.asked == ["one", "two"]
    vault.blocks |= {"one": "new", "two": "2"}
    vault.seconds = CACHE_SECONDS
    assert (blocks.get("one"), blocks.get("two")) == ("new", "2")


def test_settings_take_either_reference():
    parse_sources(PROXY)
    head = '[sources.x]\naddress="https://x.example"\n'
    parse_sources(head + 'headers={Cookie="${secret:cookie-of-x}"}')
    for wrong in ("${secret:}", "${secret:A b}", "secret:x"):
        with pytest.raises(SettingsError, match="Cookie is a secret"):
            parse_sources(head + f'headers={{Cookie="{wrong}"}}')


def test_a_source_without_its_block_is_named(monkeypatch):
    settings = parse_sources(PROXY).sources["mine"]
    vault = Vault()
    monkeypatch.setattr(secrets, "_blocks", Blocks(vault.load))
    with pytest.raises(SourceError, match="source mine: Prefect has no Secret block the-proxy"):
        open_named("mine", settings)
    vault = Vault(the_proxy="hunter2")
    monkeypatch.setattr(secrets, "_blocks", Blocks(vault.load))
    (source,) = open_named("mine", settings)
    assert vault.asked == ["the-proxy"]
    assert "hunter2" not in repr(source)


def test_options_of_a_store_are_in_no_log(monkeypatch):
    text = '[sources.x]\naddress="memory://bucket"\nstorage_options={key="${secret:k}"}'
    monkeypatch.setattr(secrets, "_blocks", Blocks(Vault(k="hunter2").load))
    import fsspec

    fsspec.filesystem("memory").pipe("/bucket/a.txt", b"A text")
    (source,) = open_named("x", parse_sources(text).sources["x"])
    assert "hunter2" not in repr(source)


def test_a_block_goes_with_a_request(monkeypatch):
    import asyncio
    import dataclasses

    from copydesk.tasks.sources.web.fetch.errors import FetchError
    from copydesk.tasks.sources.web.fetch.fetcher import Fetcher

    vault = Vault(token="hunter2")
    monkeypatch.setattr(secrets, "_blocks", Blocks(vault.load, vault.now))

    async def run(site: Site) -> None:
        value = "Bearer ${secret:token}"
        policy = dataclasses.replace(
            policy_for(site),
            secrets=((f"http://127.0.0.1:{site.port}", "Authorization", value),),
        )
        async with Fetcher(policy) as guest:
            await guest.fetch(f"{site.url}/a")
            await guest.fetch(f"{site.url}/a")
            vault.blocks, vault.seconds = {}, CACHE_SECONDS
            with pytest.raises(FetchError, match="no_secret: Prefect has no Secret block token"):
                await guest.fetch(f"{site.url}/a")

    with Site({"/a": Page("a")}) as site:
        asyncio.run(run(site))
        assert [request.headers["authorization"] for request in site.requests] == [
            "Bearer hunter2"
        ] * 2
    assert vault.asked == ["token", "token"]


@pytest.mark.slow
def test_an_api_that_does_not_answer_is_said(tmp_path):
    """In a process of its own: Prefect reads its settings when it is imported."""
    program = (
        "from copydesk.tasks.sources.secrets import load_block\n"
        "try:\n    load_block('any')\nexcept LookupError as error:\n    print(error)"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program],
        env={"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path),
             "PREFECT_CLIENT_MAX_RETRIES": "0", "DO_NOT_TRACK": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (
        "the Secret block any cannot be loaded: Prefect's API does not answer" in completed.stdout
    )


@pytest.mark.slow
def test_a_real_block(monkeypatch, server):
    """Against Prefect's own API, from a thread and from within an event loop."""
    import asyncio

    from prefect.blocks.system import Secret

    from copydesk.flows.prefect_api.connection import Api, use

    record = json.loads((server / "copydesk-server.json").read_text())
    with use(Api(record["api_url"], "up")):
        Secret(value="1e5").save("press-token")
        Secret(value={"a": "b"}).save("no-text")
        monkeypatch.setattr(secrets, "_blocks", Blocks())
        assert reveal("Bearer ${secret:press-token}") == "Bearer 1e5"
        with pytest.raises(NoSecretError, match="Prefect has no Secret block nowhere"):
            reveal("${secret:nowhere}")
        with pytest.raises(NoSecretError, match="holds no text"):
            load_block("no-text")

        async def inside() -> str:
            return load_block("press-token")

        assert asyncio.run(inside()) == "1e5"
