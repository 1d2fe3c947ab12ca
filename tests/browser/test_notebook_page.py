"""The notebook's page in headless Chromium, without a network, as wide as a desk and a phone."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.browser.chromium import Page
from tests.docs.examples import ROOT
from tests.warehouse.query.made_outlets import newsroom

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook_page")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COPYDESK_HOME", str(newsroom(folder / "home")))
        html = runpy.run_path(str(DOCS / "notebook_page.py"))["page"](DOCS / "ten_questions.py")
    path = folder / "answers.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_of_the_notebook_has_its_plots_and_tables(
    tab: Page, page: Path, width: int
) -> None:
    tab.complaints.clear()
    tab.requests.clear()
    tab.open(page, width=width)
    tab.run("Promise.all([...document.images].map(image => image.decode()))")
    assert tab.run("document.querySelectorAll('h2').length") == 10
    assert tab.run("document.querySelectorAll('table').length") == 6
    plots = tab.run("[...document.images].map(one => [one.naturalWidth, one.naturalHeight])")
    assert len(plots) == 5
    assert all(250 < across <= width and height > 40 for across, height in plots)
    assert [address for address in tab.requests if not address.startswith("data:")] == [
        page.as_uri()
    ]
    assert tab.complaints == []
    assert tab.run("document.documentElement.scrollWidth") <= width
