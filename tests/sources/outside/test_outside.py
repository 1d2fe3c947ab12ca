from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from copydesk.tasks.sources.web.fetch.robots import read_rules
from copydesk.tasks.sources.web.listings.entry import plain_title
from copydesk.tasks.sources.web.listings.feeds import read_feed

ROBOTS = 525  # of 534; the rest: Google's leniency with HTML in the file, and /robots.txt itself
FEEDS = 60  # of 84; the rest: base64, CDF, XHTML in RSS, markup that no Atom of today has

ADDRESS = "https://x.example/1"
LINK = f'<link href="{ADDRESS}">{ADDRESS}</link>'
ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)\b[^>]*>")


def cases(name: str) -> list[dict[str, Any]]:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def test_robots_of_google():
    wrong = []
    for case in cases("robots.json"):
        rules = read_rules(200, case["robots"].encode())
        for agent, url, expected in case["asks"]:
            if (rules.parsed is None or rules.parsed.can_fetch(url, agent)) is not expected:
                wrong.append((case["name"], agent, url))
    assert 534 - len(wrong) >= ROBOTS, wrong


def test_feeds_of_feedparser():
    wrong = []
    for case in cases("feeds.json"):
        result, expected = told(case["feed"], case["field"]), case["value"].strip()
        if case["field"] == "title":
            expected = plain_title(expected)  # a title's markup is not kept
        if result != expected:
            wrong.append((case["name"], expected, result))
    assert 84 - len(wrong) >= FEEDS, wrong


def told(feed: str, field: str) -> str | None:
    """Read a field of the first entry; one without an address, which is none here, is given one."""
    try:
        entries = (
            read_feed(feed.encode(), "https://x.example/feed").entries
            or read_feed(
                ENTRY.sub(lambda tag: tag[0] + LINK, feed, count=1).encode(),
                "https://x.example/feed",
            ).entries
        )
    except ValueError:
        return None
    if not entries:
        return None
    entry, hints = entries[0], entries[0].hints
    assert hints is not None
    values = {
        "author": next(iter(hints.authors), None),
        "content": entry.content,
        "link": entry.url,
        "published": written(hints.published_at),
        "tag": next(iter(hints.tags), None),
        "title": hints.title,
        "updated": written(hints.modified_at),
    }
    return values[field]


def written(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
