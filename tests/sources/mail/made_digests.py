# ruff: noqa: E501  markup as senders write it
"""Mails with several whole stories, as senders put them together, and mails that only look so."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import NamedTuple

from tests.sources.mail.made import LANGUAGES, Words

FOREIGN: Mapping[str, Words] = {
    "es": Words("Ver en el navegador", "Darse de baja", "Recibes este correo porque te suscribiste.", "Todos los derechos reservados.", "", "utf-8", (
        "El ayuntamiento votó el martes a favor de conservar la vieja grúa del puerto.",
        "Nadie supo decir quién había pagado la pintura, ni por qué tenía que ser azul.",
        "Tres de las cinco panaderías abrirán una hora antes desde la primera semana de mayo.",
        "Una lectora escribe que el horario antiguo no era mejor, solo estaba mejor impreso.",
        "La biblioteca presta ahora herramientas, y al cabo de una semana solo faltaba un martillo.",
        "El domingo bajé hasta el muelle con un termo y conté once personas y un perro.",
    )),
    "ru": Words("Открыть в браузере", "Отписаться", "Вы получили это письмо, потому что подписались на рассылку.", "", "", "koi8-r", (
        "Во вторник совет решил оставить старый портовый кран там, где он стоит с 1931 года.",
        "Никто на собрании не мог сказать, кто заплатил за краску и почему она синяя.",
        "Три из пяти пекарен с первой недели мая будут открываться на час раньше.",
        "Читательница пишет, что старое расписание было не лучше, а только лучше напечатано.",
        "Библиотека теперь выдаёт и инструменты, и через неделю не хватало одного молотка.",
        "В воскресенье я дошёл до пристани с термосом и насчитал одиннадцать человек и собаку.",
    )),
}  # fmt: skip
WORDS: Mapping[str, Words] = {**LANGUAGES, **FOREIGN}
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("The crane stays", "Bakeries open earlier", "A logbook comes back", "Eleven people and a dog"),
    "de": ("Der Kran bleibt stehen", "Werkzeug aus der Bücherei", "Der Nachtmarkt kehrt zurück", "Vierhundert Einwände"),
    "fr": ("La grue reste au port", "Des outils à la bibliothèque", "Le marché de nuit revient", "Le vent d’est"),
    "ja": ("古いクレーンが残る", "図書館で工具を貸し出し", "夜市が戻ってくる", "日曜日の桟橋"),
    "es": ("La grúa se queda", "Herramientas en préstamo", "El pan, una hora antes", "Domingo en el muelle"),
    "ru": ("Кран остаётся", "Инструменты в библиотеке", "Пекарни открываются раньше", "Воскресенье на пристани"),
}  # fmt: skip
BY = {
    "en": "By Ann Lee",
    "de": "Von Ann Lee",
    "fr": "Par Ann Lee",
    "ja": "2026年6月2日",
    "es": "Por Ana Ruiz",
    "ru": "Автор: Иван Петров",
}
MORE = {
    "en": "Read more",
    "de": "Weiterlesen",
    "fr": "Lire la suite",
    "ja": "続きを読む",
    "es": "Leer más",
    "ru": "Читать далее",
}


class Told(NamedTuple):
    """A story that is put into a mail."""

    title: str
    body: tuple[str, ...]


class Mail(NamedTuple):
    """A mail's bytes, and the stories in it."""

    data: bytes
    stories: tuple[Told, ...]


Markup = Callable[[list[Told], str, Words], str]


def wrapped(inner: str, words: Words, head: str = "") -> str:
    return f"""<html><body><div style="display:none;max-height:0">preview</div><table width="100%"><tr><td align="center"><p style="font-size:11px"><a href="https://l.example/v">{words.view}</a></p>{head}{inner}<table><tr><td style="font-size:11px"><p>{words.reason}</p><p><a href="https://l.example/unsubscribe">{words.leave}</a></p></td></tr></table></td></tr></table></body></html>"""


def body_of(story: Told, style: str = "") -> str:
    return "".join(f'<p style="{style}">{text}</p>' for text in story.body)


def blog_posts(stories: list[Told], language: str, words: Words) -> str:
    """Posts of a blog: linked headings, an author and a button to comment below."""
    parts = [
        f'<div class="post"><h2 class="post-title"><a href="https://blog.example/{n}/">{story.title}</a></h2><span>{BY[language]}</span>{body_of(story)}<p><a href="https://blog.example/{n}/#respond">Comment</a> <a href="https://blog.example/{n}/">Permalink</a></p></div>'
        for n, story in enumerate(stories)
    ]
    return wrapped("".join(parts), words, "<h1>Harbour Blog</h1>")


def feed_rows(stories: list[Told], language: str, words: Words) -> str:
    """Entries of a feed, a row each, with the day in a row below the heading."""
    rows = "".join(
        f'<tr><td style="font-size:20px"><a href="https://click.example/r/{n}">{story.title}</a></td></tr><tr><td style="font-size:12px">2026-06-0{n + 1}</td></tr><tr><td style="font-size:14px">{"<br><br>".join(story.body)}</td></tr>'
        for n, story in enumerate(stories)
    )
    return wrapped(f"<table>{rows}</table>", words)


def blocks(stories: list[Told], language: str, words: Words) -> str:
    """A box for each story, and nothing else that parts them."""
    parts = "".join(
        f'<table class="mcnTextBlock" width="100%"><tbody><tr><td class="mcnTextContent"><h3>{story.title}</h3>{body_of(story)}</td></tr></tbody></table>'
        for story in stories
    )
    return wrapped(parts, words, '<table><tr><td><img src="l.png" alt=""></td></tr></table>')


def word_processor(stories: list[Told], language: str, words: Words) -> str:
    """Paragraphs all the way, headings in bold and larger, a line between stories."""
    parts = '<div style="border:none;border-bottom:solid windowtext 1.0pt"><p class=MsoNormal>&nbsp;</p></div>'.join(
        f'<p class=MsoNormal><b><span style="font-size:18.0pt">{story.title}<o:p></o:p></span></b></p>'
        + "".join(
            f'<p class=MsoNormal><span style="font-size:11.0pt">{text}<o:p></o:p></span></p>'
            for text in story.body
        )
        for story in stories
    )
    return wrapped(f"<div class=WordSection1>{parts}</div>", words)


def rows_and_rules(stories: list[Told], language: str, words: Words) -> str:
    """A row for each paragraph, a rule between stories, a link to the web below each."""
    rows = '<tr><td style="border-top:1px solid #ccc"></td></tr>'.join(
        f'<tr><td style="padding:0 28px"><h2>{story.title}</h2></td></tr>'
        + "".join(f'<tr><td style="padding:0 28px"><p>{text}</p></td></tr>' for text in story.body)
        + f'<tr><td><a href="https://link.example/{n}">On the web</a></td></tr>'
        for n, story in enumerate(stories)
    )
    return wrapped(f'<table role="none">{rows}</table>', words)


def newspaper(stories: list[Told], language: str, words: Words) -> str:
    """A section's name above each heading, a byline below it; subheadings in the stories."""
    parts = "".join(
        f'<tr><td class="kicker" style="font-size:11px">{section}</td></tr><tr><td class="headline" style="font-size:24px;font-weight:bold">{story.title}</td></tr><tr><td class="byline">{BY[language]}</td></tr><tr><td class="text">{body_of(story)}</td></tr>'
        for section, story in zip(("News", "Culture", "Sport", "Food"), stories, strict=False)
    )
    return wrapped(f"<table>{parts}</table>", words, "<p>Wednesday</p>")


MARKUPS: tuple[Markup, ...] = (blog_posts, feed_rows, blocks, word_processor, rows_and_rules, newspaper)  # fmt: skip


def told(language: str, rng: random.Random, count: int, paragraphs: int = 4) -> list[Told]:
    joined = "" if language == "ja" else " "
    sentences = WORDS[language].sentences
    return [
        Told(
            title,
            tuple(
                joined.join(rng.sample(sentences, 3 if language == "ja" else 2))
                for _ in range(paragraphs)
            ),
        )
        for title in HEADINGS[language][:count]
    ]


def mail_of(html: str, text: str, subject: str, charset: str = "utf-8", number: int = 0) -> bytes:
    mail = MIMEMultipart("alternative")
    mail["Subject"] = Header(subject, charset)
    mail["From"] = "Harbour Letter <letter@letter.example>"
    mail["Date"] = "Wed, 03 Jun 2026 07:30:00 +0000"
    mail["Message-ID"] = f"<{number}.digest@mail.example>"
    mail["List-ID"] = '"Harbour Letter" <harbour.letter.example>'
    if text:
        mail.attach(MIMEText(text, "plain", "utf-8"))
    if html:
        encoded = html.encode(charset, "xmlcharrefreplace").decode(charset)
        mail.attach(MIMEText(encoded, "html", charset))
    return mail.as_bytes()


def digest(markup: Markup, language: str, number: int = 0, count: int = 3) -> Mail:
    """A mail of whole stories."""
    stories = told(language, random.Random(number), count)
    words = WORDS[language]
    html = markup(stories, language, words)
    subject = f"Harbour Letter {number + 12}"
    return Mail(mail_of(html, "", subject, words.charset, number), tuple(stories))


def text_digest(language: str, style: str) -> Mail:
    """A plain text with stories: headings underlined, or between lines."""
    stories = told(language, random.Random(5), 3)
    parts = []
    for story in stories:
        bodies = "\n\n".join(story.body)
        if style == "underlined":
            parts.append(
                f"{story.title}\n{'=' * len(story.title)}\n\n{bodies}\n\nhttps://l.example/{len(parts)}"
            )
        else:
            parts.append(f"{'-' * 60}\n\n{story.title}\n\n{bodies}")
    words = WORDS[language]
    text = f"Harbour Letter\n\n{chr(10).join(p + chr(10) for p in parts)}\n\n{words.reason}\n{words.leave}: https://l.example/unsubscribe\n"
    return Mail(mail_of("", text, "Harbour Letter 7"), tuple(stories))
