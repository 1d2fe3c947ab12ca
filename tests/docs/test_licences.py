"""Each row of data lies in the file of its licence, and a build can leave the GPL's out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.tasks.cleaning.vocabulary.phrases import TABLES, read_rows

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tasks" / "cleaning" / "data"
PERMISSIVE = frozenset({"ghost", "nikola", "isso", "docusaurus", "django", "observed"})
BUILD = ("setup.py", "-q", "build_py", "--build-lib", "lib", "dist_info", "--output-dir", ".")
CLEANING = """
from copydesk.tasks import cleaning
from copydesk.tasks.cleaning.text.date_lines import is_month
from copydesk.tasks.cleaning.vocabulary.phrases import read_rows
body = "The last boat left the harbour at noon, and nobody waved. The town went on with its day."
foot = "Leave a Reply\\n\\nYour email address will not be published."
article = cleaning.clean(f"The last boat\\n\\n{body}\\n\\nIt was Monday.\\n\\n{foot}\\n")
print(cleaning.__file__, len(read_rows()), is_month("august"), article.text.count("Reply"), sep="|")
"""


def sources_of(name: str) -> set[str]:
    """The sources in a table of phrases."""
    rows = (DATA / name).read_text(encoding="utf-8").splitlines()
    return {source for row in rows for source in row.split("\t")[0].split(",")}


def test_every_phrase_lies_with_its_licence() -> None:
    assert sources_of("phrases.wordpress.tsv") == {"wordpress", "wordpress*"}
    assert sources_of("phrases.cldr.tsv") == {"cldr"}
    others = sources_of("phrases.tsv")
    assert {source for source in others if not source.endswith("*")} == PERMISSIVE
    assert "wordpress*" not in others


def test_the_table_of_licences_is_true() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    counted = re.findall(r"^\| `([\w/.]+)` \| ([\d,]+) \|", page, re.M)
    assert len(counted) == 9
    for name, rows in counted:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == int(rows.replace(",", "")), name
    for name in re.findall(r"^\| `([\w/.]+)` \|", page, re.M):
        assert (ROOT / name).is_file(), name


def test_notices_stand_beside_their_texts() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    texts = [file for file in (ROOT / "licenses").iterdir() if not file.name.startswith("GPL")]
    assert len(texts) == 8
    for file in texts:
        line = re.search(r"^Copyright .*?(?=\.?$| and ind)", file.read_text("utf-8"), re.M)
        assert line, file.name
        assert line[0].replace("©", "(c)") in notice, file.name


@pytest.mark.parametrize("asked", ["", "1"])
def test_a_build_can_leave_out_the_gpl(tmp_path: Path, asked: str) -> None:
    stale = tmp_path / "lib/copydesk/tasks/cleaning/data/phrases.wordpress.tsv"
    stale.parent.mkdir(parents=True)
    if asked:
        stale.write_text("left by an earlier build")
    places = [str(tmp_path / part) if part in ("lib", ".") else part for part in BUILD]
    environment = {**os.environ, "COPYDESK_WITHOUT_GPL": asked}
    subprocess.run([sys.executable, *places], cwd=ROOT, env=environment, check=True)
    [metadata] = tmp_path.glob("*.dist-info/METADATA")
    written = metadata.read_text(encoding="utf-8")
    assert ("GPL-2.0-or-later" in written.split("Description")[0]) is not bool(asked)
    assert written.count("License-File: ") == len(list((ROOT / "licenses").iterdir())) + (
        1 if asked else 2
    )
    built = {file.name for file in (tmp_path / "lib/copydesk/tasks/cleaning/data").iterdir()}
    assert {"phrases.tsv", "phrases.cldr.tsv", "months.cldr.txt"} <= built
    assert ({"phrases.wordpress.tsv", "months.wordpress.txt"} <= built) is not bool(asked)
    assert not asked or not any("wordpress" in name for name in built)
    tables = TABLES[:-1] if asked else TABLES
    answer = subprocess.run(
        [sys.executable, "-c", CLEANING],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib")},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    location, phrases, august, remaining = answer.split("|")
    assert Path(location).is_relative_to(tmp_path / "lib")
    assert int(phrases) == len(read_rows(tables=tables))
    assert (august, remaining) == ("True", "0")
