"""The report's page, from rows to HTML; how it looks is in ``tests/browser``."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from copydesk.tasks.report.article_sections import language_name
from copydesk.tasks.report.build import build
from copydesk.tasks.report.model import Report
from copydesk.tasks.report.page import ECHARTS, render
from tests.report.desk import NOW, empty, hostile, one_article, report_of, sources


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
    assert page.count('class="empty"') == len(report.sections) == 9
    assert "data-chart=" not in page


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
