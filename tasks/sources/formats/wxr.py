"""WordPress exports (WXR): RSS with every post, page and attachment of a site."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Generator, Iterator, Sequence
from typing import BinaryIO

from copydesk.schemas.article import RejectReason
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.enclosed import enclosed
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading
from copydesk.tasks.sources.formats.rows import Row, offer_rows, read_rows
from copydesk.tasks.sources.formats.xml_stream import Element, elements

EXPORT = b"wordpress.org/export/"  # in the namespace that every version of the format declares
HEAD = (
    8192  # bytes that hold the root and its namespaces, behind the comment that exports start with
)
TYPES = ("post", "page")
PUBLISHED = "publish"


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer what is published; other XML is left alone unless it was asked for."""
    try:
        with reading.open(entry.path) as stream:
            is_export = EXPORT in stream.read(HEAD)
    except Exception as error:
        yield reading.unreadable(reading.item("wxr", entry.path), error)
        return
    if is_export:
        yield from offer_rows("wxr", _rows, _without_columns(reading), entry)
    elif entry.asked:
        item = reading.item("wxr", entry.path, fingerprint=entry.fingerprint)
        yield reading.rejected(item, RejectReason.INVALID, f"{entry.path} is no WordPress export")


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read posts."""
    return read_rows(_rows, _without_columns(reading), path, items)


def _rows(reading: Reading, path: str, position: int) -> Generator[Row]:
    with reading.open(path) as stream:
        yield from _posts(stream, position)


def _posts(stream: BinaryIO, position: int) -> Generator[Row]:
    authors: dict[str, str] = {}
    language: str | None = None
    number = 0
    for element in elements(stream, ("item", "author", "language"), rename=_name):
        if element.name == "author":
            login, name = element.first("author_login"), element.first("author_display_name")
            if login and name:
                authors[login] = name
        elif element.name == "language":
            language = element.text
        elif element.name == "item" and _is_published(element):
            if number >= position:
                yield number, _row(element, authors, language)
            number += 1


def _row(post: Element, authors: dict[str, str], language: str | None) -> dict[str, object]:
    creator = post.first("creator")
    terms = [(one.attributes.get("domain"), one.text) for one in post.all("category")]
    sections = [text for domain, text in terms if domain == "category"]
    return {
        "id": post.first("guid") or post.first("post_id"),
        "url": post.first("link"),
        "title": post.first("title"),
        "html": shown(post.first("content:encoded") or ""),
        "authors": authors.get(creator, creator) if creator else None,
        "published_at": _moment(post, "post_date_gmt") or post.first("pubDate"),
        "modified_at": _moment(post, "post_modified_gmt"),
        "language": language,
        "section": sections[0] if sections else None,
        "tags": [text for domain, text in terms if domain == "post_tag"],
    }


def _is_published(post: Element) -> bool:
    return post.first("post_type") in TYPES and post.first("status") == PUBLISHED


def _moment(post: Element, name: str) -> str | None:
    """Give a date; WordPress writes zeros for one that is not known."""
    date = post.first(name)
    return f"{date.replace(' ', 'T')}Z" if date and not date.startswith("0000") else None


def _name(tag: str) -> str:
    namespace, _, local = tag.rpartition("}")
    for part in ("content", "excerpt"):
        if namespace.endswith(f"/{part}/"):
            return f"{part}:{local}"
    return local


def _without_columns(reading: Reading) -> Reading:
    """Leave out what a person said of the columns of tables."""
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
    """Give the HTML that WordPress makes of a post's stored text, near enough to read it."""
    text = _with_figures(stored)
    text = _SHORTCODE.sub("", text)
    if _HAS_PARAGRAPHS.search(text):
        return text
    parts: list[str] = []
    done = 0
    for opened, closed in enclosed(text, _PREFORMATTED, _PREFORMATTED_ENDS):
        parts += [
            _paragraphs(text[done : opened.start()]),
            text[opened.start() : closed.end()],
        ]
        done = closed.end()
    return "".join([*parts, _paragraphs(text[done:])])


def _with_figures(text: str) -> str:
    parts: list[str] = []
    done = 0
    for opened, closed in enclosed(text, _CAPTION, _CAPTION_ENDS):
        inner = text[opened.end() : closed.start()]
        parts += [text[done : opened.start()], "<figure>", inner, "</figure>"]
        done = closed.end()
    return "".join([*parts, text[done:]])


def _paragraphs(text: str) -> str:
    return "\n".join(
        part if _STARTS_BLOCK.match(part) else f"<p>{_lines(part)}</p>"
        for part in _PARAGRAPHS.split(text.strip())
        if part.strip()
    )


def _lines(text: str) -> str:
    return re.sub(r"\r?\n", "<br>\n", text.strip())
