"""Apply a site rule to an article: what the rule finds replaces what cleaning found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.access import with_access
from copydesk.tasks.cleaning.html.block_settings import text_blocks
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.parser_limits import parsed
from copydesk.tasks.cleaning.html.render import body_text, markdown, pieces_of
from copydesk.tasks.cleaning.html.walls import shown_access
from copydesk.tasks.cleaning.reservations import in_page
from copydesk.tasks.cleaning.sites.rules import RuleResult
from copydesk.tasks.cleaning.title import repeats_title

_HEAD = 3  # blocks of the body in which the title may be repeated


def with_rule(
    result: Article | Reject,
    applied: RuleResult,
    html: str,
    *,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
) -> Article | Reject:
    """Return the page's article with the rule's results; other fields are unchanged.

    A rule that finds a body turns a rejected page into an article, and decides its access by the
    new text. Fields with selectors that match nothing are listed in
    ``evidence["site_rule_stopped"]``: the site's layout has changed.
    """
    if applied.body_html is None:
        return result if isinstance(result, Reject) else _with_fields(result, applied)
    if isinstance(result, Reject) and result.reason is RejectReason.TOO_LARGE:
        return result
    ruled = read(parsed(applied.body_html))
    tree = parsed(html)
    page = read(tree)
    texts = set(ruled.text)
    body = [index for index, text in enumerate(page.text) if text in texts]
    found = metadata.gather(tree, url)
    fields = metadata.reconcile(
        found,
        blocks=text_blocks(page, [text in texts for text in page.text]),
        url=url,
        observed_at=observed_at,
        hints=hints,
    )
    if isinstance(result, Reject):
        result = Article(
            title=fields.title or "",
            text="",
            **fields.fields(),
            reservations=in_page(found.meta),
            evidence=fields.evidence,
        )
    article = _with_body(_with_fields(result, applied), applied, ruled, page)
    if isinstance(article, Reject):
        return article
    # The access of the text that the rule replaces is forgotten, but for what the page states.
    evidence = {name: text for name, text in article.evidence.items() if name != "access"}
    if "access" in fields.evidence:
        evidence["access"] = fields.evidence["access"]
    shown = shown_access(article.text, page, body, tree, html, article.language)
    article = replace(article, access=fields.access, evidence=evidence)
    return with_access(article, fields.stated_access, shown)


def _with_fields(article: Article, applied: RuleResult) -> Article:
    evidence = {"site_rule": applied.rule}
    if applied.stopped:
        evidence["site_rule_stopped"] = ", ".join(applied.stopped)
    return replace(
        article,
        title=applied.title or article.title,
        authors=applied.authors or article.authors,
        published_at=applied.published_at or article.published_at,
        evidence={**article.evidence, **evidence, **applied.evidence},
    )


def _with_body(article: Article, applied: RuleResult, ruled: Page, page: Page) -> Article | Reject:
    """Return the article with the rule's body, which has no quality: no model estimates it."""
    title = article.title
    repeated = {
        index
        for index, text in enumerate(ruled.text[:_HEAD])
        if title and repeats_title(text, title)
    }
    pieces = pieces_of(ruled, [index for index in range(len(ruled)) if index not in repeated])
    if not (text := body_text(pieces)):
        return Reject(RejectReason.NO_BODY, f"site rule {applied.rule} finds a body without text")
    cuts = _cuts(article, page.text, {piece.text for piece in pieces}, applied.rule)
    return replace(article, text=text, markdown=markdown(pieces), quality=None, cuts=cuts)


def _cuts(
    article: Article, blocks: Sequence[str], body_texts: set[str], rule: str
) -> tuple[Cut, ...]:
    """Return a cut for each block that the rule's body lacks; existing cuts keep their reason."""
    before = {cut.position: cut for cut in article.cuts}
    return tuple(
        before.get(position) or Cut(CutKind.OTHER, f"site rule {rule}", position, text)
        for position, text in enumerate(blocks)
        if text not in body_texts
    )
