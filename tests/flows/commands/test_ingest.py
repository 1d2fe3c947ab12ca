"""``copydesk ingest`` as a person runs it, on a server that is up."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.flows.running import Cli, articles, write

SEEDS = Path(__file__).parents[3] / "seeds"
SEED = SEEDS / "biden-pushes-for-peace-talks.txt"
ARTICLE = """The title of the piece

It begins with a sentence that is long enough to be a paragraph of an article.

It goes on with another sentence, and then it ends as quietly as it began.
"""


def test_the_seed_article_alone(cli: Cli) -> None:
    assert cli.ingest(SEED)["fates"] == {"new": 1}
    (row,) = cli.rows("select title, text, url, revision, duplicate_of from articles")
    paragraphs = [line.strip() for line in SEED.read_text().splitlines() if line.strip()]
    assert row["title"] == paragraphs[0] == paragraphs[1]
    assert row["text"] == "\n\n".join(paragraphs[2 : paragraphs.index("No responses yet")])
    assert row["text"].startswith("The White House disclosed on Sunday")
    assert row["text"].endswith("humanitarian relief in the region.")
    assert (row["url"], row["revision"], row["duplicate_of"]) == (f"file:{SEED.name}", 1, None)
    cuts = [cut["text"] for cut in cli.rows("select text from cuts order by position")]
    assert " ".join(cuts).split() == " ".join([paragraphs[1], *paragraphs[-5:]]).split()


def test_a_second_run_changes_nothing_and_says_so(cli: Cli) -> None:
    folder = write(cli.folder / "in", articles(5))
    assert cli.ingest(folder)["fates"] == {"new": 5}
    before = cli.rows("select * exclude (last_seen_at) from articles order by article_id")
    completed = cli.run("ingest", folder)
    assert completed.returncode == 0
    assert "5 unchanged" in completed.stderr
    assert "Nothing has changed since the last run." in completed.stderr
    after = cli.rows("select * exclude (last_seen_at) from articles order by article_id")
    assert after == before
    assert cli.rows("select count(*) as n from revisions") == [{"n": 5}]


def test_a_changed_file_is_a_revision_of_the_same_article(cli: Cli) -> None:
    folder = write(cli.folder / "in", {"a.txt": ARTICLE, "b.txt": articles(1)["00000.txt"]})
    cli.ingest(folder)
    (folder / "a.txt").write_text(ARTICLE.replace("quietly", "loudly"))
    assert cli.ingest(folder)["fates"] == {"revised": 1, "unchanged": 1}
    rows = cli.rows("select revision, text from articles where url = 'file:a.txt'")
    assert [row["revision"] for row in rows] == [2]
    assert "loudly" in rows[0]["text"]


def test_a_file_keeps_its_identity_however_it_is_named(cli: Cli) -> None:
    folder = write(cli.folder / "in", {"a.txt": ARTICLE})
    cli.ingest(folder)
    assert cli.ingest(folder / "a.txt")["fates"] == {"unchanged": 1}
    assert cli.ingest(str(folder / "*.txt"))["fates"] == {"unchanged": 1}


def test_two_folders_never_collide_and_a_copy_names_what_it_repeats(cli: Cli) -> None:
    item = write(cli.folder / "one", {"a.txt": ARTICLE})
    two = write(cli.folder / "two", {"a.txt": ARTICLE})
    assert cli.ingest(item)["fates"] == {"new": 1}
    assert cli.ingest(two)["fates"] == {"duplicate": 1}
    rows = cli.rows("select article_id, duplicate_of from articles order by first_seen_at")
    assert [row["duplicate_of"] for row in rows] == [None, rows[0]["article_id"]]


def test_every_input_has_its_fate_and_a_reject_its_reason(cli: Cli) -> None:
    folder = write(
        cli.folder / "in",
        {
            "good.txt": ARTICLE,
            "good.html.gz": gzip.compress(SEEDS.joinpath("ferry-timetable.html").read_bytes()),
            "empty.txt": "",
            "binary.txt": bytes(range(256)) * 40,
            "title-alone.txt": "Only a title stands here\n",
            "damaged.txt.gz": b"\x1f\x8b\x08 this is no gzip",
        },
    )
    summary = cli.ingest(folder, "--source", "mixed")
    assert summary["fates"] == {"new": 2, "rejected": 4}
    rejects = cli.rows("select locator, reason, detail, source from rejects order by locator")
    assert {row["locator"]: row["reason"] for row in rejects} == {
        "binary.txt": "binary",
        "damaged.txt.gz": "unreadable",
        "empty.txt": "empty",
        "title-alone.txt": "no_body",
    }
    assert all(row["detail"] and row["source"] == "mixed" for row in rejects)
    fates = cli.rows("select locator, fate from ledger order by locator")
    assert [row["fate"] for row in fates] == [
        *("rejected", "rejected", "rejected", "new", "new", "rejected")
    ]
    (run,) = cli.rows("select state, items, new, rejected from runs")
    assert run == {"state": "committed", "items": 6, "new": 2, "rejected": 4}


def test_raw_bytes_are_kept(cli: Cli) -> None:
    from copydesk.warehouse.lake import Lake

    cli.ingest(write(cli.folder / "in", {"a.txt": ARTICLE}))
    (row,) = cli.rows("select raw_sha256 from ledger")
    lake = Lake.open(cli.folder / "copydesk-data" / "lake", create=False)
    assert lake.raw(row["raw_sha256"]) == ARTICLE.encode()


def test_an_input_that_does_not_exist_is_named(cli: Cli) -> None:
    completed = cli.run("ingest", "nowhere.txt")
    assert completed.returncode == 1
    assert completed.stderr == "copydesk: there is no file or folder nowhere.txt\n"


def test_a_wrong_command_line_ends_with_status_2(cli: Cli) -> None:
    assert cli.run("ingest").returncode == 2
    assert cli.run("ingest", "--batch-size", "0", "x").returncode == 2
    assert cli.run("inges").returncode == 2


def test_it_is_quiet_unless_asked(cli: Cli) -> None:
    folder = write(cli.folder / "in", {"a.txt": ARTICLE})
    quiet = cli.anew("ingest", folder)
    assert quiet.stdout == ""
    assert len(quiet.stderr.splitlines()) <= 5
    assert "Flow run" in cli.anew("ingest", "--verbose", folder).stderr
