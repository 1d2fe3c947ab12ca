"""Clean Markdown files: front matter, title, and the text as readers see it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from copydesk.schemas.article import Article, Cut, CutKind, Hints, Reject, RejectReason
from copydesk.tasks.cleaning.access import ending, with_access
from copydesk.tasks.cleaning.title import normal_title, repeats_title
from copydesk.tasks.enclosed import without_enclosed

LONGEST_FRONT_MATTER = 20_000
"""Maximum characters of front matter; a longer one is text (or an attack)."""

MOST_MARKS = 150_000
"""Maximum marks and lines of a document that is parsed as Markdown: each takes the parser up to
10 µs, and a line of a list three times that."""

WITH_MARKS = "markdown_with_marks"
"""Evidence of a text with more marks, which is therefore not parsed and keeps them."""

_HEAD = 4  # blocks at the beginning in which a repeated title is looked for
_YAML = re.compile(r"\A\s*---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S)
_TOML = re.compile(r"\A\s*\+\+\+[ \t]*\r?\n(.*?)\r?\n\+\+\+[ \t]*(?:\r?\n|\Z)", re.S)
_LIST_LINE = re.compile(r"^[ \t]*+(?:[-+*]|\d{1,9}[.)])[ \t]", re.M)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HIDDEN = re.compile(r"(<!--|<(?:script|style)\b)", re.I)
_HIDDEN_ENDS = {
    "<!--": re.compile("-->"),
    "<script": re.compile(r"</script\s*>", re.I),
    "<style": re.compile(r"</style\s*>", re.I),
}
# Names of these fields in Jekyll, Hugo, Astro, Pelican, Obsidian and newsletter exports.
_FIELDS = {
    "title": ("title", "headline"),
    "standfirst": ("standfirst", "subtitle", "deck", "dek", "lead"),
    "authors": ("authors", "author", "byline", "creator", "by"),
    "published": ("date", "published", "published_at", "publishdate", "pubdate", "created"),
    "modified": ("lastmod", "updated", "modified", "updated_at", "updateddate", "last_modified_at"),
    "tags": ("tags", "keywords", "tag"),
    "section": ("section", "category", "categories"),
    "language": ("language", "lang", "locale"),
    "url": ("canonical_url", "canonical", "canonicalurl", "source", "url"),
    "image": ("image", "cover", "featured_image", "hero", "thumbnail"),
    "site": ("site", "site_name", "publication", "publisher"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A text block and its kind: ``heading``, ``paragraph``, ``list`` or ``code``."""

    text: str
    kind: str
    level: int = 0


def clean_markdown(
    text: str, *, observed_at: datetime | None = None, hints: Hints | None = None
) -> Article | Reject:
    """Clean a Markdown document.

    A file with front matter was written as an article, so only a repeated title is cut; a page
    converted to Markdown is cleaned like copied text.
    """
    metadata, source = front_matter(text)
    blocks = list(read_blocks(source))
    if not blocks:
        reason = RejectReason.NO_BODY if metadata else RejectReason.EMPTY
        return Reject(reason, "the document has no text", text[:200])
    fields = _read_fields(metadata)
    if not metadata:
        return _copied(blocks, source, observed_at, hints)
    title = fields.title or _first_heading(blocks) or (hints.title if hints else None) or ""
    cuts, body_texts = [], []
    for number, block in enumerate(blocks):
        if number < _HEAD and title and repeats_title(block.text, title):
            cuts.append(Cut(CutKind.REPEATED_TITLE, "repeated_title", number, block.text))
        else:
            body_texts.append(block.text)
    if not body_texts:
        return Reject(RejectReason.NO_BODY, f"a title and no text: {title}", text[:200])
    body = "\n\n".join(body_texts)
    language = fields.language or _language(body) or (hints.language if hints else None)
    article = Article(
        title=normal_title(title),
        text=body,
        standfirst=fields.standfirst,
        authors=fields.authors or (hints.authors if hints else ()),
        published_at=fields.published or (hints.published_at if hints else None),
        modified_at=fields.modified or (hints.modified_at if hints else None),
        language=language,
        site=fields.site,
        canonical_url=fields.url,
        image_url=fields.image,
        section=fields.section or (hints.section if hints else None),
        tags=fields.tags or (hints.tags if hints else ()),
        cuts=tuple(cuts),
        markdown=source.strip(),
        evidence={
            "title": "front_matter" if fields.title else "heading",
            "text": WITH_MARKS if _has_too_many_marks(source) else "markdown",
        },
    )
    return with_access(article, (), tuple(ending(body, (), language)))


def _copied(
    blocks: list[Block], source: str, observed_at: datetime | None, hints: Hints | None
) -> Article | Reject:
    from copydesk.tasks.cleaning.text import clean_text

    heading = _first_heading(blocks)
    if heading and not (hints and hints.title):
        hints = replace(hints or Hints(), title=heading)
    result = clean_text(
        "\n\n".join(block.text for block in blocks), observed_at=observed_at, hints=hints
    )
    if not isinstance(result, Article):
        return result
    text_evidence = {"text": WITH_MARKS} if _has_too_many_marks(source) else {}
    return replace(result, markdown=source.strip(), evidence={**result.evidence, **text_evidence})


def _first_heading(blocks: list[Block]) -> str | None:
    """Return the first heading of the first level, or a heading that opens the document."""
    for number, block in enumerate(blocks):
        if block.kind == "heading" and (block.level == 1 or number == 0):
            return block.text
    return None


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split off YAML or TOML front matter; what is not a valid table remains in the text."""
    for pattern, load in ((_YAML, _load_yaml), (_TOML, _load_toml)):
        match = pattern.match(text)
        if match and len(match[1]) <= LONGEST_FRONT_MATTER:
            table = load(match[1])
            if isinstance(table, dict) and table:
                return {str(k).lower().replace("-", "_"): v for k, v in table.items()}, text[
                    match.end() :
                ]
    return {}, text


def _load_yaml(text: str) -> object:
    import yaml  # type: ignore[import-untyped]

    try:
        # A colon in an unquoted title breaks YAML: then each line is parsed separately.
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
        return {k.strip(): v.strip().strip("\"'") for k, _, v in pairs if k.strip().isidentifier()}


def _load_toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class _Fields:
    title: str | None
    standfirst: str | None
    authors: tuple[str, ...]
    published: datetime | None
    modified: datetime | None
    tags: tuple[str, ...]
    section: str | None
    language: str | None
    url: str | None
    image: str | None
    site: str | None


def _read_fields(metadata: Mapping[str, Any]) -> _Fields:
    def first(name: str) -> object:
        values = (metadata.get(key) for key in _FIELDS[name])
        return next((value for value in values if value not in (None, "", [], {})), None)

    def line(name: str) -> str | None:
        return next(iter(_strings(first(name))), None)

    language = line("language")
    url, image = line("url"), line("image")
    return _Fields(
        title=line("title"),
        standfirst=line("standfirst"),
        authors=_split(first("authors"), r"\s*(?:,|;|\band\b|&)\s*"),
        published=_moment(first("published")),
        modified=_moment(first("modified")),
        tags=_split(first("tags"), r"\s*[,;]\s*"),
        section=line("section"),
        language=re.split("[-_]", language)[0].lower() if language else None,
        url=url if url and url.startswith(("http://", "https://")) else None,
        image=image if image and image.startswith(("http://", "https://")) else None,
        site=line("site"),
    )


def _strings(value: object) -> Iterator[str]:
    """Yield the strings of a value: itself, a list's, the names in a list of tables."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("title") or value.get("url") or value.get("src")
    if isinstance(value, list | tuple):
        for part in value[:50]:
            if not isinstance(part, list | tuple):
                yield from _strings(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        text = " ".join(str(value).split())
        if text:
            yield text


def _split(value: object, pattern: str) -> tuple[str, ...]:
    parts: Iterable[str] = _strings(value)
    if isinstance(value, str):
        parts = re.split(pattern, " ".join(value.split()))
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _moment(value: object) -> datetime | None:
    """Return a time with a zone, UTC if it has none."""
    if isinstance(value, str):
        from copydesk.tasks.cleaning.metadata.timestamps import parse_stamp

        stamp = parse_stamp(value)
        return stamp.when if stamp else None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    return None


@cache
def _parser() -> MarkdownIt:
    # The library limits nesting to 20 levels, as protection against deep input.
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read_blocks(source: str) -> Iterator[Block]:
    """Render Markdown as plain blocks: without marks and pictures, with links as their text.

    A document with more than ``MOST_MARKS`` marks is split into paragraphs that keep them.
    """
    if _has_too_many_marks(source):
        parts = (part.strip() for part in source.split("\n\n"))
        yield from (Block(part, "paragraph") for part in parts if part)
        return
    tokens = _parser().parse(source.replace("\0", ""))
    level, heading = 0, 0
    items: list[str] = []
    for number, token in enumerate(tokens):
        level += _LEVELS.get(token.type, 0)
        if token.type in _LEVELS and not level and items:
            yield Block("\n".join(items), "list")
            items = []
        elif token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type == "table_open":
            yield _table(tokens, number)
        elif token.type == "inline" and "table" not in token.meta:
            text = _inline(token)
            if text and level:
                items.append(text)
            elif text:
                yield Block(text, "heading" if heading else "paragraph", heading)
            heading = 0
        elif token.type in _VERBATIM:
            yield from _verbatim(token)


def _has_too_many_marks(source: str) -> bool:
    marks = sum(map(source.count, "[]!*_`<&|\\~#>\n"))
    if marks <= MOST_MARKS // 3:
        return False
    return marks + 2 * sum(1 for _ in _LIST_LINE.finditer(source)) > MOST_MARKS


_LEVELS = {
    "bullet_list_open": 1,
    "ordered_list_open": 1,
    "bullet_list_close": -1,
    "ordered_list_close": -1,
}
_VERBATIM = frozenset({"fence", "code_block", "html_block"})


def _verbatim(token: Token) -> Iterator[Block]:
    html = token.type == "html_block"
    text = (
        _TAG.sub("", without_enclosed(token.content, _HIDDEN, _HIDDEN_ENDS, ""))
        if html
        else token.content
    )
    text = "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip()
    if text:
        yield Block(text, "paragraph" if html else "code")


def _table(tokens: list[Token], start: int) -> Block:
    """Return a table as one block: one line per row, with bars between cells."""
    rows: list[list[str]] = []
    for number in range(start, len(tokens)):
        token = tokens[number]
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(_inline(token))
            token.meta["table"] = True
    return Block("\n".join(" | ".join(row) for row in rows), "paragraph")


def _inline(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and "<br" in child.content):
            parts.append("\n")
    lines = "".join(parts).split("\n")
    return "\n".join(filter(None, (" ".join(line.split(" ")).strip() for line in lines)))


def _language(text: str) -> str | None:
    from copydesk.tasks.cleaning.language import detect_language

    return detect_language(text)
