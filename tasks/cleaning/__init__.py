"""Cleaning: from a document as it came to an article, or the reason why there is none.

``from copydesk import clean``. Pure and picklable: no clock, no disk but package data, no
network. What a form of document needs is imported when the first of that form comes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from copydesk.schemas.article import Article, Hints, Reject, RejectReason
from copydesk.schemas.plain_text import as_shown
from copydesk.schemas.values import sound, split_address
from copydesk.tasks.cleaning.soundness import sound_article
from copydesk.tasks.cleaning.version import CLEANER_VERSION

if TYPE_CHECKING:
    from copydesk.tasks.cleaning.content_type import Form
    from copydesk.tasks.cleaning.encoding import Decoded
    from copydesk.tasks.cleaning.sites.rules import Rules

__all__ = ["CLEANER_VERSION", "MAX_BYTES", "clean"]

MAX_BYTES = 50_000_000
"""Larger documents are refused: the largest article page of WCXB dev has 1.8 MB."""

_SHOWN = 200  # characters of a refused document that its reject shows


def clean(
    document: str | bytes,
    *,
    media_type: str | None = None,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
    rules: Rules | None = None,
) -> Article | Reject:
    """Clean one document: HTML, Markdown, or text copied from a page.

    ``media_type`` may carry a charset ("text/html; charset=koi8-r"); without one the content
    tells its form. ``observed_at`` is when the document was true (relative dates count from
    it), ``hints`` what a feed or an archive said of it, ``rules`` an engineer's selectors for
    sites. Any input gives an article or a reject, never an exception.
    """
    if url is not None and split_address(url) is None:
        url = None  # a malformed address says nothing of the page
    try:
        result = _clean(document, media_type, url, observed_at, hints, rules)
        return result if isinstance(result, Reject) else sound_article(result)
    except Exception as error:  # one document never ends a run: it becomes a row
        shown = document[:_SHOWN] if isinstance(document, str) else repr(document[:_SHOWN])
        detail = f"cleaning failed: {type(error).__name__}: {error}"
        return Reject(RejectReason.UNREADABLE, detail, shown)


def _clean(
    document: str | bytes,
    media_type: str | None,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    rules: Rules | None,
) -> Article | Reject:
    from copydesk.tasks.cleaning.content_type import coded_name

    if len(document) > MAX_BYTES:
        limit = f"{len(document):,} bytes, the limit is {MAX_BYTES:,}"
        return Reject(RejectReason.TOO_LARGE, limit)
    how, octets = "given as text", None
    if isinstance(document, bytes):
        decoded = _decoded(document, media_type)
        if isinstance(decoded, Reject):
            return decoded
        text, how = decoded.text, decoded.evidence
        octets = document if decoded.verbatim else None
    else:
        text = sound(document)
    text = text.removeprefix("\ufeff")
    if not text or text.isspace():
        return Reject(RejectReason.EMPTY, "the document has no characters but white space")
    if (coded := coded_name(text)) is not None:
        return Reject(RejectReason.BINARY, f"not text: {coded}", text[:_SHOWN])
    form = form_of(text, media_type)
    result = _by_form(text, form, url, observed_at, hints, rules, octets)
    if isinstance(result, Article):
        text, markdown = as_shown(result.text), result.markdown
        if markdown and text != result.text:  # the same words
            markdown = as_shown(markdown)
        evidence = {**result.evidence, "encoding": how}
        return replace(result, text=text, markdown=markdown, evidence=evidence)
    return result


def _decoded(document: bytes, media_type: str | None) -> Decoded | Reject:
    from copydesk.tasks.cleaning.content_type import binary_name
    from copydesk.tasks.cleaning.encoding import decode, looks_wide

    if not document or document.isspace():
        return Reject(RejectReason.EMPTY, "the document has no bytes but white space")
    marked = document.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    kind = None if marked or looks_wide(document) else binary_name(document, media_type)
    if kind is not None:
        return Reject(RejectReason.BINARY, f"not text: {kind}", repr(document[:32]))
    decoded = decode(document, media_type)
    if decoded is None:
        return Reject(RejectReason.UNDECODABLE, "no encoding fits", repr(document[:_SHOWN]))
    return decoded


def form_of(text: str, media_type: str | None) -> Form:
    """Tell the form in which a document is read, from its media type and its content."""
    from copydesk.tasks.cleaning.content_type import Form, media_form, starts_with_tag, told_form

    given, told = media_form(media_type), told_form(text)
    # A page saved or served as plain text is a page all the same.
    page = told is Form.HTML and starts_with_tag(text)
    return Form.HTML if page and given is not Form.MARKDOWN else given or told


def _by_form(
    text: str,
    form: Form,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    rules: Rules | None,
    octets: bytes | None,
) -> Article | Reject:
    if form == "html":
        from copydesk.tasks.cleaning.html import clean_html

        result = clean_html(text, url=url, observed_at=observed_at, hints=hints, octets=octets)
        where = url or (result.canonical_url if isinstance(result, Article) else None)
        if rules is None or where is None:
            return result
        from copydesk.tasks.cleaning.sites.apply_rules import with_rule
        from copydesk.tasks.cleaning.sites.rules import apply_rules

        applied = apply_rules(rules, text, where)
        return result if applied is None else with_rule(result, applied, text)
    if form == "markdown":
        from copydesk.tasks.cleaning.markdown import clean_markdown

        return clean_markdown(text, observed_at=observed_at, hints=hints)
    from copydesk.tasks.cleaning.text import clean_text

    return clean_text(text, url=url, observed_at=observed_at, hints=hints)
