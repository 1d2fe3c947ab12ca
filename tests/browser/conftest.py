"""One browser for the tests of pages; without one they are skipped, and say how to get it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Page, browser, executable


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = executable()
    if program is None:
        pytest.skip("no Chromium is installed; on Debian: apt-get install chromium")
    with browser(tmp_path_factory.mktemp("browser"), program) as page:
        yield page
