"""From a page's HTML to its article, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from tasks.cleaning import metadata
from tasks.cleaning.html.blocks import Page, read
from tasks.cleaning.html.guard import bounded
from tasks.cleaning.html.render import body_text, markdown, piece
from tasks.cleaning.html.vocabulary import ASIDE, DIALOG, FOOTER, FORM, HIDDEN, NAV
from tasks.cleaning.title import repeats_title

MAX_CHARS = 16_000_000
"""Three times the largest page of WCXB (5.3 million); a bound on memory and time."""

_ASIDE = NAV | FOOTER | ASIDE | FORM | HIDDEN | DIALOG


def clean_html(
    html: str,
    *,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
) -> Article | Reject:
    """Clean one page; ``observed_at`` is when it was true, ``hints`` what its source said."""
    if len(html) > MAX_CHARS:
        return Reject(
            RejectReason.TOO_LARGE, f"{len(html):,} characters, the limit is {MAX_CHARS:,}"
        )
    tree = LexborHTMLParser(bounded(html))
    evidence = metadata.gather(tree, url)
    page = read(tree)
    if not len(page):
        return Reject(RejectReason.NO_BODY, "the page shows no text")
    kept = choose(page)
    tags = page.containers.tag
    blocks = [
        metadata.TextBlock(text, tags[box], keep)
        for text, box, keep in zip(page.text, page.container, kept, strict=True)
    ]
    known = metadata.reconcile(
        evidence, blocks=blocks, url=url, observed_at=observed_at, hints=hints
    )
    title = known.title or ""
    cuts: list[Cut] = []
    chosen: list[int] = []
    for index, text in enumerate(page.text):
        if kept[index] and title and len(chosen) < 3 and repeats_title(text, title):
            cuts.append(Cut(CutKind.REPEATED_TITLE, "repeated_title", index, text))
        elif kept[index]:
            chosen.append(index)
        else:
            cuts.append(Cut(CutKind.OTHER, "outside_main", index, text))
    if not chosen:
        return Reject(RejectReason.NO_ARTICLE, "no block of the page reads like an article")
    pieces = [piece(page, index) for index in chosen]
    return Article(
        title=title,
        text=body_text(pieces),
        authors=known.authors,
        published_at=known.published_at,
        modified_at=known.modified_at,
        language=known.language,
        site=known.site,
        canonical_url=known.canonical_url,
        image_url=known.image_url,
        section=known.section,
        tags=known.tags,
        cuts=tuple(cuts),
        markdown=markdown(pieces),
        evidence=known.evidence,
    )


def choose(page: Page) -> Sequence[bool]:
    """Keep the blocks of the container that holds most text that is not links."""
    parents = page.containers.parent
    marks = page.containers.landmarks
    mass = [0.0] * len(parents)
    for text, linked, box in zip(page.text, page.linked, page.container, strict=True):
        if len(text) > 80 and linked < 0.4 * len(text) and not marks[box] & _ASIDE:
            share, at = float(len(text)), box
            while at >= 0 and share > 1:
                mass[at] += share
                share *= 0.8
                at = parents[at]
    best = max(range(len(mass)), key=mass.__getitem__)
    inside = [False] * len(parents)
    for at, parent in enumerate(parents):
        inside[at] = at == best or (parent >= 0 and inside[parent])
    return [
        inside[box] and 2 * linked < len(text) and not marks[box] & _ASIDE
        for text, linked, box in zip(page.text, page.linked, page.container, strict=True)
    ]
