"""Kinds of source and formats of another package, installed as any package is."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from copydesk import connect
from copydesk.flows.backfill_slices import make_plan
from copydesk.flows.requests import IngestRequest
from copydesk.schemas import plugins
from copydesk.schemas.items import Fate, Item, Missing
from copydesk.schemas.plugins import FORMATS, SOURCES, PluginError, load_plugin, plugin_names
from copydesk.schemas.sources import SettingsError, parse_sources
from copydesk.tasks.backfill.slices import BackfillScope
from copydesk.tasks.sources import SourceError, open_sources
from copydesk.tasks.sources.dates.ranges import By, RangeError
from copydesk.tasks.sources.source import ARTICLES
from tests.flows.running import FENCE, Cli, articles, write

PACKAGE = Path(__file__).parent / "plugin"


def letter(number: int) -> str:
    title, _, text = list(articles(number + 1).values())[number].partition("\n\n")
    return (
        f"From: Ada Brandt <ada@letters.example>\nSubject: {title}\n"
        f"Date: {number + 1:02} Mar 2026 08:00:00 +0000\nMessage-ID: <{number}@letters.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def box(count: int) -> str:
    return "".join(f"From ada Sun Mar  1 08:00:00 2026\n{letter(n)}\n" for n in range(count))


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder for packages, with the one of letters in it."""
    folder = tmp_path / "site"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(folder)
    forget()
    yield folder
    forget()
    for name in [module for module in sys.modules if module.startswith("copydesk_letters")]:
        del sys.modules[name]


def forget() -> None:
    plugins._points.cache_clear()
    load_plugin.cache_clear()


def install(folder: Path, name: str, points: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    write(info, {"METADATA": metadata, "entry_points.txt": points})
    forget()


@pytest.mark.slow
def test_a_run_and_a_backfill_of_another_packages_kind_and_format(cli: Cli) -> None:
    cli.variables["PYTHONPATH"] = os.pathsep.join((str(FENCE), str(PACKAGE)))
    plain = list(articles(9).values())
    write(cli.folder / "in", {"one.letter": letter(6), "two.txt": plain[7], "left.zzz": plain[8]})
    write(cli.folder / "raw", {"2026/03/02/a.letter": letter(4), "2026/03/09/b.letter": letter(5)})
    write(cli.folder, {"press.mbox": box(4)})
    write(cli.folder, {
        "sources.toml": '[sources.press]\nkind = "mailbox"\naddress = "press.mbox"\nlimit = 2\n',
    })  # fmt: skip
    assert cli.ingest("in", "mailbox:press.mbox", "--workers", "1")["fates"] == {
        "new": 6,
        "skipped": 1,
    }
    with connect(cli.folder / "copydesk-data") as connection:
        stored_rows = connection.sql(
            "select title, authors, published_at::date::varchar from articles "
            "where locator like '%3@%' or locator = 'one.letter' order by title desc"
        ).fetchall()
    assert stored_rows == [
        ("The harbour report number 6", ["Ada Brandt"], "2026-03-07"),
        ("The harbour report number 3", ["Ada Brandt"], "2026-03-04"),
    ]
    days = ("--from", "2026-03-01", "--to", "2026-03-03", "--workers", "1", "--json")
    filled = cli.ok("backfill", "press", *days)  # past the source's limit: three days of letters
    assert [(part["state"], part["items"]) for part in json.loads(filled)["slices"]] == [
        ("done", 1), ("done", 1), ("done", 1),
    ]  # fmt: skip
    filled = cli.ok("backfill", "raw/{date:%Y/%m/%d}/*.letter", *days)
    assert [part["items"] for part in json.loads(filled)["slices"]] == [None, 1, None]


@pytest.mark.usefixtures("_installed")
def test_the_past_of_a_kind_that_says_nothing_of_it_is_what_its_hints_tell(tmp_path: Path) -> None:
    write(tmp_path, {"press.mbox": box(4)})
    address = f"mailbox:{tmp_path}/press.mbox"
    scope = BackfillScope(address, date(2026, 3, 2), date(2026, 3, 5), By.DAY)
    plan, items = make_plan(scope, IngestRequest((address,), gently=True), datetime.now(UTC))
    assert (plan.unit, [part.size for part in plan.slices]) == (ARTICLES, [1, 1, 1, 0])
    assert [part.locator for part in items[0]] == ["<1@letters.example>"]
    by_archive = BackfillScope(address, None, None, By.ARCHIVE)
    with pytest.raises(RangeError, match="a site goes by day or month"):
        make_plan(by_archive, IngestRequest((address,)), datetime.now(UTC))
    (source,) = open_sources([address])
    assert source.gently() == source
    with pytest.raises(SourceError, match="has no files to choose"):
        source.narrowed(("a",))


def test_a_kind_and_a_format_can_be_named(_installed: Path, tmp_path: Path) -> None:
    assert (plugin_names(SOURCES), plugin_names(FORMATS)) >= ({"mailbox"}, {"letter"})
    settings = parse_sources('[sources.press]\nkind="mailbox"\naddress="x.mbox"')
    assert settings.sources["press"].kind == "mailbox"
    with pytest.raises(SettingsError, match=r"there are site, .*, files, imap, mailbox"):
        parse_sources('[sources.press]\nkind="maildir"\naddress="x"')
    with pytest.raises(SourceError, match="there is no mailbox"):
        open_sources(["mailbox:/nowhere.mbox"])
    folder = write(tmp_path / "in", {"a.letter": letter(0), "a.txt": "x"})
    write(tmp_path, {"press.mbox": box(1)})
    with pytest.raises(SourceError, match="'s', cannot be both files and a mailbox"):
        open_sources([str(folder), f"mailbox:{tmp_path}/press.mbox"], name="s")


@pytest.mark.parametrize(
    ("points", "module", "message"),
    [
        (
            "odd = odd_letters",
            "import no_such_library",
            r"'odd' of copydesk.formats .* package odd\) cannot be imported: "
            "ModuleNotFoundError: No module named 'no_such_library'",
        ),
        ("odd = odd_letters", "raise SystemError('old')", "SystemError: old; fix or uninstall"),
        ("odd = odd_letters", "def offer(): pass", "has no function read; fix or uninstall odd"),
        ("odd = odd_letters:x.y", "x = 1", "cannot be imported: AttributeError"),
        ("letter = odd_letters", "", "'letter' .* is in several packages: copydesk-letters, odd"),
    ],
)
def test_a_format_that_does_not_load_costs_its_own_files(
    _installed: Path, tmp_path: Path, points: str, module: str, message: str
) -> None:
    write(_installed, {"odd_letters.py": module})
    install(_installed, "odd", f"[copydesk.formats]\n{points}\n")
    suffix = points.partition(" ")[0]
    with pytest.raises(PluginError, match=message):
        load_plugin(FORMATS, suffix, ("offer", "read"))
    folder = write(tmp_path / "in", {f"a.{suffix}": letter(0), "b.txt": "x"})
    (source,) = open_sources([str(folder)])
    broken, sound = source.discover()
    assert isinstance(broken, Missing)
    assert (broken.fate, broken.reason, broken.item.locator) == (
        Fate.FAILED, "no_reader", f"a.{suffix}"
    )  # fmt: skip
    assert isinstance(sound, Item)
    sys.modules.pop("odd_letters", None)


def test_a_kind_that_does_not_load_says_so(_installed: Path) -> None:
    write(_installed, {"odd_letters.py": "1/0"})
    install(_installed, "odd", "[copydesk.sources]\nodd = odd_letters\n")
    with pytest.raises(PluginError, match=r"odd_letters.* of the package odd.* division by zero"):
        open_sources(["odd:x"])


def test_items_of_a_package_that_was_uninstalled_fail_and_come_again(
    _installed: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "in", {"a.letter": letter(0)})
    (source,) = open_sources([str(folder)])
    (item,) = source.discover()
    assert isinstance(item, Item)
    shutil.rmtree(_installed / "copydesk_letters-1.0.dist-info")
    forget()
    (read,) = source.acquire([item])
    assert isinstance(read, Missing)
    assert (read.fate, read.reason) == (Fate.FAILED, "no_reader")
    assert "no installed package has 'letter' among its entry points" in read.detail
