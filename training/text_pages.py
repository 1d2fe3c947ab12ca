"""Makes copied pages: real articles inside the furniture of other pages.

``transplants`` puts articles into the chrome of WordPress pages in many locales, with comments,
biographies and sign-offs of all lengths; ``made`` writes the themes of ``benchmarks.made_pages``
around them, in languages that exist and that do not. Chrome and article are of one fold.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.made_pages import THEMES, Page, invented, lay_out, real
from copydesk.tasks.cleaning.vocabulary.phrases import line_key, shipped
from training.data import fold_of

Row = Mapping[str, Any]

_ENTRY = re.compile(r"^\s*\d+\. ")
_NAMES = [
    "Marta Oyelaran",
    "jfk77",
    "Tom",
    "Ewa K.",
    "Ольга",
    "匿名",
    "N. Duval",
    "سلمى",
    "Team HN",
]
_SHORT = ["Thanks.", "No.", "+1", "👍👍", "First!", "Who pays for it?", "See https://example.org/a"]
_BANNERS = [
    ["We value your privacy", "Accept all", "Manage settings"],
    ["This site uses cookies to give you the best experience.", "Accept", "Reject", "More"],
    ["Wir brauchen Ihre Einwilligung", "Alle zulassen", "Auswahl speichern"],
    ["Diese Website verwendet Cookies, um Ihnen ein besseres Erlebnis zu bieten.", "Annehmen"],
    ["Nous respectons votre vie privée", "Tout accepter", "Continuer sans accepter"],
    ["Valoramos su privacidad", "Aceptar todo", "Configurar"],
    ["Мы используем файлы cookie, чтобы сайт работал лучше.", "Принять", "Подробнее"],
    ["Ta strona używa plików cookie", "Akceptuję", "Ustawienia"],
    ["当サイトではクッキーを使用しています。", "同意する", "設定"],
    ["Open in your browser", "Having trouble reading this message?"],
    ["You are reading the free edition.", "Subscribe", "Sign in"],
]
_SIGN_OFFS = ["xo Rosa", "— The editors", "Yours, Ana", "Until next week!", "(dpa)", "M. K."]


def plain(text: str) -> str:
    """Return the text with single spaces."""
    return " ".join(text.split())


def paragraphs(text: str) -> list[str]:
    """Return a text's lines that are not blank."""
    return [line for part in text.split("\n") if (line := plain(part))]


class Maker:
    """Makes pages from furniture and articles of one fold; a seed always gives the same pages."""

    def __init__(self, chrome: Sequence[Row], articles: Sequence[Row], seed: int) -> None:
        self.random = random.Random(seed)
        self.chrome: dict[int, list[tuple[Row, str]]] = defaultdict(list)
        for row in chrome:
            for column in ("text_main", "text_page"):
                self.chrome[fold_of(str(row["locale"]))].append((row, column))
        self.articles = articles
        self.sentences = [
            part
            for row in articles[::7]
            for part in paragraphs(row["text"])[:6]
            if 20 < len(part) < 900
        ]

    def transplant(self, article: Row, group: str) -> tuple[str, str]:
        """Return a WordPress page with the article in it, and the article's body."""
        rng = self.random
        row, column = rng.choice(self.chrome[fold_of(group)])
        body = self._body(article)
        lines = row[column].split("\n")
        row_text = plain(row["text"])
        inside = [at for at, line in enumerate(lines) if plain(line) and plain(line) in row_text]
        start = next((at for at in inside if row_text.startswith(plain(lines[at]))), -1)
        end = max((at for at in inside if row_text.endswith(plain(lines[at]))), default=-1)
        if not 0 <= start <= end:
            return "\n\n".join([article["title"], *body]), "\n\n".join(body)
        pad = " " * (len(lines[start]) - len(lines[start].lstrip()))
        below = [line.replace(row["title"], article["title"]) for line in lines[end + 1 :]]
        above = [line.replace(row["title"], article["title"]) for line in lines[:start]]
        below = self._comments(self._biography(self._without_meta(below), pad))
        laid = [part for line in body for part in (pad + line, "")]
        return self._bannered("\n".join([*above, *laid, *below])), "\n\n".join(body)

    def _body(self, article: Row) -> list[str]:
        """Return the article's paragraphs, sometimes fewer or with another beginning or end."""
        rng = self.random
        body = paragraphs(article["text"])
        words = " ".join(body).split()
        if rng.random() < 0.3:
            body = body[: rng.randint(2, 5)]
        if rng.random() < 0.08 and len(words) > 40:
            body = [self._words(words, 5, 9).capitalize(), *body]
        if rng.random() < 0.12:
            body = [*body, rng.choice(_SIGN_OFFS)]
        if rng.random() < 0.2 and len(words) > 60:
            body += self._list(words)
        return body

    def _words(self, words: Sequence[str], minimum: int, maximum: int) -> str:
        at = self.random.randrange(len(words) - maximum)
        return " ".join(words[at : at + self.random.randint(minimum, maximum)]).strip(".,;:!?")

    def _list(self, words: Sequence[str]) -> list[str]:
        """Return a list of short lines, with or without marks and a heading."""
        rng = self.random
        heading = [f"{self._words(words, 2, 4).capitalize()}:"] if rng.random() < 0.7 else []
        kind = rng.choice(["* ", "{}. ", "", "", "named", "credited"])
        items = []
        for number in range(rng.randint(2, 6)):
            text = self._words(words, 2, 5)
            if kind == "named":
                text = f"{self._words(words, 1, 2).capitalize()}: {text}"
            elif kind == "credited":
                text = f"{text.title()} {rng.choice(['by', 'von', 'de', '–'])} {rng.choice(_NAMES)}"
            else:
                text = kind.format(number + 1) + text
            items.append(text)
        return [*heading, *items]

    def _biography(self, below: list[str], pad: str) -> list[str]:
        """Insert a biography between the byline and the comments of some pages."""
        rng = self.random
        filled = [at for at, line in enumerate(below[:14]) if line.strip()]
        if rng.random() > 0.35 or len(filled) < 4:
            return below
        at = filled[rng.choice([0, 2, 3])]
        name, sentence = rng.choice(_NAMES), rng.choice(self.sentences)[:260]
        sentence = (
            f"{name} {sentence[:1].lower()}{sentence[1:]}" if rng.random() < 0.6 else sentence
        )
        return [*below[:at], pad + name, "", pad + sentence, "", *below[at:]]

    def _bannered(self, text: str) -> str:
        """Put a banner above one page in eight."""
        rng = self.random
        if rng.random() > 0.12:
            return text
        return rng.choice(["\n", "\n\n"]).join([*rng.choice(_BANNERS), text])

    def _without_meta(self, below: list[str]) -> list[str]:
        """Return some pages without the lines between body and comments: posts without a byline."""
        if self.random.random() > 0.4:
            return below
        for at, line in enumerate(below):
            match = shipped().match(line_key(line.strip())) if line.strip() else None
            if match is not None and match.kind in ("comments", "form"):
                return below[at:]
        return below

    def _comments(self, lines: list[str]) -> list[str]:
        """Replace the texts of comments by others."""
        rng = self.random
        entry = -1  # the indent of the comment's number
        for at, line in enumerate(lines):
            indent = len(line) - len(line.lstrip())
            if _ENTRY.match(line):
                entry = indent
            elif line.strip() and indent <= entry:
                entry = -1
            elif entry >= 0 and len(line.strip()) > 45 and rng.random() < 0.7:
                text = rng.choice(_SHORT) if rng.random() < 0.3 else rng.choice(self.sentences)
                lines[at] = line[:indent] + text
        return lines

    def made(self, article: Row) -> tuple[str, str]:
        """Return a made page with the article in it, and the article's body."""
        rng = self.random
        language = real(rng.choice(["en", "de", "fr", "ru", "ja", "ar"]))
        if rng.random() < 0.6:
            script = rng.choice(["latin", "cyrillic", "arabic", "han", "thai"])
            language = invented(script, rng)
        others = [plain(row["title"]) for row in rng.sample(list(self.articles), 6)]
        comments = [
            rng.choice([*_SHORT, *self.sentences[:400]])
            for _ in range(rng.choice([0, 0, 1, 2, 5, 9]))
        ]
        body = self._body(article)
        page = Page(plain(article["title"]), body, language, comments, others, rng)
        theme = THEMES[rng.choice(sorted(THEMES))]
        layout = rng.choice(["blank", "single", "windows"])
        return self._bannered(lay_out(theme(page), layout)), "\n\n".join(body)


def made_pages(
    chrome: Sequence[Row], articles: Sequence[tuple[str, Row]], seed: int = 3
) -> Iterator[tuple[str, str, Row, str, str]]:
    """Yield (source, group, article, text, body) of pages around all articles."""
    maker = Maker(chrome, [row for _, row in articles], seed)
    for number, (group, row) in enumerate(articles):
        if number % 4 != 3:
            text, body = maker.transplant(row, group)
            yield "transplant", group, row, text, body
        if number % 4 == 3 or number % 4 == 1:
            text, body = maker.made(row)
            yield "made", group, row, text, body
