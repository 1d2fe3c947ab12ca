"""``copydesk ingest`` of files whose values no table can hold, from reading to publishing."""

from __future__ import annotations

import json

from tests.flows.running import Cli, write

TEXT = " ".join(
    f"On day {n} the keepers of the lock let {n}0 barges through before the rain came."
    for n in range(1, 12)
)
PAGE = """<html><head><title>The lock at Weir Lane</title><link rel="canonical" href="http://[::1">
<script type="application/ld+json">{node}</script></head><body><h1>The lock at Weir Lane</h1>
<p>{text}</p><p>{text} Nobody minded.</p></body></html>"""


def test_one_bad_value_costs_itself_alone(cli: Cli) -> None:
    half = "\ud83d"
    rows = [
        {"title": f"Lock {half} one", "author": [f"Ann{half}"], "tags": [half, "canal"]},
        {"url": f"https://canal.example/{half}", "id": f"a{half}", "date": "0000-00-00"},
        {"url": "http://[::1", "id": f"a{half}b\0", "date": "9999-12-31T23:59:59-12:00"},
        {"title": 1e400, "id": 10**30, "language": f"en{half}", "extra": {"deep": [half, 1e400]}},
    ]
    lines = [json.dumps({**row, "text": f"{n} {TEXT}"}) for n, row in enumerate(rows)]
    node = {"@type": "NewsArticle", "author": {"name": f"Bo {half}"}, "datePublished": "0000-00-00",
            "articleSection": f"Water{half}\0", "image": "http://a.example:99999/"}  # fmt: skip
    page = PAGE.format(node=json.dumps(node), text=TEXT)
    folder = write(cli.folder / "in", {"rows.jsonl": "\n".join(lines), "page.html": page})
    summary = cli.ingest(folder, "--source", "canal")
    assert summary["items"] == 5
    assert not summary["fates"].get("rejected")
    stored = cli.rows(
        "select locator, title, authors, section, canonical_url, image_url, published_at, url "
        "from articles order by locator"
    )
    assert len(stored) == 5
    page_row = stored[0]
    assert page_row["section"] == "Water\ufffd"
    assert (page_row["canonical_url"], page_row["image_url"]) == (None, None)
    assert all(row["published_at"] is None for row in stored)
    assert {row["title"] for row in stored} >= {"Lock \ufffd one", "The lock at Weir Lane"}
    assert "https://canal.example/\ufffd" in {row["url"] for row in stored}
    again = cli.ingest(folder, "--source", "canal")
    assert again["fates"] == {"unchanged": 5}
