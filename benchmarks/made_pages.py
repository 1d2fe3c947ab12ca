"""Pages of our own making around an article, as one copies them: themes × languages.

Six themes put the same things in other places and shapes. The languages are six real ones
and any number of invented ones, whose words no vocabulary holds: there, structure alone must
tell the article from what surrounds it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SYLLABLES = {
    "latin": ["ba", "ke", "mi", "to", "ru", "san", "vel", "dor", "lin", "ga", "pes", "u", "nor"],
    "cyrillic": ["ба", "ке", "ми", "то", "ру", "сан", "вел", "дор", "лин", "га", "пес", "нор"],
    "arabic": ["با", "كي", "مو", "تا", "رو", "سن", "ول", "دور", "لين", "غا", "نور"],
    "han": list("曰柏枇杷榴檬菘葵藜蓼薹藿蘅樾椴楸桤楠"),
    "thai": ["บา", "เก", "มิ", "โต", "รู", "สัน", "เวล", "ดอร์", "ลิน", "กา"],
}

TABLE = Path(__file__).with_suffix(".tsv")  # one row a part of the page, one column a language
MONTHS = {
    "en": "January March May July October December",
    "de": "Januar März Mai Juli Oktober Dezember",
    "fr": "janvier mars mai juillet octobre décembre",
    "ru": "января марта мая июля октября декабря",
    "ja": "1月 3月 5月 7月 10月 12月",
    "ar": "يناير مارس مايو يوليو أكتوبر ديسمبر",
}
NAMES = {
    "latin": [
        "Marta Oyelaran",
        "jfk77",
        "Tom",
        "Ewa K.",
        "The Old Sailor",
        "N. Duval",
        "ana_banana",
    ],
    "cyrillic": ["Мария", "Степан К.", "vova1980", "Гость", "Ольга Ливнева"],
    "arabic": ["سلمى", "أبو يوسف", "guest", "نور الهدى"],
    "han": ["小林", "匿名", "tanuki", "山田太郎"],
    "thai": ["สมชาย", "guest12", "มาลี"],
}


@dataclass
class Language:
    """Words for every part of a page, names for its people, and how a date is written."""

    name: str
    script: str
    words: dict[str, str]
    months: list[str]
    space: str = " "
    filler: list[str] = field(default_factory=list)


@cache
def table() -> tuple[dict[str, str], ...]:
    """Read the words, a row a part of the page."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def real(name: str) -> Language:
    """Give one of the languages of the table."""
    script = {"ru": "cyrillic", "ja": "han", "ar": "arabic"}.get(name, "latin")
    words = {row["part"]: row[name] for row in table()}
    return Language(name, script, words, MONTHS[name].split(), "" if name == "ja" else " ")


def invented(script: str, rng: random.Random) -> Language:
    """Make up a language: every word of the page is new, sentences have the usual lengths."""
    space = "" if script in {"han", "thai"} else " "
    lengths = {"notice": 6, "required": 5, "save": 14, "leave": 3, "none": 3, "powered": 4,
               "newsletter": 4, "rights": 3, "skip": 3, "related": 2, "posts": 2,
               "comments_on": 2, "cancel": 2, "send": 2, "responses": 2}  # fmt: skip

    def word() -> str:
        return "".join(rng.choices(SYLLABLES[script], k=rng.randint(2, 4)))

    words = {
        key: space.join(word() for _ in range(lengths.get(key, 1))).capitalize()
        for key in (row["part"] for row in table())
    }
    words["notice"] += "。" if script == "han" else "" if script == "thai" else "."
    words["required"] += " *"
    words["save"] += "。" if script == "han" else "" if script == "thai" else "."
    return Language(f"invented-{script}", script, words, [word() for _ in range(6)], space)


def date(language: Language, rng: random.Random, *, time: bool = False) -> str:
    """Write a date as the language does, or in one of the numeric ways."""
    day, month, year = rng.randint(1, 28), rng.choice(language.months), rng.randint(2012, 2026)
    if language.script == "han":
        text = f"{year}年{rng.randint(1, 12)}月{day}日"
    else:
        numeric = f"{day:02}/{rng.randint(1, 12):02}/{year}"
        worded = [f"{month} {day}, {year}", f"{day} {month} {year}", f"{day}. {month} {year}"]
        text = rng.choice([*worded, numeric])
    if time:
        clock = rng.choice(
            [
                f"{rng.randint(0, 23)}:{rng.randint(10, 59)}",
                f"{rng.randint(1, 12)}:{rng.randint(10, 59)} pm",
            ]
        )
        text = (
            f"{text} {language.words['at']} {clock}" if rng.random() < 0.6 else f"{text}, {clock}"
        )
    return text


@dataclass
class Page:
    """What the themes lay out."""

    title: str
    body: Sequence[str]
    language: Language
    comments: Sequence[str]
    others: Sequence[str]  # titles of other articles
    rng: random.Random
    site: str = "Copper Lantern"

    def name(self) -> str:
        """Give some person's name."""
        return self.rng.choice(NAMES[self.language.script])

    def word(self, key: str) -> str:
        """Give the language's word for a part of the page."""
        return self.language.words[key]

    def date(self, *, time: bool = False) -> str:
        """Give some date."""
        return date(self.language, self.rng, time=time)


def form(page: Page) -> list[str]:
    """Write a comment form."""
    w = page.word
    head = w("leave") if page.rng.random() < 0.5 else f"{w('leave')} {w('cancel')}"
    lines = [head, f"{w('notice')} {w('required')}"]
    lines += [f"{w('comment')} *", f"{w('name')} *", f"{w('email')} *", w("website"), w("save")]
    return [*lines, w("send")] if page.rng.random() < 0.5 else lines


def heading(page: Page) -> list[str]:
    """Write the heading of the comments."""
    count = len(page.comments)
    if not count:
        return [page.word("none")] if page.rng.random() < 0.5 else []
    responses = page.word("responses")
    return [
        page.rng.choice(
            [f"{count} {responses} “{page.title}”", f"{count} {responses.split(' ')[0]}"]
        )
    ]


def classic(page: Page) -> list[str]:
    """A blog of 2012: menu above, byline below, numbered comments, a sidebar, a footer."""
    w = page.word
    lines = [
        page.site,
        w("skip"),
        *menu(page),
        page.title,
        f"{w('posted')} {page.date()} {w('by')} {page.name()}",
    ]
    lines += page.body
    lines += [f"{w('within')} {w('archives')}. {w('tags')}: {', '.join(names(page, 3))}"]
    lines += [f"← {page.others[0]}", f"{page.others[1]} →", *heading(page)]
    for number, comment in enumerate(page.comments, 1):
        lines += [
            f"{number}. {page.name()} {w('says')}:",
            page.date(time=True),
            *comment.split("\n"),
            w("reply"),
        ]
    return lines + form(page) + sidebar(page) + footer(page)


def block(page: Page) -> list[str]:
    """A block theme: the title first, date, author and category below, no sidebar."""
    w = page.word
    lines = [page.site, page.title, *page.body, page.date(), page.name(), w("archives")]
    lines += heading(page)
    for comment in page.comments:
        lines += [page.name(), page.date(time=True), *comment.split("\n"), w("reply")]
    return [*lines, *form(page), page.site, w("powered")]


def news(page: Page) -> list[str]:
    """A news site: crumbs, a byline and a share row above; tags, related, newsletter below."""
    w = page.word
    lines = [
        page.site,
        *menu(page),
        f"{w('home')} › {w('archives')} › {w('categories')}",
        page.title,
    ]
    lines += [
        f"{w('by')} {page.name()}",
        page.date(time=True),
        *share(page),
        *page.body,
        *share(page),
    ]
    lines += [f"{w('tags')}:", *names(page, 3), w("related"), *page.others[:3]]
    lines += [w("newsletter"), f"{w('email')}", w("send")]
    if page.comments:
        lines += heading(page)
        for comment in page.comments:
            lines += [page.name()]
            lines += [page.date(time=True), *comment.split("\n"), f"{w('reply')}", w("share")]
    return lines + footer(page)


def plain(page: Page) -> list[str]:
    """The main part alone: title twice, body, an empty comment section, latest comments."""
    below = [*heading(page), *form(page), page.word("comments_on"), page.word("none")]
    return [page.title, page.title, *page.body, *below]


def blogger(page: Page) -> list[str]:
    """Blogger: a date above the title, "Posted by", comments with the name first."""
    w = page.word
    lines = [page.site, w("search"), page.date(), page.title, *page.body]
    lines += [
        f"{w('posted')} {page.name()} {w('at')} 10:24",
        *share(page),
        f"{w('tags')}: {', '.join(names(page, 2))}",
    ]
    lines += [f"{len(page.comments)} {w('comment')}:" if page.comments else f"{w('none')}:"]
    for comment in page.comments:
        lines += [page.name(), page.date(time=True), *comment.split("\n"), w("reply")]
    return [*lines, w("send"), w("next"), w("previous"), w("home"), *sidebar(page), w("powered")]


def nested(page: Page) -> list[str]:
    """Comments with answers, author and date in one line, actions in one line."""
    w = page.word
    lines = [page.title, f"{page.date()} | {page.name()}", *page.body, *heading(page)]
    for number, comment in enumerate(page.comments):
        pad = "    " * (number % 3)
        lines += [
            f"{pad}{page.name()}, {page.date(time=True)}",
            *(pad + line for line in comment.split("\n")),
        ]
        lines += [f"{pad}{w('reply')} | {w('edit')}"]
    return [
        *lines,
        *form(page),
        f"{w('previous')}: {page.others[0]}",
        f"{w('next')}: {page.others[1]}",
    ]


def menu(page: Page) -> list[str]:
    """Write a menu of one-word items."""
    w = page.word
    return [w("menu"), w("home"), w("archives"), w("categories"), w("login"), w("search")]


def names(page: Page, count: int) -> list[str]:
    """Give words that may be tags."""
    keys = page.rng.sample(
        ["home", "archives", "website", "comment", "more", "name", "share"], count
    )
    return [page.word(key).lower() for key in keys]


def share(page: Page) -> list[str]:
    """Write a share row, one line a service."""
    return [page.word("share"), "Facebook", "X", "WhatsApp"]


def sidebar(page: Page) -> list[str]:
    """Write the usual widgets."""
    w, others = page.word, page.others
    lines = [w("search"), w("posts"), *others[:4], w("comments_on")]
    lines += [f"{page.name()} {w('on')} {title}" for title in others[:3]]
    months = [f"{page.rng.choice(page.language.months)} {year}" for year in range(2022, 2026)]
    return [*lines, w("archives"), *months, w("categories"), *names(page, 3), w("login")]


def footer(page: Page) -> list[str]:
    """Write a footer."""
    return [page.site, f"© 2026 {page.site}. {page.word('rights')}", page.word("powered")]


THEMES: dict[str, Callable[[Page], list[str]]] = {
    "classic": classic,
    "block": block,
    "news": news,
    "plain": plain,
    "blogger": blogger,
    "nested": nested,
}


def lay_out(lines: Sequence[str], layout: str) -> str:
    """Join lines as a browser (one line each), an editor (blank lines) or a terminal does."""
    if layout == "single":
        return "\n".join(lines)
    if layout == "windows":
        return "\r\n\r\n".join(f"\t{line}" for line in lines)
    return "\n\n".join(lines)
