"""Cleaning: turn a fetched document into an article, or return why it is none.

``from copydesk import clean``. Pure and picklable: no clock, no disk except package data, no
network. The modules for HTML, Markdown and plain text are imported when the first document of that
format is cleaned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from copydesk.schemas.article import Article, Hints, Reject, RejectReason
from copydesk.schemas.plain_text import as_shown
from copydesk.schemas.values import sound, split_address
from copydesk.tasks.cleaning.soundness import sound_article
from copydesk.tasks.cleaning.version import CLEANER_VERSION

if TYPE_CHECKING:
    from copydesk.tasks.cleaning.content_type import DocumentFormat
    from copydesk.tasks.cleaning.encoding import DecodedText
    from copydesk.tasks.cleaning.sites.rules import SiteRules

__all__ = ["CLEANER_VERSION", "MAX_BYTES", "clean"]

MAX_BYTES = 50_000_000
"""Maximum size of a document: the largest article page of WCXB dev has 1.8 MB."""

_SHOWN = 200  # characters of a refused document that its reject quotes


def clean(
    document: str | bytes,
    *,
    media_type: str | None = None,
    url: str | None = None,
    observed_at: datetime | None = None,
    hints: Hints | None = None,
    rules: SiteRules | None = None,
    transport: Mapping[str, str] | None = None,
) -> Article | Reject:
    """Clean one document: HTML, Markdown, or text copied from a page.

    Any input gives an article or a reject, never an exception.

    Args:
        document: The document.
        media_type: Its media type, perhaps with a charset ("text/html; charset=koi8-r"); without
            one the content decides the format.
        url: Its address.
        observed_at: When the content was current; relative dates are resolved against it.
        hints: Metadata from a feed or an archive.
        rules: CSS selectors that an engineer wrote for sites.
        transport: Response headers, and what the site's files reserve, as ``RawDocument.how`` has
            them.
    """
    if url is not None and split_address(url) is None:
        url = None  # a malformed address gives no information
    try:
        result = _clean(document, media_type, url, observed_at, hints, rules)
        if isinstance(result, Reject):
            return result
        return sound_article(_with_transport(result, transport) if transport else result)
    except Exception as error:  # a faulty document becomes a reject and never ends a run
        excerpt = document[:_SHOWN] if isinstance(document, str) else repr(document[:_SHOWN])
        detail = f"cleaning failed: {type(error).__name__}: {error}"
        return Reject(RejectReason.UNREADABLE, detail, excerpt)


def _clean(
    document: str | bytes,
    media_type: str | None,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    rules: SiteRules | None,
) -> Article | Reject:
    from copydesk.tasks.cleaning.content_type import printer_code_name

    if len(document) > MAX_BYTES:
        limit = f"{len(document):,} bytes, the limit is {MAX_BYTES:,}"
        return Reject(RejectReason.TOO_LARGE, limit)
    encoding = "given as text"
    if isinstance(document, bytes):
        decoded = _decoded(document, media_type)
        if isinstance(decoded, Reject):
            return decoded
        encoding = decoded.evidence
        if decoded.utf8 is not None and is_page(decoded.utf8, media_type):
            result = _page(decoded.utf8, url, observed_at, hints, rules)
            return _completed(result, encoding)
        text = decoded.text
    else:
        text = sound(document)
    text = text.removeprefix("\ufeff")
    if not text or text.isspace():
        return Reject(RejectReason.EMPTY, "the document has no characters but white space")
    if (code_format := printer_code_name(text)) is not None:
        return Reject(RejectReason.BINARY, f"not text: {code_format}", text[:_SHOWN])
    document_format = format_of(text, media_type)
    return _completed(_by_format(text, document_format, url, observed_at, hints, rules), encoding)


def _completed(result: Article | Reject, encoding: str) -> Article | Reject:
    """Add the encoding, and leave out invisible characters."""
    if isinstance(result, Reject):
        return result
    text, markdown = as_shown(result.text), result.markdown
    if markdown and text != result.text:  # if the words are the same
        markdown = as_shown(markdown)
    evidence = {**result.evidence, "encoding": encoding}
    return replace(result, text=text, markdown=markdown, evidence=evidence)


def _with_transport(article: Article, transport: Mapping[str, str]) -> Article:
    """Add what the way in which a document was read says of access and reservations."""
    from copydesk.tasks.cleaning import access, reservations

    if reserved := reservations.in_transport(transport):
        together = reservations.together(article.reservations, reserved)
        article = replace(article, reservations=together)
    findings = tuple(access.in_transport(article.text, transport))
    return access.with_more(article, findings) if findings else article


def _decoded(document: bytes, media_type: str | None) -> DecodedText | Reject:
    from copydesk.tasks.cleaning.content_type import binary_name
    from copydesk.tasks.cleaning.encoding import decode, looks_wide

    if not document or document.isspace():
        return Reject(RejectReason.EMPTY, "the document has no bytes but white space")
    has_mark = document.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    kind = None if has_mark or looks_wide(document) else binary_name(document, media_type)
    if kind is not None:
        return Reject(RejectReason.BINARY, f"not text: {kind}", repr(document[:32]))
    decoded = decode(document, media_type)
    if decoded is None:
        return Reject(RejectReason.UNDECODABLE, "no encoding fits", repr(document[:_SHOWN]))
    return decoded


def format_of(text: str, media_type: str | None) -> DocumentFormat:
    """Return the format in which to read a document, from its media type and its content."""
    from copydesk.tasks.cleaning.content_type import (
        DocumentFormat,
        declared_format,
        sniffed_format,
        starts_with_tag,
    )

    declared = declared_format(media_type)
    # A page saved or served as plain text is still a page.
    may_be_page = declared is DocumentFormat.TEXT and starts_with_tag(text)
    if declared is not None and not may_be_page:
        return declared
    sniffed = sniffed_format(text)
    return sniffed if declared is None or sniffed is DocumentFormat.HTML else declared


def is_page(document: bytes, media_type: str | None) -> bool:
    """Return whether a document in UTF-8 is surely a page; its beginning is enough to tell."""
    from copydesk.tasks.cleaning.content_type import (
        HEAD,
        DocumentFormat,
        printer_code_name,
    )

    head = document[: 4 * HEAD].decode("utf-8", "ignore")  # of four octets a character, at most
    if not head.strip() or printer_code_name(head) is not None:
        return False
    return format_of(head, media_type) is DocumentFormat.HTML


def _page(
    html: str | bytes,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    rules: SiteRules | None,
) -> Article | Reject:
    from copydesk.tasks.cleaning.html.article import clean_html

    result = clean_html(html, url=url, observed_at=observed_at, hints=hints)
    address = url or (result.canonical_url if isinstance(result, Article) else None)
    if rules is None or address is None:
        return result
    from copydesk.tasks.cleaning.sites.apply_rules import with_rule
    from copydesk.tasks.cleaning.sites.rules import apply_rules

    text = html if isinstance(html, str) else html.decode()
    rule_result = apply_rules(rules, text, address)
    if rule_result is None:
        return result
    return with_rule(result, rule_result, text, url=url, observed_at=observed_at, hints=hints)


def _by_format(
    text: str,
    document_format: DocumentFormat,
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None,
    rules: SiteRules | None,
) -> Article | Reject:
    if document_format == "html":
        return _page(text, url, observed_at, hints, rules)
    if document_format == "markdown":
        from copydesk.tasks.cleaning.markdown import clean_markdown

        return clean_markdown(text, observed_at=observed_at, hints=hints)
    from copydesk.tasks.cleaning.text import clean_text

    return clean_text(text, url=url, observed_at=observed_at, hints=hints)
