"""The server for agents, asked by the SDK's own client: its answers, their bounds, and attacks."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from copydesk.flows.mcp_questions import Limits
from copydesk.flows.mcp_server import make_server
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.flows.sql_attacks import attacks
from tests.warehouse.sample import Look, ingest

TOOLS = {"search", "show", "why", "query", "changes_since", "tables"}
LIMITS = Limits(rows=20, bytes=20_000, seconds=2, memory="200MB")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("mcp") / "home"
    lake = Lake.open(home / "lake", create=True)
    ingest(lake, "r1", [
        Look("a", text="The harbour crane stays. " * 3, title="Crane stays"),
        Look("long", text="word " * 9_000, title="A long one"),
    ])  # fmt: skip
    publish(home)
    ingest(lake, "r2", [Look("a", 1, "The harbour crane goes after all.", title="Crane goes")])
    publish(home)
    return home


def ask(home: Path, work: Callable[[Client], Awaitable[Any]], limits: Limits = LIMITS) -> Any:
    async def run() -> Any:
        async with Client(make_server(home, limits)) as client:
            return await work(client)

    return asyncio.run(run())


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(part, "text", "") for part in result.content)
    if result.is_error:
        return {"error": text}
    answer: dict[str, Any] = result.structured_content or json.loads(text)
    return answer


def test_a_session(served):
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        (hit,) = (await call(client, "search", query="crane"))["rows"]
        assert hit["title"] == "Crane goes"
        shown = await call(client, "show", article=hit["article_id"])
        assert shown["text"].startswith("The harbour crane goes")
        assert [row["revision"] for row in shown["revisions"]["rows"]] == [1, 2]
        older = await call(client, "show", article=hit["article_id"], revision=1)
        assert older["title"] == "Crane stays"
        why = await call(client, "why", article=hit["article_id"])
        assert why["rows"][0]["rule"] == "share-row"
        answer = await call(client, "query", sql="select title, revision from articles order by 1")
        assert answer["rows"] == [["A long one", 1], ["Crane goes", 2]]
        changes = await call(client, "changes_since", since="1")
        assert [row["kind"] for row in changes["rows"]] == ["revised"]
        assert changes["cursor"] == 2
        names = {row["name"] for row in (await call(client, "tables"))["rows"]}
        assert {"articles", "revisions", "changes"} <= names
        (schema,) = (await client.read_resource("copydesk://schema")).contents
        assert "### articles" in schema.text
        assert "## The lake" not in schema.text

    ask(served, work)


def test_long_texts_are_paged(served):
    async def work(client: Client) -> None:
        text, offset = "", 0
        while offset is not None:
            part = await call(client, "show", article="file:long", offset=offset)
            text, offset = text + part["text"], part.get("next_offset")
        assert len(text) == part["text_chars"]

    ask(served, work)


def test_answers_are_bounded(served):
    cases = [
        ("select * from range(1000)", None),
        ("select repeat('x', 15000) from range(10)", None),
        ("select count(*) from range(100_000_000_000)", "longer than|time limit"),
        ("select list(range) from range(100_000_000)", "memory"),
        ("select 1; select 2", "one SELECT"),
        ("", "one SELECT"),
        ("explain analyze select 1", "one SELECT"),
        ("selec", "syntax error"),
        ("select 'nan'::double, 'infinity'::double, '\\x00'::blob, 1::hugeint << 100", None),
    ]

    async def work(client: Client) -> None:
        for sql, says in cases:
            answer = await call(client, "query", sql=sql)
            assert len(json.dumps(answer)) < 2 * LIMITS.bytes, sql
            if says:
                assert re.search(says, answer["error"]), sql
            else:
                assert len(answer["rows"]) <= LIMITS.rows, sql

    ask(served, work)


def test_what_is_left_out_of_changes_is_asked_for_next(tmp_path):
    home = tmp_path / "home"
    lake = Lake.open(home / "lake", create=True)
    for number in range(6):
        ingest(lake, f"r{number}", [Look(f"{number}-{n}", number, f"{n} {number}") for n in (1, 2)])
        publish(home)

    async def work(client: Client) -> list[str]:
        ids, cursor = [], "0"
        while True:
            answer = await call(client, "changes_since", since=cursor)
            ids += [row["article_id"] for row in answer["rows"] if row["kind"] == "new"]
            cursor = str(answer["cursor"])
            if not answer["truncated"]:
                return ids

    ids = ask(home, work, Limits(rows=5))
    assert len(ids) == len(set(ids)) == 12


def test_what_is_not_there_is_an_error_that_says_so(served):
    for tool, arguments in (
        ("show", {"article": "0" * 32}), ("why", {"article": "nowhere"}),
        ("changes_since", {"since": "77"}), ("changes_since", {"since": "soon"}),
        ("query", {"sql": "from nothing"}), ("search", {"query": "crane", "limit": 10_000}),
    ):  # fmt: skip
        assert ask(served, lambda client, t=tool, a=arguments: call(client, t, **a))["error"]


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


@pytest.mark.slow
def test_no_statement_writes_or_reaches_a_file_or_the_network(served, tmp_path, monkeypatch):
    """Each statement is refused, or gives nothing that stands outside of the tables."""
    canary = tmp_path / "canary.csv"
    canary.write_text("c\ncanary-7f3a\n")
    outside = tmp_path / "out"
    outside.mkdir()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.csv"
        statements = list(attacks(canary, outside, url, served))
        assert len(set(statements)) >= 200
        before, rows = state_of(served), "select count(*), max(title) from articles"

        async def work(client: Client) -> list[str]:
            expected = await call(client, "query", sql=rows)
            answered = []
            for number, statement in enumerate(statements):
                tools = [("query", "sql"), ("search", "query"), ("show", "article")]
                for tool, argument in tools[: 1 if number % 20 else 3]:
                    answer = await call(client, tool, **{argument: statement})
                    assert "canary-7f3a" not in json.dumps(answer), statement
                    assert "root:x:0" not in json.dumps(answer), statement
                    if tool == "query" and "error" not in answer:
                        answered.append(statement)
            assert await call(client, "query", sql=rows) == expected
            return answered

        answered = ask(served, work, Limits(rows=5, bytes=5_000, seconds=0.5, memory="100MB"))
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert state_of(served) == before
    assert list(outside.iterdir()) == []
    assert canary.read_text() == "c\ncanary-7f3a\n"
    assert len(answered) <= len(statements) // 10, answered


def test_over_stdio_by_the_command(served):
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "copydesk.flows.cli", "mcp", "--home", str(served)]
    )

    async def run() -> dict[str, Any]:
        async with Client(server) as client:
            return await call(client, "query", sql="select count(*) from articles")

    assert asyncio.run(run())["rows"] == [[2]]


def test_over_http_on_loopback_alone(served):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "copydesk.flows.cli", "mcp", "--http", "--port", str(port),
         "--home", str(served)], stderr=subprocess.DEVNULL,
    )  # fmt: skip

    async def run() -> dict[str, Any]:
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            return await call(client, "tables")

    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        assert "articles" in {row["name"] for row in asyncio.run(run())["rows"]}
        body = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
        head = (
            f"POST /mcp HTTP/1.1\r\nHost: evil.example\r\ncontent-type: application/json\r\n"
            f"accept: application/json, text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port)) as foreign:  # DNS rebinding
            foreign.sendall(head.encode() + body)
            assert foreign.recv(1000).startswith(b"HTTP/1.1 421 ")
    finally:
        process.terminate()
        process.wait(20)
