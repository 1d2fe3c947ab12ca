"""Read all that a page says of itself, in a few native passes over its tree."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from tasks.cleaning.metadata.model import Evidence


def gather(tree: LexborHTMLParser, url: str | None) -> Evidence:
    """Read the evidence of a fresh tree: before scripts, forms or hidden parts are stripped."""
    title = tree.css_first("title")
    headings = tuple(" ".join(node.text().split()) for node in tree.css("h1"))
    return Evidence(url=url, title=title.text() if title else None, headings=headings)
