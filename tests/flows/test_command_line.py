"""The commands that only read, and what the command line loads."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.running import Cli, articles, write

SEEDS = Path(__file__).parents[2] / "seeds"
HEAVY = ("prefect", "pandas", "pyarrow", "duckdb", "pydantic", "selectolax", "bs4", "rich.console")


@pytest.fixture
def reader(tmp_path: Path) -> Cli:
    return Cli(tmp_path, tmp_path / "prefect")


def test_help_loads_nothing_heavy() -> None:
    code = (
        f"import sys, copydesk.flows.cli; print([name for name in {HEAVY} if name in sys.modules])"
    )
    completed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert completed.stdout == "[]\n"


@pytest.mark.parametrize(
    "command",
    [
        "ingest",
        "clean",
        "query",
        "explain",
        "report",
        "publish",
        "export",
        "doctor",
        "maintain",
        "forget",
        "up",
        "down",
    ],
)
def test_every_command_has_help(reader: Cli, command: str) -> None:
    assert "copydesk" in reader.ok(command, "--help") or command == "down"


def test_clean_prints_title_and_text(reader: Cli) -> None:
    text = reader.ok("clean", SEEDS / "nachtmarkt.txt")
    assert text.startswith("Der Nachtmarkt kehrt in die alte Gießerei zurück\n\nNach zwei Jahren")
    assert text.endswith("Kinder zahlen nichts.\n")


def test_clean_reads_a_pipe_and_gives_everything_as_json(reader: Cli) -> None:
    article = json.loads(
        reader.ok("clean", "--json", "-", stdin=SEEDS.joinpath("nachtmarkt.txt").read_text())
    )
    assert article["title"] == "Der Nachtmarkt kehrt in die alte Gießerei zurück"
    assert "Neueste Kommentare" in {cut["text"] for cut in article["cuts"]}


def test_clean_says_why_there_is_no_article(reader: Cli, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    completed = reader.run("clean", empty)
    assert completed.returncode == 1
    assert completed.stdout == ""
    assert completed.stderr.startswith(f"copydesk: {empty}: empty: ")


def test_clean_of_a_missing_file_is_a_wrong_command_line(reader: Cli) -> None:
    assert reader.run("clean", "nowhere.txt").returncode == 2


def test_query_before_the_first_run_says_what_to_do(reader: Cli) -> None:
    completed = reader.run("query", "select 1")
    assert completed.returncode == 1
    assert "copydesk ingest" in completed.stderr


def test_query_gives_tables_csv_and_json(cli: Cli) -> None:
    cli.ingest(write(cli.folder / "in", articles(2)))
    sql = "select title, word_count, tags from articles order by title"
    assert "The council report number 1" in cli.ok("query", sql)
    rows = list(csv.DictReader(io.StringIO(cli.ok("query", "--format", "csv", sql))))
    assert [row["title"] for row in rows] == [
        "The council report number 1",
        "The harbour report number 0",
    ]
    cli.ok("query", "--format", "json", "--output", "out.json", sql)
    assert json.loads((cli.folder / "out.json").read_text())[0]["title"] == rows[0]["title"]
    assert cli.ok("query", "-", stdin="select 42 as answer").count("42") == 1
    wrong = cli.run("query", "select nothing from articles")
    assert wrong.returncode == 1
    assert "nothing" in wrong.stderr
    assert "select nothing from articles" in wrong.stderr


def test_query_can_neither_write_nor_leave(cli: Cli, tmp_path: Path) -> None:
    cli.ingest(write(cli.folder / "in", articles(1)))
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        "delete from articles",
        "create table t (a int)",
        f"from read_csv('{secret}')",
        f"copy articles to '{tmp_path}/out.csv'",
        f"attach '{tmp_path}/other.duckdb'",
        "set enable_external_access = true",
    ):
        assert cli.run("query", sql).returncode == 1, sql
    assert not (tmp_path / "out.csv").exists()


def test_publish_rebuilds_and_goes_back_and_doctor_agrees(cli: Cli) -> None:
    cli.ingest(write(cli.folder / "in", articles(3)))
    before = cli.rows("from articles order by article_id")
    assert "nothing to do: 3 articles" in cli.run("publish").stderr
    assert cli.run("publish", "--rebuild").stderr.startswith("Version 2 is current: 3 articles")
    assert cli.rows("from articles order by article_id") == before
    assert cli.run("publish", "--rollback").stderr.startswith("Version 1 is current: 3 articles")
    assert cli.run("publish", "--version", "2").returncode == 2
    completed = cli.run("doctor", "--deep")
    assert (completed.returncode, completed.stdout) == (0, "")
    assert completed.stderr.startswith(
        "Readers see version 1: they were rolled back from version 2"
    )
    assert "rolled back from version 2" in cli.run("runs", "list").stderr
    assert "rolled back from version 2" in cli.ok("report", "--output", "-")
    assert cli.run("publish", "--resume").stderr.startswith("Version 2 is current: 3 articles")
    completed = cli.run("doctor", "--deep")
    assert (completed.returncode, completed.stdout) == (0, "")
    assert completed.stderr == "No problems found.\n"


def test_doctor_finds_what_was_damaged(cli: Cli) -> None:
    cli.ingest(write(cli.folder / "in", articles(3)))
    for raw in (cli.folder / "copydesk-data").glob("lake/raw/**/*.warc.zst"):
        raw.unlink()
    completed = cli.run("doctor", "--deep", "--json")
    assert completed.returncode == 1
    assert json.loads(completed.stdout)[0]["rows"] >= 1


def test_explain_writes_a_page(reader: Cli) -> None:
    reader.ok("explain", SEEDS / "ferry-timetable.html", "--output", "why.html")
    page = (reader.folder / "why.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "Leave a Reply" in page
    reader.ok("explain", SEEDS / "nachtmarkt.txt")
    assert "Neueste Kommentare" in (reader.folder / "nachtmarkt.txt.explained.html").read_text()


def test_export_writes_plain_files(cli: Cli) -> None:
    cli.ingest(write(cli.folder / "in", articles(3)))
    cli.ok("export", "out", "--format", "jsonl", "--where", "title like '%number 1'")
    (file,) = (cli.folder / "out").iterdir()
    assert [json.loads(line)["title"] for line in file.read_text().splitlines()] == [
        "The council report number 1"
    ]
    assert cli.run("export", "out").returncode == 1
    assert cli.run("export", "other", "--format", "xlsx").returncode == 2


def test_what_was_forgotten_is_gone_and_stays_away(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(3))
    cli.ingest(folder)
    (row,) = cli.rows("select article_id from articles where title like '%number 1'")
    assert cli.run("forget").returncode == 2
    assert cli.run("forget", row["article_id"], stdin="n\n").returncode == 1
    cli.ok("forget", row["article_id"], "--reason", "takedown", "--yes")
    assert cli.rows("select count(*) n from articles") == [{"n": 2}]
    (folder / "00001.txt").touch()
    cli.ingest(folder)
    assert cli.rows("select count(*) n from articles") == [{"n": 2}]
    assert cli.run("maintain", "--retention-hours", "0").returncode == 0
    assert cli.run("doctor", "--deep").returncode == 0


RULES = """[[site]]
match = "quaygazette.example"
body = "article"
title = ".headline-of-2019"
remove = ["h1", ".byline", "time", "ul"]
"""


def test_a_site_rule_is_tried_and_then_used(cli: Cli) -> None:
    page = SEEDS / "ferry-timetable.html"
    rules = write(cli.folder, {"mine.toml": RULES}) / "mine.toml"
    tried = cli.run("rules", "test", page, "--rules", rules)
    assert tried.returncode == 1
    assert "matches       body: article" in tried.stdout
    assert tried.stderr == "The rule finds no title on this page.\n"
    reported = json.loads(cli.run("rules", "test", page, "--rules", rules, "--json").stdout)
    assert (reported["rule"], reported["stopped"]) == ("quaygazette.example", ["title"])
    assert "Single fares" in reported["general"]["text"]
    assert "Single fares" not in reported["ruled"]["text"]
    completed = cli.run("ingest", page, "--rules", rules)
    assert completed.returncode == 0
    assert "the site rule quaygazette.example: title not found on 1 page:" in completed.stderr
    (row,) = cli.rows("select title, text, evidence['site_rule'] as rule from articles")
    assert row["title"] == "Island ferry adds two evening crossings from March"
    assert row["text"].startswith("The ferry that links")
    assert "Single fares" not in row["text"]
    assert row["rule"] == "quaygazette.example"


def test_wrong_site_rules_are_refused_before_anything_is_done(cli: Cli) -> None:
    rules = write(cli.folder, {"mine.toml": "[[site]]\nbody = 'article'\n"}) / "mine.toml"
    completed = cli.run("ingest", SEEDS, "--rules", rules)
    assert completed.returncode == 1
    assert "match" in completed.stderr
    assert not (cli.folder / "copydesk-data" / "lake").exists()


def test_the_example_of_site_rules_can_be_read(reader: Cli) -> None:
    from copydesk.tasks.cleaning.sites.rules import read_rules

    assert read_rules(reader.ok("rules", "example")).rules


def test_a_named_source_is_added_listed_checked_and_read(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(2))
    cli.ok("sources", "add", "reports", folder, "--kind", "files", "--tag", "harbour")
    assert cli.run("sources", "add", "reports", folder).returncode == 1
    assert json.loads(cli.ok("sources", "list", "--json"))["reports"]["tags"] == ["harbour"]
    assert cli.run("sources", "check").returncode == 0
    assert cli.ingest("--source", "reports")["fates"] == {"new": 2}
    assert cli.rows("select source, articles from sources") == [
        {"source": "reports", "articles": 2}
    ]
    unknown = cli.run("ingest", "--source", "nowhere")
    assert unknown.returncode == 1
    assert "it has reports" in unknown.stderr


def test_a_named_source_brings_its_site_rules(cli: Cli) -> None:
    write(cli.folder, {"mine.toml": RULES.replace(".headline-of-2019", "h1")})
    names = f'[sources.quay]\naddress = "{SEEDS}/ferry-timetable.html"\nrules = "mine.toml"\n'
    write(cli.folder, {"sources.toml": names + 'keep_raw = "none"\n'})
    cli.ingest("--source", "quay")
    (row,) = cli.rows("select evidence['site_rule'] as rule, raw_sha256 from articles")
    assert row == {"rule": "quaygazette.example", "raw_sha256": None}


def test_the_example_of_named_sources_says_which_secrets_it_lacks(reader: Cli) -> None:
    (reader.folder / "sources.toml").write_text(reader.ok("sources", "example"))
    completed = reader.run("sources", "check", "--offline", "--json")
    assert completed.returncode == 1
    assert "EXPORTS_KEY" in completed.stderr
    reported = {row["source"]: row["problem"] for row in json.loads(completed.stdout)}
    assert reported["harbour-blog"] is None
    assert "EXPORTS_KEY" in reported["exports"]
