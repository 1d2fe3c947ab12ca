"""A day in ten minutes: three sources every 30 s under ``serve``, and what operators fear.

``python -m benchmarks.operators_day`` lets a site be down, restarts the Prefect server, kills a
run's process and fills the disk; one home's lake is in a bucket that fails all the while. It prints
what was said where, and compares the tables with what the sites had published. It needs moto, and
root for a small disk of its own.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from tests.servers.faulty_s3 import Faults
    from tests.servers.site import Page, Request

SECONDS_AN_ARTICLE = 20
ATTEMPTS = 5
TITLE = "The {} report number {}"
DISK = "160m"
SOURCE = """[sources.{name}]
address = "{url}/{name}/feed.xml"
schedule = "* * * * * */30"
allow = ["{host}"]
delay = 0
"""
PAGE = """<!doctype html><html lang="en"><title>{title}</title><article><h1>{title}</h1>
<p>On day {number} the {name} saw {number}00 ships come in, more than on the day before.</p>
<p>In the evening the last of the {number}00 was moored behind the old crane of the {name}.</p>
</article></html>"""


@dataclass
class News:
    """The sites: a new article every 20 seconds in each feed, and the feed has all of them."""

    started: float = field(default_factory=time.monotonic)
    down: bool = False
    frozen: int | None = None

    def count(self) -> int:
        """Count the articles of each feed."""
        if self.frozen is not None:
            return self.frozen
        return 1 + int((time.monotonic() - self.started) / SECONDS_AN_ARTICLE)

    def answer(self, request: Request) -> Page:
        """Answer with a feed or an article."""
        from tests.servers.site import Page

        if self.down:
            return Page(mood="close")
        name, _, place = request.path.strip("/").partition("/")
        base = f"http://{request.headers['host']}/{name}"
        if place == "feed.xml":
            entries = "".join(
                f"<item><title>{name} {number}</title><link>{base}/{number}</link></item>"
                for number in range(self.count())
            )
            feed = f"<rss><channel><title>{name}</title>{entries}</channel></rss>"
            return Page(feed, media_type="application/rss+xml")
        if not place.isdigit():
            return Page("", 404)
        return Page(PAGE.format(title=TITLE.format(name, place), number=place, name=name))


@dataclass
class Home:
    """A home with its sources, its environment and its ``serve``."""

    folder: Path
    home: Path
    names: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    read: int = 0

    def command(self, *words: str) -> list[str]:
        """Give a command line of copydesk for this home."""
        options = ("--home", str(self.home))
        return [sys.executable, "-m", "copydesk.flows.cli", words[0], *options, *words[1:]]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def serve(self, log: IO[bytes]) -> None:
        """Start ``serve``; its log goes to a file."""
        self.process = subprocess.Popen(
            self.command("serve", "--log-format", "json"),
            cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=log,
            start_new_session=True,
        )  # fmt: skip

    def said(self) -> Iterator[dict[str, Any]]:
        """Give what the log of ``serve`` has said since the last call."""
        lines = self.log.read_bytes()[self.read :].splitlines(keepends=True)
        for line in lines:
            if line.endswith(b"\n"):
                self.read += len(line)
                try:
                    yield json.loads(line)
                except ValueError:
                    yield {"level": "OTHER", "message": line.decode(errors="replace").strip()}

    def stop(self) -> None:
        """Stop ``serve``, where it still runs, and what it has started."""
        if self.process is None or self.process.poll() is not None:
            return
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()


@dataclass
class Day:
    """The world of the day, and what it is put through."""

    news: News
    faults: Faults
    homes: list[Home]
    prefect: dict[str, str]
    disk: Path | None
    api: str = ""

    def up(self) -> None:
        """Start the server, at the same port as before."""
        words = ["up", "--port", "0" if not self.api else self.api.split(":")[2].split("/")[0]]
        for _ in range(ATTEMPTS):  # a busy machine starts it slowly
            done = subprocess.run(
                [sys.executable, "-m", "copydesk.flows.cli", *words], env=self.prefect,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if not done.returncode:
                break
            print(f"copydesk up: {done.stderr.strip()[-300:]}", flush=True)
        record = Path(self.prefect["PREFECT_HOME"]) / "copydesk-server.json"
        self.api = json.loads(record.read_text())["api_url"]

    def down(self, *, check: bool = True) -> None:
        """Stop the server."""
        subprocess.run(
            [sys.executable, "-m", "copydesk.flows.cli", "down"], env=self.prefect, check=check,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill_a_run(self) -> None:
        """Kill the process of a flow run, as soon as there is one."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for home in self.homes:
                assert home.process is not None
                if home.process.poll() is not None:
                    continue
                for child in psutil.Process(home.process.pid).children():
                    with suppress(psutil.NoSuchProcess):  # it has just ended
                        is_run = "prefect" in " ".join(child.cmdline())
                        if is_run and child.create_time() < time.time() - 3:
                            child.kill()
                            return
            time.sleep(0.2)

    def fill(self) -> None:
        """Write a file until the disk has no room."""
        assert self.disk is not None
        with (self.disk / "filler").open("wb") as filler:
            try:
                while True:
                    filler.write(bytes(100_000))
                    filler.flush()
            except OSError:
                pass

    def free(self) -> None:
        """Give the disk its room back."""
        assert self.disk is not None
        (self.disk / "filler").unlink()

    def flow_runs(self, since: datetime) -> Counter[str]:
        """Count the flow runs that ended since then, by the first word of their state."""
        body = {"flow_runs": {"end_time": {"after_": since.isoformat()}}, "limit": 200}
        try:
            request = urllib.request.Request(
                f"{self.api}/flow_runs/filter", json.dumps(body).encode(),
                {"content-type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(request, timeout=30) as answer:
                rows = json.load(answer)
        except OSError:
            return Counter({"no answer": 1})
        return Counter(row["state"]["name"].partition(":")[0] for row in rows)


def serious(line: dict[str, Any]) -> bool:
    """Tell whether an operator should see a line of the log."""
    return line.get("level") not in ("INFO", "DEBUG") and line.get("event") != "problem"


def hour(day: Day, seconds: float, name: str, begin: Callable[[], None]) -> None:
    """Pass some time after something has happened, and print what was said."""
    since, started = datetime.now(UTC), time.monotonic()
    begin()
    time.sleep(max(0.0, seconds - (time.monotonic() - started)))
    said = [line for home in day.homes for line in home.said()]
    committed = sum(line.get("event") == "committed" for line in said)
    sentences = Counter(
        f"{line['level']} {line.get('source', '')}: {line['message'][:150]}"
        for line in said
        if serious(line)
    )
    states = ", ".join(f"{state} {count}" for state, count in day.flow_runs(since).items())
    print(f"| {name} | {states or '-'} | {committed} | {len(sentences) or '-'} |", flush=True)
    for sentence, count in sentences.most_common(4):
        print(f"|   | {count} x {sentence} | | |", flush=True)


def play(day: Day, scale: float) -> None:
    """Let the day happen."""

    def set_down(*, down: bool) -> None:
        day.news.down = down

    steps: list[tuple[float, str, Callable[[], None]]] = [
        (75, "all is well, the bucket fails at 8 % and loses answers", lambda: None),
        (60, "the sites are down", partial(set_down, down=True)),
        (60, "the sites are back", partial(set_down, down=False)),
        (30, "the server is stopped", day.down),
        (75, "the server is back", day.up),
        (75, "a run's process is killed", day.kill_a_run),
    ]
    if day.disk is not None:
        steps += [(75, "the disk is full", day.fill), (75, "the disk has room again", day.free)]
    steps += [(75, "all is well", lambda: None)]
    print("| what happened | flow runs that ended | commits logged | warnings and errors logged |")
    print("| --- | --- | --: | --: |")
    for seconds, name, begin in steps:
        hour(day, seconds * scale, name, begin)


def read_all(home: Home, name: str, frozen_at: datetime) -> bool:
    """Ingest a source until a run that was planned after ``frozen_at`` has succeeded.

    The first run may resume one that was interrupted, whose plan is older than the last articles.
    """
    for _ in range(ATTEMPTS):
        done = home.run("ingest", "--source", name, "--json")
        summary = json.loads(done.stdout) if done.stdout.strip() else None
        run_id = summary["run_id"] if summary else "no run"
        fates = summary["fates"] if summary else done.stderr.strip()[-300:]
        resumed = bool(summary) and run_id.partition("-")[0] <= f"{frozen_at:%Y%m%dT%H%M%S}"
        how = "resumes an interrupted run, " if resumed else ""
        print(f"ingest {name}: {how}status {done.returncode}, {run_id}: {fates}", flush=True)
        if not done.returncode and not resumed:
            return True
    return False


def compare(home: Home, name: str, published: int) -> bool:
    """Compare a source's articles with what was published; print what is known of lost ones."""
    sql = f"select title from articles where source = '{name}'"
    answer = home.run("query", "--format", "json", sql)
    if answer.returncode:
        print(f"{name}: no answer: {answer.stderr.strip()}")
        return False
    titles = Counter(row["title"] for row in json.loads(answer.stdout))
    lost = [number for number in range(published) if TITLE.format(name, number) not in titles]
    doubled = titles.total() - len(titles)
    print(f"{name}: {titles.total()} articles, lost {len(lost)}, doubled {doubled}", flush=True)
    for number in lost:
        sql = (
            "select run_id, observed_at, fate, reason, detail from ledger "
            f"where locator like '%/{name}/{number}' order by observed_at"
        )
        print(f"  {name}/{number}: {home.run('query', '--format', 'json', sql).stdout.strip()}")
    return not lost and not doubled


def settle(day: Day) -> bool:
    """Read everything once more, and compare the tables with what was published."""
    for home in day.homes:
        if home.process is not None and home.process.poll() is not None:
            print(f"serve of {home.home.name} had ended: status {home.process.returncode}")
        home.stop()
    day.news.frozen = day.news.count()
    frozen_at = datetime.now(UTC)
    time.sleep(1.1)  # the ids of runs have seconds
    well = True
    for home in day.homes:
        for name in home.names:
            well &= read_all(home, name, frozen_at)
            well &= compare(home, name, day.news.frozen)
        doctor = home.run("doctor", "--deep")
        well &= not doctor.returncode
        print(f"doctor --deep: {doctor.stdout.strip() or doctor.stderr.strip()}", flush=True)
    print(f"the bucket's faults: {dict(day.faults.happened)}", flush=True)
    return well


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a small disk in a folder; None without the right to."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and not subprocess.run(words, check=False).returncode
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def main() -> None:
    """Play the day and print its table; exit status 1 when anything was lost."""
    from tests.servers.faulty_s3 import faulty
    from tests.servers.s3 import s3_server
    from tests.servers.site import Site

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # moto logs each request
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = stack.enter_context(s3_server())
        s3.fill("tables", {})
        bucket, faults = stack.enter_context(faulty(s3.url))
        faults.busy_share, faults.lost = 0.08, 100_000
        news = News()
        site = stack.enter_context(Site({}))
        site.add("*", news.answer)
        disk = stack.enter_context(small_disk(root / "disk"))
        outside = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "COPYDESK_"))
        }
        prefect = outside | {"PREFECT_HOME": str(root / "prefect")}
        keys = {name.upper(): value for name, value in s3.options.items()}
        keys |= {"AWS_ENDPOINT_URL": bucket, "COPYDESK_LAKE": "s3://tables/lake"}
        homes = []
        for folder, home, names, more in (
            (root / "city", (disk or root / "disk") / "city", ("harbour", "council"), {}),
            (root / "country", root / "country" / "country-data", ("winter",), keys),
        ):
            folder.mkdir()
            host = site.url.removeprefix("http://")
            text = "".join(SOURCE.format(name=name, url=site.url, host=host) for name in names)
            (folder / "sources.toml").write_text(text)
            homes.append(Home(folder, home, names, prefect | more, folder / "serve.log"))
        day = Day(news, faults, homes, prefect, disk)
        day.up()
        stack.callback(day.down, check=False)
        for each in homes:
            each.serve(stack.enter_context(each.log.open("wb")))
            stack.callback(each.stop)
        play(day, arguments.minutes / 10)
        well = settle(day)
    sys.exit(not well)


if __name__ == "__main__":
    main()
