"""The report's page, from rows to HTML; how it looks is in ``tests/browser``."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from copydesk.tasks.report.article_sections import language_name
from copydesk.tasks.report.build import build
from copydesk.tasks.report.model import Report
from copydesk.tasks.report.page import ECHARTS, render
from tests.report.desk import NOW, empty, hostile, one_article, report_of, sources
from tests.warehouse.query.made_outlets import OUTLETS, Newsroom, newsroom


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return build(report_of(hostile(tmp_path_factory.mktemp("hostile"))), now=NOW)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return build(report_of(one_article(tmp_path_factory.mktemp("one"))), now=NOW)


def test_an_empty_warehouse_says_so_everywhere(tmp_path: Path) -> None:
    report = build(report_of(empty(tmp_path)), now=NOW)
    assert [figure.number for figure in report.figures] == ["0"]
    assert all(section.empty for section in report.sections)
    page = render(report)
    assert page.count('class="empty"') == len(report.sections) == 10
    assert "data-chart=" not in page


def test_outlets_and_who_repeats_whom(tmp_path: Path) -> None:
    report = build(report_of(newsroom(tmp_path)), now=NOW)
    sections = {section.name: section for section in report.sections}
    table = sections["outlets"].tables[0]
    counted = {row[0].words: [cell.words for cell in row[1:]] for row in table.rows}
    stories = Newsroom().stories
    assert set(counted) == set(OUTLETS)
    for outlet, (articles, _, copies, copied, edited, silent, gone) in counted.items():
        own = [story for story in stories if story.outlet == outlet]
        repeated = {story.original.number for story in stories if story.original is not None}
        assert int(articles) == len(own)
        assert int(copies) == sum(story.original is not None for story in own)
        assert int(copied) == sum(story.number in repeated for story in own)
        assert int(edited) == sum(bool(story.edits) for story in own)
        assert int(silent) == sum(any(not edit[3] for edit in story.edits) for story in own)
        assert int(gone) == sum(story.gone_at is not None for story in own)
    pairs, matrix = sections["copies"].tables
    expected = Counter(
        (story.outlet, story.original.outlet) for story in stories if story.original is not None
    )
    assert {(row[0].words, row[1].words): int(row[2].words) for row in pairs.rows} == expected
    shown = {
        (row[0].words, column): int(cell.words)
        for row in matrix.rows
        for column, cell in zip(matrix.columns[1:], row[1:], strict=True)
        if cell.words != "–"
    }
    assert shown == expected
    assert sections["copies"].charts[0].table.columns[0] == "outlet"


def test_one_article(one: Report) -> None:
    names = {section.name: section for section in one.sections}
    assert names["articles"].finding == "All were first seen on Sunday, 1 March 2026."
    assert names["copies"].empty == "No article repeats another one."
    assert names["funnel"].finding.startswith("100 % of 1 item yielded an article")
    assert [figure.name for figure in one.figures][:2] == ["articles", "new in 7 days"]


def test_every_chart_has_a_table(attacked: Report) -> None:
    charts = [chart for section in attacked.sections for chart in section.charts]
    assert len({chart.name for chart in charts}) == len(charts) >= 7
    for chart in charts:
        assert chart.table.rows
        assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)
        assert all(len(series_.values) == len(chart.categories) for series_ in chart.series)


def test_languages_have_names() -> None:
    codes = ["en", "pt-BR", "he", "nb", "zh", "qxx-x", "<b>", None]
    assert [language_name(code) for code in codes] == [
        "English", "Portuguese (BR)", "Hebrew", "Norwegian", "Chinese", "qxx-x", "<b>",
        "unknown",
    ]  # fmt: skip


class Parsed(HTMLParser):
    """The elements that may run or load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts = 0
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def test_text_of_articles_makes_no_markup(attacked: Report, one: Report) -> None:
    plain = Parsed(render(one))
    page = render(attacked)
    parsed = Parsed(page)
    assert parsed.scripts == plain.scripts == 3
    assert not [one for one in parsed.attributes if one[1].startswith("on")]
    assert not [one for one in parsed.attributes if one[0] in {"img", "iframe", "object", "base"}]
    links = [value for _, name, value in parsed.attributes if name in {"href", "src"}]
    assert all(re.match(r"(?:#[\w-]+$|data:,$|https?://)", value) for value in links)
    assert "\0" not in page
    assert "\x1b" not in page
    assert "&lt;/script&gt;&lt;script&gt;owned=1" in page


def test_the_policy_lets_only_the_pages_own_scripts_run(one: Report) -> None:
    page = render(one)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert len(re.findall(r"'sha256-[\w+/]{43}='", rules["script-src"])) == 2
    assert "unsafe" not in rules["script-src"]
    assert "http" not in policy[1]


def test_the_library_of_the_plots_is_the_published_one() -> None:
    """Of the npm package echarts 6.1.0: ``dist/echarts.common.min.js``."""
    library = (files("copydesk.tasks.report") / "data" / ECHARTS).read_bytes()
    assert hashlib.sha256(library).hexdigest() == (
        "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"
    )


@pytest.mark.parametrize("most", [7, 8])
def test_more_sources_than_colours_are_together(tmp_path: Path, most: int) -> None:
    report = build(report_of(sources(tmp_path, most)), now=NOW)
    names = [series_.name for series_ in report.sections[0].charts[0].series]
    assert len(names) == min(most, 8)
    assert ("other sources" in names) is (most > 7)
    assert len({series_.colour for series_ in report.sections[0].charts[0].series}) == len(names)
