"""The report as a person sees it, in headless Chromium, at the widths of a desk and of a phone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from copydesk.tasks.report.build import build
from copydesk.tasks.report.page import render
from tests.browser.chromium import Page
from tests.report.desk import ATTACK, NOW, empty, hostile, report_of
from tests.warehouse.query.made_outlets import newsroom

VIEWS = [(1280, False), (390, True)]
AXE = """
document.querySelectorAll('details').forEach(one => one.open = true);
axe.run().then(found => [found.passes.length,
    found.violations.map(one => `${one.id}: ${one.nodes[0].html}`)])
"""


OVERLAPS = """
[...document.querySelectorAll('main section, main section > *')].filter(block => {
    const next = block.nextElementSibling;
    return next && block.getClientRects().length && next.getClientRects().length
        && block.getBoundingClientRect().bottom > next.getBoundingClientRect().top + 1;
}).map(block => block.outerHTML.slice(0, 80))
"""
"""Blocks of the page that cover the beginning of the next."""


@pytest.fixture(scope="module")
def outlets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outlets")
    path = folder / "report.html"
    report = build(report_of(newsroom(folder / "home")), now=NOW)
    path.write_text(render(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    path.write_text(render(build(report_of(hostile(folder / "home")), now=NOW)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "dark"), VIEWS)
def test_the_page_draws_its_plots_and_complains_of_nothing(
    tab: Page, page: Path, width: int, dark: bool
) -> None:
    tab.complaints.clear()
    tab.requests.clear()
    tab.open(page, width=width, dark=dark)
    plots, drawn = tab.run(
        "[document.querySelectorAll('[data-chart]').length,"
        " [...document.querySelectorAll('.plot')].filter(one => one.querySelector('path')).length]"
    )
    assert plots == drawn >= 7
    assert tab.complaints == []
    assert tab.requests == [page.as_uri()]
    assert tab.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 400])
def test_tables_by_outlet_stay_in_their_frames(tab: Page, outlets: Path, width: int) -> None:
    tab.complaints.clear()
    tab.open(outlets, width=width)
    tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert tab.complaints == []
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run("document.querySelectorAll('#outlets tbody tr').length") == 8
    assert tab.run(OVERLAPS) == []


def test_an_article_full_of_markup_is_text(tab: Page, page: Path) -> None:
    tab.open(page, width=1280)
    assert tab.run("typeof owned") == "undefined"
    assert tab.run("document.title").startswith("copydesk report")
    output = tab.run("document.querySelector('.clusters bdi').textContent")
    assert output.startswith(ATTACK.partition("\0")[0])
    assert tab.run("JSON.parse(document.getElementById('data').textContent).copies.categories[0]")


@pytest.mark.parametrize(("width", "dark"), VIEWS)
def test_nothing_bars_people_from_it(tab: Page, page: Path, width: int, dark: bool) -> None:
    """Contrast, names, roles, headings, landmarks: what axe-core knows of WCAG 2.1 AA."""
    tab.open(page, width=width, dark=dark)
    tab.run((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8") + ";0")
    passed, violations = tab.run(AXE)
    assert violations == []
    assert passed > 20


def test_the_keyboard_reads_a_plot(tab: Page, page: Path) -> None:
    tab.open(page, width=1280)
    tab.run("document.querySelector('[data-chart=reasons] .plot').focus()")
    tab.press("ArrowDown")
    assert tab.run("document.getElementById('spoken').textContent") == "failed: failed 1"
    tab.press("End")
    assert tab.run("document.getElementById('spoken').textContent") == "no body: rejected 1"
    assert tab.run("document.querySelector('[data-chart=reasons] .tip').textContent")


def test_the_time_of_articles_is_chosen_by_a_button(tab: Page, page: Path) -> None:
    tab.open(page, width=390)
    hidden = "[...document.querySelectorAll('[data-label]')].map(one => one.hidden)"
    assert tab.run(hidden) == [False, True]
    tab.run("document.querySelectorAll('.views button')[1].click()")
    assert tab.run(hidden) == [True, False]


def test_an_empty_report_complains_of_nothing(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "empty.html"
    path.write_text(render(build(report_of(empty(tmp_path / "home")), now=NOW)), encoding="utf-8")
    tab.complaints.clear()
    tab.open(path, width=390)
    assert tab.complaints == []
    assert tab.run("document.querySelectorAll('.empty').length") == 10
