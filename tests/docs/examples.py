"""The fenced blocks of README and docs, and what of them can be run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NOT_RUN = re.compile(r"<!--\s*not run: (?P<why>.+?)\s*-->", re.DOTALL)
LANGUAGES = ("sh", "console", "python")


@dataclass(frozen=True)
class Example:
    """A fenced block; ``why_not`` is the reason that the page gives for not running it."""

    page: Path
    line: int
    section: str
    language: str
    text: str
    why_not: str | None

    @property
    def name(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Commands of a console block, each with the output that the page shows."""
        collected: list[tuple[str, str]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                collected.append((line[2:], ""))
            elif collected:
                collected[-1] = (collected[-1][0], collected[-1][1] + line + "\n")
        return collected


def examples() -> list[Example]:
    """Read every page."""
    return [example for page in PAGES for example in _of_page(page)]


def _of_page(page: Path) -> Iterator[Example]:
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    section, why_not = "", None
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            section = token.content
        if token.type == "html_block" and (match := NOT_RUN.search(token.content)):
            why_not = match["why"]
        elif token.type == "fence":
            language = token.info.split()[0] if token.info else ""
            line = (token.map or [0])[0] + 1
            yield Example(page, line, section, language, token.content, why_not)
            why_not = None
