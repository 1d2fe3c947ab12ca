from __future__ import annotations

import pytest

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.cleaning.text.banner import banner_end, opens_as_mail
from copydesk.tasks.cleaning.text.lines import read_lines

TITLE = "The lighthouse keeps its lamp for another winter"
PARAGRAPHS = [
    "The lighthouse trust said on Friday that the lamp will burn through the winter, after the "
    "island's fishermen had asked for it in a letter with two hundred signatures.",
    "A new lamp would have cost less to run, but its light is white, and the old one has been "
    "yellow since the days of oil, so that every chart would have to be printed again.",
    "The trust will decide in spring whether the lens can be cleaned in its place, or has to be "
    "carried down the hundred and twelve steps to the harbour.",
]
BANNERS = [
    [
        "We value your privacy",
        "We use cookies to show you what you may like.",
        "Accept all",
    ],
    ["This website uses cookies to make your visit better than it would be.", "OK", "Settings"],
    [
        "Ihre Privatsphäre ist uns wichtig",
        "Mit Ihrer Einwilligung setzen wir Cookies auf dieser Website.",
        "Alles annehmen",
        "Nur notwendige",
    ],
    ["Nous utilisons des cookies pour mesurer notre audience.", "Tout refuser", "Tout accepter"],
    ["Мы используем файлы cookie, чтобы сайт работал лучше для вас.", "Принять", "Настроить"],
    ["Ta strona używa plików cookie w celu pomiaru ruchu.", "Akceptuję", "Ustawienia"],
    ["当サイトでは、利用状況の分析のためにクッキーを使用しています。", "同意する", "設定"],
]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("banner", BANNERS, ids=lambda banner: banner[-1])
def test_a_banner_at_the_top_is_cut_and_the_title_found(banner: list[str], between: str) -> None:
    text = between.join(banner) + "\n\n" + "\n\n".join([TITLE, *PARAGRAPHS])
    article = clean_text(text)
    assert isinstance(article, Article)
    assert (article.title, article.text.split("\n\n")) == (TITLE, PARAGRAPHS)
    cut_lines = [line for cut in article.cuts for line in cut.text.split("\n")]
    assert cut_lines == banner
    assert {(cut.kind, cut.rule) for cut in article.cuts} == {(CutKind.LEGAL, "consent_banner")}


@pytest.mark.parametrize(
    "lines",
    [
        ["Cookies, explained", "Cookies are small files that a website leaves on a computer."],
        ["We use cookies, and so do you: a baker's defence of butter", *PARAGRAPHS],
        ["OK", "Settings", TITLE, *PARAGRAPHS],
        ["This website uses cookies to make your visit better than it would be.", "OK"],
        [
            TITLE,
            "This site uses cookies to make your visit better.",
            "Accept",
            *PARAGRAPHS,
        ],
    ],
)
def test_what_is_no_banner_stays(lines: list[str]) -> None:
    assert banner_end(read_lines("\n\n".join(lines))) == 0


@pytest.mark.parametrize(
    "offer",
    [
        "View this email in your browser",
        "Newsletter im Browser ansehen",
        "Voir dans votre navigateur",
        "Ver en el navegador",
        "Открыть в браузере",
        "在浏览器中查看",
    ],
)
def test_the_title_of_a_mailed_newsletter_is_its_first_headline(offer: str) -> None:
    foot = ["You receive this mail because you subscribed.", "Unsubscribe", "© 2024 Quay Press"]
    text = "\n\n".join([offer, "Quay Press Weekly", TITLE, *PARAGRAPHS, *foot])
    article = clean_text(text)
    assert isinstance(article, Article)
    assert article.title == TITLE
    assert article.text.startswith(PARAGRAPHS[0])


def test_an_article_about_browsers_is_no_mail() -> None:
    assert not opens_as_mail(read_lines(f"{TITLE}\n\n{PARAGRAPHS[0]} It runs in your browser."))
