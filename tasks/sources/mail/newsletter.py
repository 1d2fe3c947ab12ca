"""The articles of a newsletter: its blocks without what senders put around every letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from copydesk.schemas.article import Hints
from copydesk.schemas.ids import sha256
from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.sources.formats.html_wrapping import page_of
from copydesk.tasks.sources.mail.blocks import Block, blocks_of_html, blocks_of_text
from copydesk.tasks.sources.mail.digests import letters_of_digest
from copydesk.tasks.sources.mail.letter import Letter
from copydesk.tasks.sources.mail.stories import Story, is_prose, split

_SHORT: Final = 25
"""Words of a block that may be chrome; a longer one is a paragraph, whatever it says."""

_LINE: Final = 12
"""Words of a line about the letter: a date, a name, an address."""

_LONG_FOOT: Final = 80
"""Words of one paragraph of a foot: why the mail was sent, and how to have no more."""

_BEHIND_FOOT: Final = 150
"""Words that may stand behind the first line of a foot."""

_HEAD_LINE: Final = re.compile(r"\s{0,3}[*_]{0,2}[^\W\d_][\w\s-]{0,20}[*_]{0,2}\s?[:：]\s")
_MOST_HEAD_LINES: Final = 10
_DAYS_OLD: Final = 400
"""Of a story in a mail: an earlier day is one that it tells of."""


@dataclass(frozen=True, slots=True)
class MailArticle:
    """An article of a mail: ``name`` tells it from the mail's others, and is empty for the mail."""

    name: str
    page: bytes
    hints: Hints


def articles_of(letter: Letter) -> list[MailArticle]:
    """Return a mail's articles: its stories, then what else it says; most mails are one article.

    The names of stories are made from their headings: the same whenever the mail is read.
    """
    letters = letters_of_digest(letter)
    articles = [article for inner in letters or [letter] for article in _articles_of(inner)]
    return _named(articles, is_digest=bool(letters))


def _named(articles: Sequence[MailArticle], *, is_digest: bool) -> list[MailArticle]:
    counts: Counter[str] = Counter()
    named = []
    for article in articles:
        name = ""
        if is_digest or article.name:
            name = sha256(f"{article.name}\n{article.hints.title or ''}".encode())[:12]
            counts[name] += 1
            name += f"-{counts[name]}" if counts[name] > 1 else ""
        named.append(replace(article, name=name))
    return named


def _articles_of(letter: Letter) -> list[MailArticle]:
    blocks = _blocks_of(letter)
    foot = foot_begin(blocks, letter.list_name if letter.list_name != letter.sender else "")
    stories, rest = split(blocks, foot, letter.subject, (letter.sender, letter.list_name))
    articles = [_article_of(letter, story) for story in stories]
    foot += len(rest) - len(blocks)
    if not stories or any(map(is_prose, without_head(rest[:foot], letter.sender))):
        articles.append(MailArticle("", _page_of_rest(letter, rest, foot), letter.hints))
    return articles


def _article_of(letter: Letter, story: Story) -> MailArticle:
    hints = replace(
        letter.hints,
        title=story.title,
        authors=() if story.is_signed else letter.hints.authors,
        published_at=_day_within(story.day, letter.date) or letter.date,
        section=story.section,
    )
    return MailArticle(story.title, _page(letter, fragment_of(story.blocks), hints), hints)


def _day_within(day: datetime | None, sent: datetime | None) -> datetime | None:
    """Return a story's day, unless the mail was sent on it, before it or long after it."""
    if day is None or sent is None:
        return day
    sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    return day if timedelta(days=1) <= sent - day <= timedelta(days=_DAYS_OLD) else None


def _blocks_of(letter: Letter) -> list[Block]:
    blocks = blocks_of_html(letter.html) if letter.html.strip() else []
    if not blocks:
        blocks = blocks_of_text(letter.text)
    return without_forwarding(blocks) if letter.is_forwarded else blocks


def _page_of_rest(letter: Letter, blocks: Sequence[Block], foot: int) -> bytes:
    body = without_head(without_foot(blocks, foot), letter.sender)
    return _page(letter, fragment_of(body), letter.hints, letter.archived_at)


def _page(letter: Letter, fragment: str, hints: Hints, url: str | None = None) -> bytes:
    """Make the page of an article, for cleaning; the letter's List-ID names the site."""
    page = page_of(fragment, hints, url)
    if letter.list_name:
        site = f'<meta property="og:site_name" content="{escape(letter.list_name)}">'
        page = page.replace(b"</head>", f"{site}</head>".encode("utf-8", "replace"), 1)
    return page


def without_forwarding(blocks: Sequence[Block]) -> list[Block]:
    """Leave out what a person who forwards a mail has above it, and the copied head lines."""
    for at, block in enumerate(blocks[:30]):
        if not _has("forwarded", block.text):
            continue
        end = at + 1
        while end < min(len(blocks), at + _MOST_HEAD_LINES) and (
            _HEAD_LINE.match(blocks[end].text) and blocks[end].words <= 40
        ):
            end += 1
        return list(blocks[end:])
    return list(blocks)


def without_head(blocks: Sequence[Block], sender: str = "") -> list[Block]:
    """Leave out the lines above the text: "view in browser", links, date and sender."""
    first = next((at for at, block in enumerate(blocks) if block.words > _SHORT), len(blocks))
    return [
        block
        for at, block in enumerate(blocks)
        if at > first or block.words > _LONG_FOOT or not _is_head(block, sender)
    ]


def foot_begin(blocks: Sequence[Block], list_name: str = "") -> int:
    """Find the foot: the line that says how to have no more mails, or why they come."""
    total = sum(block.words for block in blocks)
    begin = len(blocks)
    behind = 0
    for at in range(len(blocks) - 1, -1, -1):
        behind += blocks[at].words
        if behind > max(_BEHIND_FOOT, total // 2):
            break
        if _is_foot(blocks[at]):
            begin = at
        elif begin < len(blocks) and is_prose(blocks[at]):
            break
    return _with_owner(blocks, begin, list_name)


def without_foot(blocks: Sequence[Block], begin: int) -> list[Block]:
    """Leave out the foot, and the buttons and links right above it."""
    while begin and begin < len(blocks) and _is_beside_foot(blocks[begin - 1]):
        begin -= 1
    while begin == len(blocks) and begin and _is_share(blocks[begin - 1]):
        blocks = blocks[:-1]
        begin -= 1
    return list(blocks[:begin])


def fragment_of(blocks: Sequence[Block]) -> str:
    """Write blocks as HTML: items that follow one another are one list."""
    parts: list[str] = []
    in_list = False
    for block in blocks:
        if (block.tag == "li") != in_list:
            parts.append("<ul>" if block.tag == "li" else "</ul>")
            in_list = block.tag == "li"
        if block.tag == "blockquote":
            parts.append(f"<blockquote><p>{block.html}</p></blockquote>")
        else:
            parts.append(f"<{block.tag}>{block.html}</{block.tag}>")
    if in_list:
        parts.append("</ul>")
    return "\n".join(parts)


def _with_owner(blocks: Sequence[Block], begin: int, list_name: str) -> int:
    """Let a foot begin at the list's name, where only its address stands between."""
    if not list_name or begin == len(blocks):
        return begin
    for at in range(begin - 1, max(-1, begin - 6), -1):
        if blocks[at].words > _LINE:
            break
        if blocks[at].text.casefold().startswith(list_name.casefold()):
            return at
    return begin


def _is_head(block: Block, sender: str) -> bool:
    if _has("browser", block.text) or _has("head", block.text):
        return block.words <= _LONG_FOOT // 2
    if block.tag in {"h1", "h2"} or block.words > _SHORT:
        return False
    return block.is_links or _is_byline(block, sender)


def _is_byline(block: Block, sender: str) -> bool:
    """Tell a line with the day, or with no more than the sender's name."""
    if block.words > _LINE:
        return False
    match = find_date(block.text)
    remainder = block.text if match is None else block.text[: match.start] + block.text[match.end :]
    is_signed = bool(sender) and sender.casefold() in block.text.casefold()
    return (match is not None and len(remainder.split()) <= _LINE // 2) or (
        is_signed and len(remainder.split()) <= len(sender.split()) + 2
    )


def _is_foot(block: Block) -> bool:
    if block.words > _LONG_FOOT:
        return False
    if _has("foot", block.text) or re.match(r"(?:©|\(c\)|copyright) ?\d{4}", block.text, re.I):
        return True
    return (
        any("unsubscribe" in href.lower() or "optout" in href.lower() for href in block.hrefs)
        and block.words <= _SHORT
    )


def _is_beside_foot(block: Block) -> bool:
    if block.words > _SHORT:
        return False
    return block.is_links or _is_share(block) or _has("browser", block.text)


def _is_share(block: Block) -> bool:
    """Tell buttons and names of networks: nothing but these words."""
    remainder = block.text.lower()
    for phrase in sorted(_phrases()["share"], key=len, reverse=True):
        remainder = remainder.replace(phrase, " ")
    return block.words <= 12 and not re.sub(r"[\W\d]+", "", remainder)


def _has(kind: str, text: str) -> bool:
    lowered = " ".join(text[:2000].lower().replace("’", "'").split())
    return any(phrase in lowered for phrase in _phrases()[kind])


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    data = files("copydesk.tasks.sources.mail") / "data" / "phrases.tsv"
    rows = [line.split("\t") for line in data.read_text(encoding="utf-8").splitlines() if line]
    return {
        kind: tuple(phrase.replace("’", "'") for name, phrase in rows if name == kind)
        for kind in {name for name, _ in rows}
    }
