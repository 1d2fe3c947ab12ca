# ruff: noqa: E501  mails and texts
"""Mails with several whole stories give an article each; an essay, a list of teasers one."""

from __future__ import annotations

import mailbox
import random
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from copydesk.schemas.article import Article
from copydesk.schemas.items import Item, RawDocument
from copydesk.tasks.cleaning import clean
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.mail.letter import read_letter
from copydesk.tasks.sources.mail.newsletter import MailArticle, articles_of
from tests.sources.mail.made import LANGUAGES, newsletter
from tests.sources.mail.made_digests import (
    MARKUPS,
    MORE,
    WORDS,
    Told,
    body_of,
    digest,
    mail_of,
    text_digest,
    told,
    wrapped,
)


def articles_in(data: bytes) -> list[MailArticle]:
    return articles_of(read_letter(data))


def articles(data: bytes) -> list[Article]:
    found = [clean(a.page, media_type="text/html", hints=a.hints) for a in articles_in(data)]
    assert all(isinstance(article, Article) for article in found), found
    return found


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("markup", MARKUPS, ids=lambda markup: markup.__name__)
def test_whole_stories_are_articles(markup, language):
    mail = digest(markup, language, number=len(language))
    found = articles(mail.data)
    assert [a.title for a in found] == [story.title for story in mail.stories]
    for article, story in zip(found, mail.stories, strict=True):
        assert article.text == "\n\n".join(story.body)
        assert article.site == "Harbour Letter"


@pytest.mark.parametrize("style", ["underlined", "ruled"])
@pytest.mark.parametrize("language", WORDS)
def test_whole_stories_of_a_plain_text(language, style):
    mail = text_digest(language, style)
    found = articles(mail.data)
    assert [(a.title, a.text) for a in found] == [
        (s.title, "\n\n".join(s.body)) for s in mail.stories
    ]


def test_what_stands_around_the_stories_is_an_article_of_the_mail():
    mail = digest(MARKUPS[0], "en")
    words = WORDS["en"].sentences
    html = "<p>Good morning. " + words[3] + "</p>"
    page = message_from_bytes(mail.data).get_payload(0).get_payload(decode=True).decode()
    page = page.replace("<h1>Harbour Blog</h1>", "<h1>Harbour Blog</h1>" + html)
    found = articles_in(mail_of(page, "", "Harbour Letter 12"))
    assert [a.hints.title for a in found] == [*(s.title for s in mail.stories), "Harbour Letter 12"]
    assert found[-1].name == ""
    assert b"Good morning." in found[-1].page
    assert len({a.name for a in found}) == 4
    assert [a.name for a in found[:3]] == [a.name for a in articles_in(mail.data)]


@pytest.mark.parametrize("language", ["en", "ja", "ru"])
@pytest.mark.parametrize("markup", ["articles", "captions", "contents", "links around", "author below", "lead in the subject"])  # fmt: skip
def test_what_parts_stories(markup, language):
    stories = told(language, random.Random(2), 3)
    subject, parts = "The week in Porthaven", []
    for n, s in enumerate(stories):
        match markup:
            case "articles":
                parts.append(f"<article><h2>{s.title}</h2>{body_of(s)}</article>")
            case "captions":
                parts.append(
                    f'<table><tr><td><img src="x.jpg" alt="x"></td></tr><tr><td style="font-size:11px">Photo: Archive</td></tr><tr><td><h2>{s.title}</h2>{body_of(s)}</td></tr></table>'
                )
            case "contents":
                parts.append(f'<h2 id="s{n}">{s.title}</h2>{body_of(s)}<a href="#top">Top</a>')
            case "links around":
                parts.append(f'<a href="https://x.example/{n}"><h2>{s.title}</h2></a>{body_of(s)}')
            case "author below":
                parts.append(f"<h2>{s.title}</h2>{body_of(s)}<p><em>By Ann Lee</em></p>")
            case _:
                parts.append(
                    f"<table><tr><td><h2>{s.title}</h2></td></tr><tr><td>{body_of(s)}</td></tr></table>"
                )
                subject = stories[0].title
    if markup == "articles":
        parts.insert(0, f"<h1>{subject}</h1><p>{WORDS[language].sentences[1]}</p>")
    if markup == "contents":
        items = "".join(f'<li><a href="#s{n}">{s.title}</a></li>' for n, s in enumerate(stories))
        parts.insert(0, f"<ul>{items}</ul>")
    found = articles_in(mail_of(wrapped("".join(parts), WORDS[language]), "", subject))
    assert [a.hints.title for a in found if a.name] == [s.title for s in stories]
    for a, s in zip(found, stories, strict=False):
        assert all(text.encode() in a.page for text in s.body)


def essay(markup: str, language: str, headings: list[Told]) -> str:
    words = WORDS[language]
    intro, title = f"<p>{words.sentences[0]} {words.sentences[1]}</p>", "An essay in parts"
    match markup:
        case "post":
            inner = (
                f"<div><h1>{title}</h1>{intro}"
                + "".join(f"<h2>{s.title}</h2>{body_of(s)}" for s in headings)
                + "</div>"
            )
        case "rules":
            inner = f"<h1>{title}</h1>{intro}" + "".join(
                f"<hr><h2>{s.title}</h2>{body_of(s)}" for s in headings
            )
        case "rows":
            inner = (
                f"<table><tr><td><h1>{title}</h1></td></tr><tr><td>{intro}</td></tr>"
                + "".join(
                    f"<tr><td><h2>{s.title}</h2></td></tr><tr><td>{body_of(s)}</td></tr>"
                    for s in headings
                )
                + "</table>"
            )
        case "boxes":
            inner = f"<table><tr><td><h1>{title}</h1>{intro}</td></tr></table>" + "".join(
                f"<table><tr><td><h2>{s.title}</h2>{body_of(s)}</td></tr></table>" for s in headings
            )
        case "boxes below a title":
            inner = f"<table><tr><td><h1>{title}</h1></td></tr></table>" + "".join(
                f"<table><tr><td><h2>{s.title}</h2>{body_of(s)}</td></tr></table>" for s in headings
            )
        case "numbered":
            inner = "".join(
                f"<hr><h2>{n}. {s.title}</h2>{body_of(s)}" for n, s in enumerate(headings, 1)
            )
        case "bold":
            inner = f"<h1>{title}</h1>{intro}" + "".join(
                f"<p><b>{s.title}</b></p>{body_of(s)}" for s in headings
            )
        case "no title":
            inner = intro + "".join(f"<hr><h2>{s.title}</h2>{body_of(s)}" for s in headings)
        case _:  # things to buy, each heading a link
            inner = f"<h1>{title}</h1>{intro}" + "".join(
                f'<h2><a href="https://shop{n}.example/x">{s.title}</a></h2>{body_of(s)}'
                for n, s in enumerate(headings)
            )
    return wrapped(inner, words)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("markup", ["post", "rules", "rows", "boxes", "boxes below a title", "numbered", "bold", "no title", "list"])  # fmt: skip
def test_an_essay_in_parts_is_one_article(markup, language):
    headings = told(language, random.Random(3), 4)
    found = articles_in(mail_of(essay(markup, language, headings), "", "An essay in parts"))
    assert [a.name for a in found] == [""]
    assert all(text.encode() in found[0].page for story in headings for text in story.body)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("markup", MARKUPS, ids=lambda markup: markup.__name__)
def test_teasers_are_one_article(markup, language):
    stories = told(language, random.Random(4), 4, paragraphs=1)
    found = articles_in(mail_of(markup(stories, language, WORDS[language]), "", "Harbour Letter 8"))
    assert [a.name for a in found] == [""]


@pytest.mark.parametrize("language", WORDS)
def test_excerpts_that_lead_on_are_one_article(language):
    stories = told(language, random.Random(4), 3, paragraphs=3)
    cut = [Told(s.title, (*s.body[:-1], s.body[-1].rstrip(".。") + " […]")) for s in stories]
    more = f'<p><a href="https://b.example/{{}}">{MORE[language]}</a></p>'
    for excerpts, end in ((stories, more), (cut, "")):
        parts = "".join(
            f'<div><h2><a href="https://b.example/{n}">{s.title}</a></h2>{body_of(s)}{end.format(n)}</div>'
            for n, s in enumerate(excerpts)
        )
        found = articles_in(mail_of(wrapped(parts, WORDS[language]), "", "Letter 3"))
        assert [a.name for a in found] == [""]


def test_a_lead_story_and_teasers_are_one_article():
    lead = "".join(f"<h2>{s.title}</h2>{body_of(s)}" for s in told("en", random.Random(1), 2))
    teasers = "".join(
        f'<h3><a href="https://n.example/{n}">Story number {n}</a></h3><p>A line or two about it, and what it means.</p>'
        for n in range(5)
    )
    found = articles_in(
        mail_of(
            wrapped(
                f"<h1>The long read</h1><p>{LANGUAGES['en'].sentences[0]}</p>{lead}{teasers}",
                WORDS["en"],
            ),
            "",
            "The long read",
        )
    )
    assert [a.name for a in found] == [""]


def test_two_hundred_newsletters_are_one_article_each():
    for number in range(200):
        assert [a.name for a in articles_in(newsletter(number).data)] == [""], number


def listed(count: int) -> list[EmailMessage]:
    mails = []
    for number in range(count):
        mail = EmailMessage(policy=SMTP)
        mail["Subject"], mail["From"] = f"Berths, part {number}", f"Jo {number} <jo@mail.example>"
        mail["Date"], mail["Message-ID"] = (
            f"Wed, 0{number + 1} Jun 2026 07:00:00 +0000",
            f"<{number}@list.example>",
        )
        mail.set_content(
            "\n\n".join(" ".join(LANGUAGES["en"].sentences[n : n + 2]) for n in range(3))
        )
        mails.append(mail)
    return mails


def test_the_mails_of_a_list_in_one():
    outer = EmailMessage(policy=SMTP)
    outer["Subject"], outer["From"] = "Berths Digest, Vol 3, Issue 9", "berths@list.example"
    outer["List-ID"], outer["Message-ID"] = '"Berths" <berths.list.example>', "<d@list.example>"
    outer.set_content("Today's Topics:\n\n  1. Berths, part 0\n")
    outer.make_mixed()
    inner = EmailMessage(policy=SMTP)
    inner["Content-Type"] = "multipart/digest; boundary=xx"
    text = "".join(f"--xx\n\n{mail.as_string()}\n" for mail in listed(3)) + "--xx--\n"
    body = outer.as_bytes().decode().replace("\r\n", "\n")
    boundary = outer.get_boundary()
    data = body.replace(
        f"--{boundary}--",
        f"--{boundary}\nContent-Type: multipart/digest; boundary=xx\n\n{text}\n--{boundary}--",
    )
    found = articles_in(data.encode())
    assert [(a.hints.title, a.hints.authors) for a in found] == [
        (f"Berths, part {n}", (f"Jo {n}",)) for n in range(3)
    ]
    assert len({a.name for a in found}) == 3


def test_the_mails_of_a_list_in_one_text():
    rule = "-" * 30
    parts = [
        f"Message: {n}\nDate: {mail['Date']}\nFrom: {mail['From']}\nSubject: {mail['Subject']}\nMessage-ID: {mail['Message-ID']}\n\n{mail.get_content()}"
        for n, mail in enumerate(listed(3))
    ]
    text = (
        f"Today's Topics:\n\n  1. Berths\n\n{'-' * 70}\n\n"
        + f"\n\n{rule}\n\n".join(parts)
        + f"\n\n{rule}\n\nSubject: Digest Footer\n\nBerths mailing list\n"
    )
    found = articles_in(mail_of("", text, "Berths Digest, Vol 3, Issue 9"))
    assert [a.hints.title for a in found] == [f"Berths, part {n}" for n in range(3)]
    assert found[1].hints.published_at.day == 2


def test_every_way_in_gives_the_same_stories(tmp_path):
    mails = [digest(MARKUPS[0], "en", 1).data, newsletter(3).data]
    (tmp_path / "files").mkdir()
    box = mailbox.mbox(tmp_path / "box.mbox")
    for number, data in enumerate(mails):
        (tmp_path / "files" / f"{number}.eml").write_bytes(data)
        box.add(data)
    box.close()
    bodies = []
    for place in ("files", "box.mbox"):
        (source,) = open_sources([str(tmp_path / place)])
        items = [row for row in source.discover() if isinstance(row, Item)]
        assert len({item.locator for item in items}) == 4
        rows = list(source.acquire(items[::-1]))
        assert all(isinstance(row, RawDocument) for row in rows)
        assert [row.item for row in rows] == items[::-1]
        bodies.append(sorted(row.body for row in rows))
    assert bodies[0] == bodies[1]
