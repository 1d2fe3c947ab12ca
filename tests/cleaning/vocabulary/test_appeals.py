"""Sentences in which a site speaks of itself are cut wherever they stand, and others stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.vocabulary import appeals
from copydesk.tasks.cleaning.vocabulary.appeals import appeal_kind
from copydesk.tasks.cleaning.vocabulary.phrases import names_a_story
from tests.cleaning.text.test_body import PARAGRAPHS

APPEALS = {
    "Subscribe to our newsletter and never miss a ferry.": CutKind.NEWSLETTER,
    "Was this letter forwarded to you? Sign up to get it in your inbox.": CutKind.NEWSLETTER,
    "Melden Sie sich für unseren Newsletter an.": CutKind.NEWSLETTER,
    "Podoba się? Zapisz się na newsletter portowy!": CutKind.NEWSLETTER,
    "¿Te gustó? Suscríbete al boletín del puerto.": CutKind.NEWSLETTER,
    "订阅我们的港口简报。": CutKind.NEWSLETTER,
    "Please consider a donation to help us keep this site alive.": CutKind.ADVERTISEMENT,
    "Soutenez notre rédaction par un don.": CutKind.ADVERTISEMENT,
    "Stötta oss! Swisha en gåva till redaktionen.": CutKind.ADVERTISEMENT,
    "후원으로 저희 언론을 도와주세요": CutKind.ADVERTISEMENT,
    "Follow us on Instagram and Bluesky": CutKind.SHARE,
    "Śledź nas na Facebooku i YouTube.": CutKind.SHARE,
    "Подписывайтесь на нас в Telegram": CutKind.SHARE,
    "تابعونا على تويتر": CutKind.SHARE,
    "Artikel teilen": CutKind.SHARE,
    "Spotted a mistake? Let us know.": CutKind.SITE,
    "Нашли опечатку? Выделите её и нажмите Ctrl+Enter": CutKind.SITE,
    "We use cookies to remember your ferry.": CutKind.LEGAL,
    "Ce contenu est réservé aux abonnés.": CutKind.ADVERTISEMENT,
    "Станьте первым, кто оставит комментарий": CutKind.COMMENTS,
    "© 2024 Harbour Post": CutKind.LEGAL,
    "Todos los derechos reservados": CutKind.LEGAL,
    "Here is external content from YouTube. To show it, accept its terms of use.": CutKind.LEGAL,
    "An dieser Stelle steht ein externer Inhalt, den Ihnen unsere Redaktion empfiehlt. Mit einem "
    "Klick wird er angezeigt, und personenbezogene Daten werden übermittelt.": CutKind.LEGAL,
    "Cette vidéo est bloquée : pour la voir, vous devez accepter les cookies.": CutKind.LEGAL,
    "Om dit bericht te zien hebben we je toestemming nodig.": CutKind.LEGAL,
    "Tämän videon näyttäminen vaatii evästeet. Hyväksy ne.": CutKind.LEGAL,
    "Чтобы посмотреть это видео, разрешите файлы cookie.": CutKind.LEGAL,
    "この動画を見るには、クッキーを有効にしてください。": CutKind.LEGAL,
    "Empfohlener redaktioneller Inhalt": CutKind.LEGAL,
    "Externer Inhalt von YouTube": CutKind.LEGAL,
    "コンテンツを表示": CutKind.LEGAL,
    "Your browser does not support HTML5 video.": CutKind.SITE,
    "Ваш браузер не поддерживает аудио.": CutKind.SITE,
    "Diesen Artikel anhören": CutKind.SITE,
    "Écouter l’article": CutKind.SITE,
    "기사 듣기": CutKind.SITE,
    "Dauer: 2:31 Min.": CutKind.SITE,
    "Current Time 0:00": CutKind.SITE,
    "Download our app and read on the ferry.": CutKind.ADVERTISEMENT,
    "Скачайте наше приложение": CutKind.ADVERTISEMENT,
    "Join our WhatsApp channel for the tides": CutKind.SHARE,
}


@pytest.mark.parametrize("line", APPEALS)
def test_what_a_site_says_of_itself(line: str) -> None:
    assert appeal_kind(line) is APPEALS[line]


@pytest.mark.parametrize(
    "line",
    [
        "Support for the donation of the crane to our museum grew by the week.",
        "Follow the quay to the end, where a stair leads down to the ferry.",
        "Share prices of the ferry company fell on Monday, and the article said why.",
        "Subscribers of the harbour’s newsletter number four thousand.",
        "Copyright was the last thing that the sculptor of the crane thought about.",
        "© Ada Quay",
        "This video shows how residents support the plan of the harbour board.",
        "The court ruled that the site must ask for consent before it stores cookies.",
        "Mit der Zustimmung des Rates wird die Fähre verlängert, sagte die Hafenmeisterin.",
        "An dieser Stelle stand bis 1931 ein Kran, von dem es nur ein Video gibt.",
        "Die Browser unterstützen das Format nicht, weil es niemand verlangt hat.",
        "Content of the crane’s cabin",
        "Duration",
        "Video 2",
        "Download figures for our ferry doubled.",
        "We baked four kinds of cookies for the crew.",
        "Contribute to the planning of quays and contribute data.",
        "Find more ferries and agencies in the US and on Facebook.",
        "Fehler machen alle, sagte die Hafenmeisterin.",
        "支持重建的居民越来越多。",
    ],
)
def test_sentences_with_the_same_words(line: str) -> None:
    assert appeal_kind(line) is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Read also: The bridge closes for a year", True),
        ("Lesen Sie auch: Brücke gesperrt", True),
        ("관련기사: 다리 폐쇄", True),
        ("Read the report: it has twelve pages", False),
        ("Related: the two ferries belonged to one family.", False),
    ],
)
def test_lines_that_name_another_story(line: str, names: bool) -> None:
    assert names_a_story(line) is names


@pytest.mark.parametrize("line", ["Follow us on Instagram", "Read also: The bridge closes"])
@pytest.mark.parametrize("place", [1, 3])
@pytest.mark.parametrize("form", ["page", "text"])
def test_they_are_cut_between_and_below_paragraphs(line: str, place: int, form: str) -> None:
    lines = [*PARAGRAPHS[:place], line, *PARAGRAPHS[place:]]
    title = "The old crane may stay"
    if form == "page":
        paragraphs = "".join(f"<p>{text}</p>" for text in lines)
        document = f"<title>{title}</title><article><h1>{title}</h1>{paragraphs}</article>"
    else:
        document = "\n\n".join([title, *lines])
    article = clean(document)
    assert isinstance(article, Article)
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert any(line in cut.text for cut in article.cuts)


@pytest.mark.parametrize("line", ["Back to top", "Nächster Artikel", "Об авторе"])
def test_a_page_s_own_last_line(line: str) -> None:
    title = "The old crane may stay"
    paragraphs = "".join(f"<p>{text}</p>" for text in [*PARAGRAPHS, line])
    article = clean(f"<title>{title}</title><article><h1>{title}</h1>{paragraphs}</article>")
    assert isinstance(article, Article)
    assert article.text == "\n\n".join(PARAGRAPHS)
    heading = f"<h2>{line}</h2><p>{PARAGRAPHS[2]}</p>"
    above = "".join(f"<p>{text}</p>" for text in PARAGRAPHS[:2])
    article = clean(f"<title>{title}</title><article><h1>{title}</h1>{above}{heading}</article>")
    assert isinstance(article, Article)
    assert line in article.text


def test_only_texts_beyond_ascii_begin_like_appeals_in_scripts_without_spaces() -> None:
    unspaced = [beginning for beginning, _ in appeals._vocabulary().unspaced]
    assert unspaced
    assert not any(beginning.isascii() for beginning in unspaced)


@given(st.text('aé, ()[]"“”„«»\n\u3000'))
def test_the_first_two_words_are_found(sentence: str) -> None:
    words = re.findall(r"[^\s,()\[\]\"“”„«»]+", sentence)[:2]
    match = appeals._FIRST_TWO.match(sentence)
    assert [word for word in (match.groups() if match else ()) if word] == words
