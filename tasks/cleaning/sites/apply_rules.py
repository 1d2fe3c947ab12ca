"""Apply a site rule to an article: what the rule finds replaces what cleaning found."""

from __future__ import annotations

from dataclasses import replace

from copydesk.schemas.article import Article, Cut, CutKind, Reject, RejectReason
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.parser_limits import parsed
from copydesk.tasks.cleaning.html.render import body_text, markdown, pieces_of
from copydesk.tasks.cleaning.sites.rules import RuleResult
from copydesk.tasks.cleaning.title import repeats_title

_HEAD = 3  # blocks of the body in which the title may be repeated


def with_rule(result: Article | Reject, applied: RuleResult, html: str) -> Article | Reject:
    """Return the page's article with the rule's results; other fields are unchanged.

    A rule that finds a body turns a rejected page into an article. Fields with selectors that match
    nothing are listed in ``evidence["site_rule_stopped"]``: the site's layout has changed.
    """
    evidence = {"site_rule": applied.rule}
    if applied.stopped:
        evidence["site_rule_stopped"] = ", ".join(applied.stopped)
    if isinstance(result, Reject):
        if applied.body_html is None or result.reason is RejectReason.TOO_LARGE:
            return result
        result = Article(title="", text="")
    title = applied.title or result.title
    article = replace(
        result,
        title=title,
        authors=applied.authors or result.authors,
        published_at=applied.published_at or result.published_at,
        evidence={**result.evidence, **evidence, **applied.evidence},
    )
    if applied.body_html is None:
        return article
    page = read(parsed(applied.body_html))
    repeated = {
        index
        for index, text in enumerate(page.text[:_HEAD])
        if title and repeats_title(text, title)
    }
    pieces = pieces_of(page, [index for index in range(len(page)) if index not in repeated])
    if not (text := body_text(pieces)):
        return Reject(RejectReason.NO_BODY, f"site rule {applied.rule} finds a body without text")
    body_texts = {piece.text for piece in pieces}
    return replace(
        article,
        text=text,
        markdown=markdown(pieces),
        quality=None,  # the rule's choice, which no model estimates
        cuts=_cuts(article, html, body_texts, applied.rule),
    )


def _cuts(article: Article, html: str, body_texts: set[str], rule: str) -> tuple[Cut, ...]:
    """Return a cut for each block that the rule's body lacks; existing cuts keep their reason."""
    before = {cut.position: cut for cut in article.cuts}
    blocks = read(parsed(html)).text
    return tuple(
        before.get(position) or Cut(CutKind.OTHER, f"site rule {rule}", position, text)
        for position, text in enumerate(blocks)
        if text not in body_texts
    )
