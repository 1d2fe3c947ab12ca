from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.tasks.cleaning.sites.rules import (
    Rule,
    RuleError,
    RuleResult,
    apply_rule,
    apply_rules,
    read_rules,
)

PAGE = """<html><head><meta name="dc.creator" content="Jane Roe"></head><body>
<h1 class="headline">Ferries are late</h1><p class="byline">By Jane Roe and Adam Poe</p>
<time class="published" datetime="2025-05-03T08:00:00Z">3 May</time>
<div class="story-text"><p>The ferry waits.</p><aside>Subscribe</aside><p>Mail waits.</p></div>
</body></html>"""

TABLE = """
[[site]]
match = "www.Ferry.example"
body = ["article .content", "div.story-text"]
title = "h1.headline"
author = ".byline"
date = "time"
remove = ["aside", ".advertisement"]

[[site]]
match = "ferry.example/live"
body = "ol li"
"""


def test_a_rule_yields_its_fields() -> None:
    applied = apply_rules(read_rules(TABLE), PAGE, "https://news.ferry.example/2025/late")
    assert applied == RuleResult(
        rule="ferry.example",
        body_html='<div class="story-text"><p>The ferry waits.</p><p>Mail waits.</p></div>',
        title="Ferries are late",
        authors=("Jane Roe", "Adam Poe"),
        published_at=datetime(2025, 5, 3, 8, tzinfo=UTC),
        matched=(
            "title: h1.headline",
            "author: .byline",
            "date: time",
            "remove: aside",
            "body: div.story-text",
        ),
        unmatched=("remove: .advertisement", "body: article .content"),
        stopped=(),
        evidence={
            "title": "site rule ferry.example: h1.headline",
            "author": "site rule ferry.example: .byline",
            "date": "site rule ferry.example: time",
            "body": "site rule ferry.example: div.story-text",
        },
    )


def test_a_changed_layout_shows() -> None:
    applied = apply_rules(read_rules(TABLE), "<p>New layout</p>", "https://ferry.example/x")
    assert applied is not None
    assert applied.stopped == ("body", "title", "author", "date")
    assert applied.body_html is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://ferry.example/a", "ferry.example"),
        ("https://www.ferry.example/", "ferry.example"),
        ("https://ferry.example/live/1", "ferry.example/live"),
        ("https://ferry.example/live", "ferry.example/live"),
        ("https://ferry.example/lively", "ferry.example"),
        ("https://otherferry.example/", None),
        ("http://[", None),
        ("file.html", None),
    ],
)
def test_the_rule_of_an_address(url: str, name: str | None) -> None:
    rule = read_rules(TABLE).find(url)
    assert (rule.name if rule else None) == name


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[[site]", "not TOML"),
        ("[site]\nmatch = 'a.example'", r"write \[\[site\]\]"),
        ("[[sites]]", r"unknown 'sites'; a rule starts with \[\[site\]\]"),
        ("[[site]]\nbody = 'p'", "rule 1 needs match"),
        ("[[site]]\nmatch = 'https://a.example'\nbody = 'p'", "must be a host"),
        ("[[site]]\nmatch = 'a.example'", "has no selectors"),
        ("[[site]]\nmatch = 'a.example'\nboddy = 'p'", "unknown 'boddy'; known are match, body"),
        ("[[site]]\nmatch = 'a.example'\nbody = 3", "body must be a selector or a list"),
        (
            "[[site]]\nmatch = 'a.example'\nbody = 'div['",
            r"a.example: body = 'div\[' is no CSS selector: Malformed attribute selector",
        ),
        (
            "[[site]]\nmatch = 'a.example'\nbody = 'p'\n" * 2,
            "a.example has two rules",
        ),
    ],
)
def test_errors_name_the_site_the_field_and_the_cause(table: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        read_rules(table)


def test_the_example_is_a_table() -> None:
    path = files("copydesk.tasks.cleaning") / "data" / "site-rules.example.toml"
    rules = read_rules(path.read_text(encoding="utf-8"))
    assert [rule.name for rule in rules.rules] == ["ferry-news.example", "ferry-news.example/live"]
    applied = apply_rules(rules, PAGE, "https://www.ferry-news.example/late")
    assert applied is not None
    assert applied.stopped == ()


def test_nested_matches_are_taken_once() -> None:
    rule = Rule(site="a.example", body=("div",))
    applied = apply_rule(rule, "<div>a<div>b</div></div><div>c</div>")
    assert applied.body_html == "<div>a<div>b</div></div>\n<div>c</div>"


def test_deep_nesting_ends() -> None:
    applied = apply_rule(Rule(site="a.example", body=("div",)), "<div>" * 20_000 + "deep")
    assert applied.body_html is not None
    assert "deep" in applied.body_html


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_page_is_read(html: str) -> None:
    rules = read_rules(TABLE)
    assert apply_rules(rules, html, "https://ferry.example/a") is not None
