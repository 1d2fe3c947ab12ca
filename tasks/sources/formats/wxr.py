"""WordPress exports (WXR): RSS with every post, page and attachment of a site.

An item that is no article of the site (a draft, a picture, a post with a password) is left out by
name: of what the export holds, everything is a row of the ledger or counted in one.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO, Final
from urllib.parse import parse_qs, urlsplit

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.enclosed import enclosed
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.moved_posts import recorded
from copydesk.tasks.sources.formats.rows import Row, SkippedRow, offer_rows, read_rows
from copydesk.tasks.sources.formats.xml_parts import CUT, Part, Parts, parse_parts
from copydesk.tasks.sources.formats.xml_stream import Element
from copydesk.tasks.sources.formats.xml_text import xml_text
from copydesk.tasks.sources.source import cause
from copydesk.tasks.sources.streams.compression import DAMAGED

EXPORT: Final = re.compile(
    r"wordpress\.org/export/|<wp:(?:wxr_version|post_type|author)\b", re.IGNORECASE
)
"""The namespace that every version of the format declares, or what is in it alone."""
HEAD: Final = 8
"""Pieces of text (64 KB) in which it stands, behind what a server may have written before."""
MARKUP: Final = 2
"""Characters of markup for a character of a document, at most."""
TYPE: Final = "post"
PUBLISHED: Final = "publish"
INTERNAL: Final = frozenset({
    "acf-field", "acf-field-group", "attachment", "custom_css", "customize_changeset",
    "elementor_library", "nav_menu_item", "oembed_cache", "revision", "user_request", "wp_block",
    "wp_font_face", "wp_font_family", "wp_global_styles", "wp_navigation", "wp_template",
    "wp_template_part",
})  # fmt: skip
"""Types that are no pages of a site: WordPress's own, and those that builders add to most sites."""


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer what is published; other XML is ignored unless the user named the file."""
    try:
        with reading.open(entry.path) as stream:
            is_export = EXPORT.search("".join(islice(_texts(stream), HEAD))) is not None
    except Exception as error:
        yield reading.unreadable(reading.item("wxr", entry.path), error)
        return
    if is_export:
        yield from offer_rows("wxr", _rows, _without_columns(reading), entry)
    elif entry.is_named:
        item = reading.item("wxr", entry.path, fingerprint=entry.fingerprint)
        detail = f"{entry.path} is not a WordPress export"
        yield reading.failed(item, RejectReason.INVALID.value, detail)


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read posts."""
    for result in read_rows(_rows, _without_columns(reading), path, items):
        yield recorded(result, path) if isinstance(result, RawDocument) else result


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    with reading.open(path) as stream:
        yield from _posts(stream, position, MARKUP * reading.limits.document)


def _texts(stream: BinaryIO, damage: list[str] | None = None) -> Iterator[str]:
    """Yield the text of a file up to where it is damaged."""
    try:
        yield from xml_text(stream)
    except DAMAGED as error:
        if damage is not None:
            damage.append(cause(error))


def _posts(stream: BinaryIO, position: int, cap: int) -> Generator[Row]:
    authors: dict[str, str] = {}
    language: str | None = None
    others: Counter[str] = Counter()
    damage: list[str] = []
    parts = Parts(
        _texts(stream, damage),
        ("item",),
        ("rss", "channel"),
        others=("author", "language"),
        cap=cap,
    )
    number = 0
    for part, element in parse_parts(parts):
        if part.name == "item":
            row = _row_of(part, element, authors, language)
            if isinstance(row, str):
                others[row] += 1
                continue
            if number >= position:
                yield number, row
            number += 1
        elif element is None:
            continue
        elif part.name == "author":
            login, name = element.first("author_login"), element.first("author_display_name")
            if login and name:
                authors[login.lower()] = name
        else:
            language = element.text or language
    for row in _at_the_end(parts, others, damage):
        yield number, row
        number += 1


def _at_the_end(
    parts: Parts, others: Mapping[str, int], damage: Sequence[str]
) -> Iterator[SkippedRow | Exception]:
    """Yield the rows of what is no page of the site, and of what an export lacks."""
    for kind, count in others.items():
        detail = f"{count:,} of the type {kind}, which are not pages of the site"
        yield SkippedRow("not_an_article_type", detail, f"type:{kind}")
    if parts.strays:
        detail = f"{parts.strays:,} ends of posts whose beginnings are damaged"
        yield SkippedRow(RejectReason.INVALID, detail, is_reject=True)
    if damage or not parts.is_closed:
        why = damage[0] if damage else "it ends before the export does"
        yield EOFError(f"{why}; what came before was read")


def _row_of(
    part: Part, post: Element | None, authors: dict[str, str], language: str | None
) -> dict[str, object] | Exception | SkippedRow | str:
    """Return a post's row, why there is none, or a post type that has no pages."""
    if part.is_too_large:
        return SkippedRow(RejectReason.TOO_LARGE, f"a post is {part.problem}", is_reject=True)
    if post is None or part.problem == CUT:
        return EOFError(f"a post is damaged: {part.problem or 'not XML'}")
    kind = (post.first("post_type") or TYPE).lower()
    if kind in INTERNAL or _is_hidden_type(post.first("link")):
        return kind
    identity = post.first("guid") or post.first("post_id") or post.first("link")
    status = (post.first("status") or PUBLISHED).lower()
    if status != PUBLISHED:
        return SkippedRow("not_published", f"{identity} is {status}", identity)
    if post.first("post_password"):
        return SkippedRow("protected", f"{identity} has a password", identity)
    return _row(post, authors, language)


def _row(post: Element, authors: dict[str, str], language: str | None) -> dict[str, object]:
    creator = post.first("creator")
    terms = [(element.attributes.get("domain"), element.text) for element in post.all("category")]
    sections = [text for domain, text in terms if domain == "category"]
    return {
        "id": post.first("guid") or post.first("post_id"),
        "url": post.first("link"),
        "title": next((element.plain for element in post.all("title") if element.plain), None),
        "html": shown(_content(post)),
        "authors": authors.get(creator.lower(), creator) if creator else None,
        "published_at": _moment(post, "post_date_gmt") or post.first("pubdate"),
        "modified_at": _moment(post, "post_modified_gmt"),
        "language": language,
        "section": sections[0] if sections else None,
        "tags": [text for domain, text in terms if domain == "post_tag"],
    }


def _is_hidden_type(link: str | None) -> bool:
    """Tell a type that has no pages by the address that WordPress gives its posts."""
    try:
        query = parse_qs(urlsplit(link or "").query)
    except ValueError:
        return False
    return "post_type" in query and "p" in query


def _content(post: Element) -> str:
    """Return the text: ``content:encoded``, of which ``excerpt:encoded`` has the local name."""
    encoded = post.all("encoded")
    bodies = [
        element.markup
        for element in encoded
        if element.prefix == "content" or element.namespace.rstrip("/").endswith("/content")
    ]
    return max(bodies, key=len, default="")


def _moment(post: Element, name: str) -> str | None:
    """Return a date; WordPress writes zeros for one that is not known."""
    date = post.first(name)
    return f"{date.replace(' ', 'T')}Z" if date and not date.startswith("0000") else None


def _without_columns(reading: Reading) -> Reading:
    """Drop the user's column names, which are for tables."""
    return dataclasses.replace(reading, columns={})


_BLOCK = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|iframe|li|main|nav|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|"
    "thead|tr|ul|video|audio"
)
_STARTS_BLOCK = re.compile(
    rf"\s*+(?:<!--(?>.*?-->)\s*+)*+</?({_BLOCK})\b", re.IGNORECASE | re.DOTALL
)
_PARAGRAPHS = re.compile(r"\r?\n[ \t]*\r?\n\s*")
_HAS_PARAGRAPHS = re.compile(r"<p[\s>]|<!-- wp:", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<(pre|script|style)\b", re.IGNORECASE)
_PREFORMATTED_ENDS = {
    name: re.compile(f"</{name}>", re.IGNORECASE) for name in ("pre", "script", "style")
}
_CAPTION = re.compile(r"\[(?:wp_)?(caption)[^\[\]]*\]")
_CAPTION_ENDS = {"caption": re.compile(r"\[/(?:wp_)?caption\]")}
_SHORTCODE = re.compile(
    r"\[/?(audio|embed|gallery|playlist|video|contact-form-7|vc_\w+|et_pb_\w+|fusion_\w+)"
    r"(\s[^\[\]]*)?/?\](?:https?://[^\s\[]+\[/embed\])?"
)
"""Core's shortcodes, and the builders' that are left when their plugin is gone."""


def shown(stored: str) -> str:
    """Return the HTML that WordPress makes of a post's stored text, near enough to read it."""
    text = _with_figures(stored)
    text = _SHORTCODE.sub("", text)
    if _HAS_PARAGRAPHS.search(text):
        return text
    parts: list[str] = []
    end = 0
    for start_tag, end_tag in enclosed(text, _PREFORMATTED, _PREFORMATTED_ENDS):
        parts += [
            _paragraphs(text[end : start_tag.start()]),
            text[start_tag.start() : end_tag.end()],
        ]
        end = end_tag.end()
    return "".join([*parts, _paragraphs(text[end:])])


def _with_figures(text: str) -> str:
    parts: list[str] = []
    end = 0
    for start_tag, end_tag in enclosed(text, _CAPTION, _CAPTION_ENDS):
        inner = text[start_tag.end() : end_tag.start()]
        parts += [text[end : start_tag.start()], "<figure>", inner, "</figure>"]
        end = end_tag.end()
    return "".join([*parts, text[end:]])


def _paragraphs(text: str) -> str:
    return "\n".join(
        part if _STARTS_BLOCK.match(part) else f"<p>{_lines(part)}</p>"
        for part in _PARAGRAPHS.split(text.strip())
        if part.strip()
    )


def _lines(text: str) -> str:
    return re.sub(r"\r?\n", "<br>\n", text.strip())
