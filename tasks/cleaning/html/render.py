"""Write the article's blocks as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import NamedTuple

from copydesk.tasks.cleaning.html.links import Link, block_links, link_address, origin_of
from copydesk.tasks.cleaning.html.native import native_writing
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.tables import Cell, data_cells


class PieceKind(Enum):
    """The role of a block in its article."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    CELL = "cell"
    QUOTE = "quote"
    CODE = "code"
    CAPTION = "caption"


class Piece(NamedTuple):
    """A block to write.

    ``level`` is a heading's level (1 to 6), a list's depth from 1, or a cell's column from 0;
    ``owner`` is the container that gives the kind (the list item, the table row, the quotation);
    ``ordered`` is true for a numbered list; ``group`` is the container of the list or table.
    """

    kind: PieceKind
    text: str
    level: int = 0
    owner: int = -1
    ordered: bool = False
    group: int = -1
    links: Sequence[Link] = ()


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MAKERS = frozenset({*_HEADINGS, "pre", "figcaption", "caption", "li", "blockquote"})
_CLOSE = (PieceKind.ITEM, PieceKind.CELL)  # separated by a single line break
_LISTS = frozenset({"ul", "ol", "menu"})


PieceForm = tuple[PieceKind, int, int, bool, int]
"""The fields of a piece without its text and links."""

_ListForm = tuple[int, bool, int]
"""What an item has from its list: the depth, whether it is numbered, the container."""

_PLAIN = PieceKind.PARAGRAPH  # an enumeration's attributes are slow to get at
_PARAGRAPH: PieceForm = (_PLAIN, 0, -1, False, -1)


def written(
    page: Page,
    indexes: Sequence[int],
    cells: Mapping[int, Cell] | None = None,
    base: str | None = None,
) -> tuple[str, str]:
    """Return the blocks as plain text and as Markdown; see ``pieces_of``."""
    if native_writing is None:
        pieces = pieces_of(page, indexes, cells, base)
        return body_text(pieces), markdown(pieces)
    cells = data_cells(page) if cells is None else cells
    origin = origin_of(base)
    resolved = partial(link_address, base=base, origin=origin)
    forms: tuple[str, str] = native_writing.written(
        page, indexes, cells, origin, resolved, _guarded
    )
    return forms


def pieces_of(
    page: Page,
    indexes: Sequence[int],
    cells: Mapping[int, Cell] | None = None,
    base: str | None = None,
) -> list[Piece]:
    """Return the blocks as pieces; each kind comes from the nearest container that gives one.

    ``cells`` are the page's ``data_cells``, if the caller has them; ``base`` is the address that
    relative links are resolved against.
    """
    texts, boxes, parents = page.text, page.container, page.containers.parent
    tags = page.containers.tag
    forms = {-1: _PARAGRAPH}
    lists: dict[int, _ListForm] = {}
    pieces: list[Piece] = []
    cells = data_cells(page) if cells is None else cells
    links = block_links(page, indexes, base)
    new = tuple.__new__  # a named tuple's own way takes three times as long
    for index in indexes:
        own_links = links.get(index, ())
        if cells and (cell := cells.get(index)) is not None:
            piece = Piece(
                PieceKind.CELL, texts[index], cell.column, cell.row, False, cell.table, own_links
            )
            if pieces and pieces[-1][2:4] == piece[2:4] and pieces[-1].kind is PieceKind.CELL:
                piece = _joined(pieces.pop(), piece)
            pieces.append(piece)
            continue
        at = box = boxes[index]
        while (form := forms.get(at)) is None:
            tag = tags[at]
            if tag in _MAKERS:
                form = forms[at] = _form(page, at, tag, lists)
                break
            at = parents[at]
        if at != box:  # so that its siblings need not go up as far
            forms[box] = forms[parents[box]] = form
        kind, level, owner, ordered, group = form
        pieces.append(new(Piece, (kind, texts[index], level, owner, ordered, group, own_links)))
    return pieces


def _joined(first: Piece, second: Piece) -> Piece:
    """Join two passages of one cell."""
    behind = len(first.text) + 1
    shifted = [Link(start + behind, end + behind, to) for start, end, to in second.links]
    return second._replace(
        text=f"{first.text} {second.text}",
        links=(*first.links, *shifted) if shifted else first.links,
    )


def _form(page: Page, at: int, tag: str, lists: dict[int, _ListForm]) -> PieceForm:
    if tag in _HEADINGS:
        return PieceKind.HEADING, _HEADINGS[tag], at, False, -1
    if tag == "pre":
        return PieceKind.CODE, 0, at, False, -1
    if tag in ("figcaption", "caption"):
        return PieceKind.CAPTION, 0, at, False, -1
    if tag == "li":
        around = page.containers.parent[at]
        if around not in lists:  # items of one list are alike
            lists[around] = _list_around(page, around)
        level, ordered, group = lists[around]
        return PieceKind.ITEM, level, at, ordered, group
    return PieceKind.QUOTE, 0, at, False, -1


def _list_around(page: Page, up: int) -> _ListForm:
    tags, parents = page.containers.tag, page.containers.parent
    level, ordered, group = 0, False, -1
    while up >= 0:
        if tags[up] in _LISTS:
            if not level:
                ordered, group = tags[up] == "ol", up
            level += 1
        up = parents[up]
    return max(level, 1), ordered, group


def body_text(pieces: Iterable[Piece]) -> str:
    """Join the pieces: a blank line between paragraphs, a line break between items and rows."""
    parts: list[str] = []
    before, before_owner, column = None, -1, 0
    for kind, text, level, owner, _, _, _ in pieces:
        if kind is _PLAIN:
            parts += "\n\n", text
        else:
            alike = before is kind
            same = alike and before_owner == owner
            if kind is PieceKind.CELL:
                parts.append(" | " if same else "\n" if alike else "\n\n")
                parts.append("| " * (level - (column if same else 0) - same))
                column = level
            else:
                close = alike and (kind in _CLOSE or (same and kind is PieceKind.CODE))
                parts.append("\n" if close else "\n\n")
            if kind is PieceKind.ITEM and (before is None or before_owner != owner):
                parts.append("- ")
            parts.append(text)
        before, before_owner = kind, owner
    return "".join(parts[1:])


_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_LINE_START = re.compile(r"^([#+\-=]|\d+[.)](?=\s))", re.M)


def _escape(text: str, links: Sequence[Link]) -> str:
    line = write_links(text, links)
    return line if line[:1].isalpha() and "\n" not in line else _guarded(line)


def _guarded(text: str) -> str:
    """Escape what would make a line a heading, a list or the like."""
    return _LINE_START.sub(_guard, text).replace("\n", "  \n")


def write_links(text: str, links: Sequence[Link]) -> str:
    """Write a text and its links in a line."""
    parts: list[str] = []
    at = 0
    for start, end, address in links:
        before = _plain(text[at:start])
        # After an exclamation mark a link would become a picture.
        parts.append(f"{before[:-1]}\\!" if before.endswith("!") else before)
        parts.append(f"[{_plain(text[start:end])}]({address})")
        at = end
    return "".join([*parts, _plain(text[at:])])


def _plain(text: str) -> str:
    """Escape special characters inside a line."""
    return _SPECIAL.sub(r"\\\1", text)


def _guard(match: re.Match[str]) -> str:
    start = match.group(1)
    return f"{start[:-1]}\\{start[-1]}" if start[0].isdigit() else f"\\{start}"


def markdown(pieces: Sequence[Piece]) -> str:
    """Write the pieces as CommonMark with GitHub's tables."""
    parts: list[str] = []
    together: list[Piece] = []
    for piece in pieces:
        if together and not _belongs(together[0], piece):
            parts.append(_WRITERS[together[0].kind](together))
            together = []
        if piece[0] is _PLAIN:
            parts.append(_escape(piece[1], piece[6]))
        else:
            together.append(piece)
    if together:
        parts.append(_WRITERS[together[0].kind](together))
    return "\n\n".join(parts)


def _belongs(first: Piece, piece: Piece) -> bool:
    """Return whether a piece is written together with an earlier one."""
    kind = first.kind
    if piece.kind is not kind:
        return False
    if kind is PieceKind.CELL:
        return first.group == piece.group
    if kind is PieceKind.QUOTE or kind is PieceKind.CODE:
        return first.owner == piece.owner
    return kind is PieceKind.ITEM


def _heading(pieces: Sequence[Piece]) -> str:
    heading = pieces[0]
    line = write_links(heading.text, heading.links).replace("\n", " ")
    return f"{'#' * heading.level} {line}"


class _OpenList(NamedTuple):
    """A list being written: its container, the last item's number and the marker's width."""

    group: int
    ordered: bool
    number: int
    width: int


def _items(pieces: Sequence[Piece]) -> str:
    lines: list[str] = []
    lists: dict[int, _OpenList] = {}  # by level
    least = min(piece.level for piece in pieces)
    owner, before = -1, least
    for piece in pieces:
        if piece.level < before:
            lists = {level: each for level, each in lists.items() if level <= piece.level}
        before = piece.level
        indent = ""
        if piece.level > least:
            above = [lists[level].width for level in range(least, piece.level) if level in lists]
            indent = " " * sum(above)
        if piece.owner == owner:
            lines.append("")
            marker = " " * lists[piece.level].width
        else:
            last = lists.get(piece.level)
            goes_on = last is not None and last[:2] == (piece.group, piece.ordered)
            number = last.number + 1 if last is not None and goes_on else 1
            marker = f"{number}. " if piece.ordered else "-  "
            lists[piece.level] = _OpenList(piece.group, piece.ordered, number, len(marker))
        owner = piece.owner
        text = _escape(piece.text, piece.links)
        if "\n" in text:
            text = text.replace("\n", f"\n{indent}{' ' * len(marker)}")
        lines.append(f"{indent}{marker}{text}")
    return "\n".join(lines)


def _rows(pieces: Sequence[Piece]) -> str:
    rows: list[list[str]] = []
    owner = -2
    for piece in pieces:
        if piece.owner != owner:
            rows.append([])
            owner = piece.owner
        rows[-1] += [""] * (piece.level - len(rows[-1]))
        rows[-1].append(write_links(piece.text, piece.links).replace("\n", " ").replace("|", r"\|"))
    width = max(map(len, rows))
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def _quote(pieces: Sequence[Piece]) -> str:
    lines = "\n\n".join(_escape(piece.text, piece.links) for piece in pieces).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _code(pieces: Sequence[Piece]) -> str:
    text = "\n".join(piece.text for piece in pieces)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _caption(pieces: Sequence[Piece]) -> str:
    return f"*{_escape(pieces[0].text, pieces[0].links)}*"


_WRITERS = {
    PieceKind.HEADING: _heading,
    PieceKind.ITEM: _items,
    PieceKind.CELL: _rows,
    PieceKind.QUOTE: _quote,
    PieceKind.CODE: _code,
    PieceKind.CAPTION: _caption,
}
