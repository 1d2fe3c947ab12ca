"""The format ``.eml``, and the files of a Maildir: one mail a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.sources.files.folder import Entry
from copydesk.tasks.sources.formats.context import Reading, parts
from copydesk.tasks.sources.formats.html_wrapping import HTML
from copydesk.tasks.sources.mail.letter import Letter, read_letter
from copydesk.tasks.sources.mail.newsletter import MailArticle, articles_of
from copydesk.tasks.sources.streams.compression import read_capped


def offer(reading: Reading, entry: Entry) -> Iterator[Item | Missing]:
    """Offer the mail's articles, with what is said of them."""
    try:
        letter = _letter(reading, entry.path)
        articles = articles_of(letter)
    except Exception as error:
        item = reading.item("eml", entry.path, media_type=HTML, fingerprint=entry.fingerprint)
        yield reading.unreadable(item, error)
        return
    for article in articles:
        yield reading.item(
            "eml",
            entry.path,
            article.name,
            member=article.name or None,
            media_type=HTML,
            fingerprint=entry.fingerprint,
            url=None if article.name else letter.archived_at,
            hints=article.hints,
        )


def read(reading: Reading, path: str, items: Sequence[Item]) -> Iterator[RawDocument | Missing]:
    """Read the articles, each as a page."""
    articles: dict[str, MailArticle] = {}
    problem: Exception = EOFError("the mail has no such article")
    try:
        articles = {article.name: article for article in articles_of(_letter(reading, path))}
    except Exception as error:
        problem = error
    for item in items:
        article = articles.get((*parts(item), "")[2])
        if article is None:
            yield reading.unreadable(item, problem)
        else:
            yield RawDocument(item, article.page, item.url, reading.clock(), HTML)


def _letter(reading: Reading, path: str) -> Letter:
    with reading.open(path) as stream:
        return read_letter(read_capped(stream, reading.limits.document))
