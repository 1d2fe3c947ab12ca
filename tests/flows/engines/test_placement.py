"""Batches on workers of Dask and Ray: the same tables as on one machine, whatever is killed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from prefect.task_runners import ThreadPoolTaskRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from copydesk.flows.engines.base import EngineName, PlacementError, engine_of
from copydesk.flows.engines.placement import Placement
from copydesk.flows.engines.worker import Probe, slots_here
from copydesk.flows.requests import IngestRequest
from copydesk.flows.workspace import Workspace
from copydesk.tasks.cleaning.version import CLEANER_VERSION
from copydesk.warehouse import connect
from tests.flows.running import Cli, articles, write
from tests.servers.processes import cleaning

COUNT = 60
BATCH = 10

COMPARED = {
    "articles": "* exclude (run_id)",
    "cuts": "* exclude (run_id)",
    "ledger": "* exclude (run_id)",
    "rejects": "* exclude (run_id)",
    "duplicates": "*",
    "duplicate_edges": "*",
    "revisions": "* exclude (run_id)",
    "runs": "state, items, new, duplicate, rejected, failed",
}


@pytest.fixture
def archive(cli: Cli) -> Path:
    """Pages whose times of observation are on record, copies in other batches, and no articles."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    texts = [text.split("\n\n") for text in articles(COUNT).values()]
    for number in range(COUNT):
        is_copy = number % 30 == 29
        title, *paragraphs = texts[(number * 7 + 13) % COUNT if is_copy else number]
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        page = f"<title>{title}</title><article><h1>{title}</h1>{body}</article>".encode()
        if number % 50 == 49:
            page = b"<title>404</title>"
        headers = [("Content-Type", "text/html; charset=utf-8")]
        record = writer.create_warc_record(
            f"https://harbour.example/reports/{number}",
            "response",
            payload=io.BytesIO(page),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": f"2026-03-01T10:{number // 60:02}:{number % 60:02}Z"},
        )
        writer.write_record(record)
    path = cli.folder / "crawl.warc.gz"
    path.write_bytes(stream.getvalue())
    return path


def dask_workers(command: psutil.Process) -> list[psutil.Process]:
    """List the workers of a local cluster: they are children, and have cleaning processes."""
    return [
        child
        for child in command.children()
        if "spawn_main" in " ".join(child.cmdline()) and cleaning(child)
    ]


def ray_workers(command: psutil.Process) -> list[psutil.Process]:
    """List the processes in which Ray runs a batch at this moment."""
    return [
        child for child in command.children(recursive=True) if child.cmdline()[:1] == ["ray::clean"]
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)  # of two runs, on a machine that does other things
@pytest.mark.parametrize(
    ("engine", "workers"), [(EngineName.DASK, dask_workers), (EngineName.RAY, ray_workers)]
)
def test_a_killed_worker_changes_nothing(
    cli: Cli,
    archive: Path,
    engine: EngineName,
    workers: Callable[[psutil.Process], list[psutil.Process]],
) -> None:
    if find_spec(f"prefect_{engine}") is None:
        pytest.skip(f"not installed: pip install 'copydesk[{engine}]'")
    options = ("--batch-size", str(BATCH), "--workers", "2")
    assert set(cli.ingest(archive, *options, "--home", "local")["fates"]) == {
        "new",
        "duplicate",
        "rejected",
    }
    process = cli.start("ingest", archive, *options, "--engine", engine, "--home", "cluster")
    family = kill_one(psutil.Process(process.pid), workers, cli.folder / "cluster")
    _, message = process.communicate(timeout=200)
    assert process.returncode == 0, message
    assert tables(cli.folder / "cluster") == tables(cli.folder / "local")
    doctor = cli.run("doctor", "--deep", "--home", "cluster")
    assert (doctor.returncode, doctor.stderr) == (0, "No problems found.\n")
    _, remaining = psutil.wait_procs(family, timeout=30)
    assert remaining == []


def kill_one(
    command: psutil.Process,
    workers: Callable[[psutil.Process], list[psutil.Process]],
    home: Path,
) -> list[psutil.Process]:
    """Kill a worker when some batches are staged and some are not; give it and its children."""
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        assert command.is_running()
        assert command.status() != psutil.STATUS_ZOMBIE
        try:
            if staged(home) >= 2 and (result := workers(command)):
                family = [result[0], *result[0].children(recursive=True)]
                os.kill(result[0].pid, signal.SIGKILL)
                assert staged(home) < COUNT // BATCH, "it came too late"
                return family
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.01)
    raise AssertionError("no worker came")


def staged(home: Path) -> int:
    return len(list(home.glob("lake/_staging/*/[0-9]*.json")))


def tables(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    with connect(home) as connection:
        return {
            table: connection.sql(f"select {columns} from {table} order by all").fetchall()
            for table, columns in COMPARED.items()
        }


@pytest.mark.slow
def test_an_existing_cluster_is_asked_before_it_is_used(cli: Cli, archive: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="pip install -e '.[dask]'")
    for number, text in enumerate(articles(2).values()):
        write(cli.folder / "raw", {f"2026/01/0{number + 1}/a.txt": text})
    scheduler = cli.run("ingest", archive, "--engine", "dask", "--cluster", "tcp://127.0.0.1:9")
    assert scheduler.returncode == 1
    assert "no dask cluster answers at tcp://127.0.0.1:9" in scheduler.stderr
    # Workers started in another folder and with the environment of this process.
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", processes=True
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        address = cluster.scheduler_address
        present = ("--engine", "dask", "--cluster", address)
        cli.ok("ingest", archive, *present)
        days = ("--from", "2026-01-01", "--to", "2026-01-01")
        cli.ok("backfill", "raw/{date:%Y/%m/%d}/*.txt", *days, *present)
        texts = "select article_id, title, text from articles order by all"
        before = cli.rows(texts)
        newer = f"{CLEANER_VERSION}.1"
        process = cli.start(
            "reclean", "--to-version", newer, "--json", "--batch-size", "5", *present
        )
        kill_when_both_have_worked(cluster, client, cli.folder / "copydesk-data")
        out, message = process.communicate(timeout=200)
        assert process.returncode == 0, message
        assert sum(json.loads(out)["fates"].values()) == COUNT + 1
        assert cli.rows(texts) == before
        versions = cli.rows("select distinct cleaner_version v from articles")
        assert versions == [{"v": newer}]
        wrong = cli.run(
            "reclean", "--to-version", f"{CLEANER_VERSION}.2", *present, "--workers", "2"
        )
        assert wrong.returncode == 2
        assert "a cluster has its own workers" in wrong.stderr
    states = cli.rows("select flow, sum(items)::int n from runs group by all order by 1")
    assert [(state["flow"], state["n"]) for state in states] == [
        ("backfill", 1), ("ingest", COUNT), ("reclean", COUNT + 1),
    ]  # fmt: skip


def kill_when_both_have_worked(cluster: Any, client: Any, home: Path) -> None:
    """Kill one of two workers as soon as each has done a batch, and some are not staged."""
    nannies = list(cluster.workers.values())
    addresses = {nanny.worker_address for nanny in nannies}
    client.get_task_stream()  # from now on the scheduler notes which worker did what
    deadline = time.monotonic() + 150
    done: set[str] = set()
    while not addresses <= done:
        assert time.monotonic() < deadline
        done = {
            entry["worker"] for entry in client.get_task_stream()
            if str(entry["key"]).startswith("reclean")
        }  # fmt: skip
        time.sleep(0.01)
    os.kill(nannies[0].pid, signal.SIGKILL)
    assert staged(home) < COUNT // 5, "it came too late"


def test_an_engine_that_is_not_installed_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(engine_of(EngineName.RAY)), "needs", "no_such_module")
    with pytest.raises(PlacementError, match=r"pip install 'copydesk\[ray\]'"):
        Placement.named("ray")


def test_an_unknown_engine_and_a_cluster_without_one_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(
        PlacementError, match="'spark' is not an engine; choose from local, dask, ray"
    ):
        Placement.named("spark")
    monkeypatch.setenv("COPYDESK_CLUSTER", "tcp://10.0.0.1:8786")
    with pytest.raises(PlacementError, match="--engine dask or ray"):
        Placement.of_environment()


def test_a_request_means_the_same_in_every_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    request = IngestRequest(("in", "@list.txt", "https://a.example/", "s3://b/c", "~/export/*.txt"))
    moved = request.absolute()
    assert moved.inputs == (
        f"{tmp_path}/in",
        f"@{tmp_path}/list.txt",
        "https://a.example/",
        "s3://b/c",
        str(Path("~/export/*.txt").expanduser()),
    )
    monkeypatch.chdir("/")
    assert moved.parameters() == moved.absolute().parameters()
    monkeypatch.chdir(tmp_path)
    assert request.parameters() == moved.parameters()


@pytest.mark.slow
def test_flow_runs_of_one_backfill_share_a_cluster() -> None:
    pytest.importorskip("distributed", reason="pip install -e '.[dask]'")
    with Placement(EngineName.DASK).shared_cluster(workers=1) as cluster:
        assert cluster.engine is EngineName.DASK
        assert cluster.cluster is not None
        with cluster.shared_cluster() as same:
            assert same == cluster
        assert cluster.task_runner().address == cluster.cluster


def test_a_further_engine_is_asked_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is given to the flows as the others are, and no other engine answers in its place."""
    requested: list[str] = []

    class Further:
        needs, has_clusters, cleans_here = None, True, False

        def task_runner(self, cluster: str | None, workers: int) -> ThreadPoolTaskRunner[Any]:
            requested.append(f"runner {cluster} {workers}")
            return ThreadPoolTaskRunner(max_workers=workers)

        @contextlib.contextmanager
        def shared_cluster(self, cluster: str | None, workers: int) -> Iterator[str]:
            yield f"held by {cluster} {workers}"

        def probe(self, cluster: str, probe: Probe) -> dict[str, str | None]:
            return {"node-1": f"of {cluster} is asked of {probe.workspace.home.name}"}

        def slots(self) -> int | None:
            return 7

    monkeypatch.setitem(
        sys.modules, "copydesk.flows.engines.ray", SimpleNamespace(ENGINE=Further())
    )
    placement = Placement.named("ray", "far:1")
    assert isinstance(placement.task_runner(3), ThreadPoolTaskRunner)
    with placement.shared_cluster(2) as scheduler:
        assert scheduler == Placement(EngineName.RAY, "held by far:1 2")
    assert requested == ["runner far:1 3"]
    assert slots_here() == 7
    Workspace(tmp_path).open_lake(create=True)
    with pytest.raises(PlacementError, match=f"node-1 .* far:1 is asked of {tmp_path.name}"):
        placement.check(IngestRequest((str(tmp_path),)), Workspace(tmp_path))
