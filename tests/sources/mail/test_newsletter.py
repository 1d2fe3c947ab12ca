# ruff: noqa: E501  mails and texts
"""Articles of newsletters, as ten senders write them, and what people and programs do to mails."""

from __future__ import annotations

import mailbox
from collections import Counter
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.schemas.article import Article
from copydesk.schemas.items import Item, Missing, RawDocument
from copydesk.tasks.cleaning import clean
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.mail.letter import read_letter
from copydesk.tasks.sources.mail.links import target_of
from copydesk.tasks.sources.mail.newsletter import MailArticle, articles_of
from tests.sources.mail.made import SENDERS, newsletter

BODY = [
    "The council voted on Tuesday to keep the harbour crane where it has stood since 1931, in the rain.",
    "Nobody at the meeting could say who had paid for the paint, or why it had to be blue in the end.",
    "What the ferry company wants is a pier that stays open in a north-easterly gale, all winter long.",
]


def articles_in(data: bytes) -> list[MailArticle]:
    return articles_of(read_letter(data))


def article(data: bytes) -> Article:
    (whole,) = articles_in(data)
    result = clean(whole.page, media_type="text/html", hints=whole.hints)
    assert isinstance(result, Article), result
    return result


def mail(html: str = "", text: str = "", **headers: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    heads = {"Subject": "The crane stays", "From": "Ann Lee <ann@letter.example>"} | headers
    for name, value in heads.items():
        message[name.replace("_", "-")] = value
    message.set_content(text or "See the HTML part.")
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_newsletters_of_ten_senders():
    """Body to the letter, title, sender, site and date, in four languages and their encodings."""
    right: Counter[str] = Counter()
    for number in range(40):
        made = newsletter(number)
        result = article(made.data)
        right["body"] += result.text == "\n\n".join(made.paragraphs)
        right["title"] += result.title == made.title
        right["author"] += result.authors == (made.author,)
        right["site"] += result.site == made.site
        right["date"] += result.published_at == made.date
    assert len(SENDERS) == 10
    assert min(right.values()) >= 38, right


@pytest.mark.parametrize(
    "above", ["", "Thought of you!\n\n", "Lies das mal.\n\nGruß, Jo\n\n"]
)  # fmt: skip
@pytest.mark.parametrize("marker", ["---------- Forwarded message ---------",
                                    "Anfang der weitergeleiteten Nachricht:"])  # fmt: skip
def test_a_forwarded_mail_is_the_letter_in_it(above, marker):
    heads = (
        "From: Letter <x@letter.example>\nDate: Tue, 3 Jun 2026\nSubject: The crane stays\nTo: me"
    )
    text = f"{above}{marker}\n{heads}\n\n" + "\n\n".join(BODY)
    result = article(mail(text=text, Subject="Fwd: The crane stays"))
    assert (result.title, result.text) == ("The crane stays", "\n\n".join(BODY))


def test_a_mail_that_is_attached_is_the_letter():
    outer = EmailMessage(policy=SMTP)
    outer["Subject"], outer["From"] = "Fwd: letter", "Jo <jo@mail.example>"
    outer.set_content("See below.")
    inner = EmailMessage(policy=SMTP)
    inner["Subject"], inner["From"] = "The crane stays", "Ann Lee <ann@letter.example>"
    inner.set_content("\n\n".join(BODY))
    outer.add_attachment(inner)
    result = article(outer.as_bytes())
    assert (result.title, result.text) == ("The crane stays", "\n\n".join(BODY))


def test_a_letter_of_text_alone():
    text = "View this email in your browser ( https://letter.example/v )\n\n" + "\n\n".join(BODY)
    text += "\n\nUnsubscribe: https://letter.example/u"
    assert article(mail(text=text)).text == "\n\n".join(BODY)


def test_what_a_letter_says_of_unsubscribing_stays():
    told = (
        "Two thousand people chose to unsubscribe from the city's own newsletter within a week, "
        * 2
    )
    html = "".join(f"<p>{text}</p>" for text in [BODY[0], told.strip(), *BODY[1:]])
    html += (
        '<p>Until next week,</p><p>Ann</p><p><a href="https://letter.example/u">Unsubscribe</a></p>'
    )
    text = article(mail(html)).text
    assert told.strip(", ") in text
    assert text.endswith("Until next week,\n\nAnn")


def test_links_are_resolved_where_the_address_tells():
    plain = "https://news.example/a?b=1"
    for counted in (
        "https://click.example/c?url=https%3A%2F%2Fnews.example%2Fa%3Fb%3D1",
        "https://eu.safelinks.protection.outlook.example/?url=https%3A%2F%2Fnews.example%2Fa%3Fb%3D1&data=x",
        "https://abc.awstrack.example/L0/https:%2F%2Fnews.example%2Fa%3Fb=1/1/0100/x=42",
    ):
        assert target_of(counted) == plain
    for other in (
        plain, "https://click.example/ls/abc123", "https://a.example/login?to=https://a.example/home",
        "https://web.archive.example/", "mailto:a@b.example", "https://[::1/", "javascript:alert(1)",
    ):  # fmt: skip
        assert target_of(other) == other


def test_a_mailbox_and_a_maildir_and_files_have_the_same_articles(tmp_path: Path):
    letters = [newsletter(number).data for number in range(6)]
    (tmp_path / "files").mkdir()
    for number, data in enumerate(letters):
        (tmp_path / "files" / f"{number}.eml").write_bytes(data)
    box = mailbox.mbox(tmp_path / "box.mbox")
    folder = mailbox.Maildir(tmp_path / "maildir")
    for data in [*letters, letters[0]]:
        box.add(data)
    for data in letters:
        folder.add(data)
    box.close()
    bodies = []
    for place in ("files", "box.mbox", "maildir"):
        (source,) = open_sources([str(tmp_path / place)])
        items = list(source.discover())
        assert all(isinstance(item, Item) for item in items), items
        results = list(source.acquire(items))
        assert all(isinstance(row, RawDocument) for row in results), results
        bodies.append(sorted(row.body for row in results))
    assert bodies[0] == bodies[1] == bodies[2]
    assert len(bodies[0]) == 6


def test_a_cut_mailbox_gives_the_mails_before_the_cut(tmp_path: Path):
    box = mailbox.mbox(tmp_path / "box.mbox")
    for number in range(3):
        box.add(newsletter(number).data)
    box.close()
    data = (tmp_path / "box.mbox").read_bytes()
    (tmp_path / "box.mbox").write_bytes(data[: len(data) - 2000])
    (source,) = open_sources([str(tmp_path / "box.mbox")])
    results = list(source.acquire([row for row in source.discover() if isinstance(row, Item)]))
    assert sum(isinstance(row, RawDocument) for row in results) >= 2


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
       st.sampled_from([b"", b"Subject: =?utf-8?b?", b"Content-Type: text/html; charset=rot13\n\n",
                        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"From: <", b"Date: x\n",
                        b"Content-Transfer-Encoding: base64\nContent-Type: text/html; charset=utf-16\n\n"]))  # fmt: skip
def test_no_bytes_raise(noise: bytes, head: bytes) -> None:
    found = articles_in(head + noise)
    assert found
    for part in found:
        assert part.page.startswith(b"<!doctype html>")
        assert not isinstance(part.hints, Missing)
