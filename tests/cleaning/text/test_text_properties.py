"""What must hold of any copied text: chrome goes, the article stays, nothing is lost."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.made_pages import THEMES, Language, Page, invented, lay_out, real
from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.dedup.repeated_body import without_second_copy

SENTENCES = {
    "en": [
        "The harbour board met on Tuesday and, after four hours, agreed to keep the old crane.",
        "“Leave a reply, and I will read it aloud,” the harbour master told the crowd.",
        "Nobody had expected the vote to be so close; the mayor herself abstained.",
        "The crane was built in 1911, when coal still came by sea, and has not moved since 1974.",
        "Repairs will cost 1.2 million, of which the county has promised a third.",
        "Children climb on its lower beams, and the board would like to put up a fence.",
    ],
    "uk": [
        "Рада порту зібралася у вівторок і після чотирьох годин вирішила зберегти старий кран.",
        "«Залиште коментар, і я прочитаю його вголос», — сказав начальник порту натовпу.",
        "Ніхто не очікував, що голосування буде таким близьким; сама мерка утрималася.",
        "Кран збудували 1911 року, коли вугілля ще привозили морем, і він не рухався з 1974 року.",
    ],
    "ja": [
        "港湾委員会は火曜日に開かれ、四時間の議論の末に古いクレーンを残すことで合意した。",
        "「コメントを残してくれれば、声に出して読みます」と港長は集まった人々に語った。",
        "クレーンは石炭がまだ海から来ていた一九一一年に建てられ、七四年から動いていない。",
        "修理には一億二千万円かかり、そのうち三分の一は県が負担すると約束している。",
    ],
    "ar": [
        "اجتمع مجلس الميناء يوم الثلاثاء، وبعد أربع ساعات وافق على الاحتفاظ بالرافعة القديمة.",
        "قال مدير الميناء للحشد: «اتركوا تعليقاً وسأقرؤه بصوت عالٍ».",
        "بُنيت الرافعة عام 1911 عندما كان الفحم يأتي بحراً، ولم تتحرك منذ عام 1974.",
    ],
}
TITLES = {
    "en": "Harbour board keeps the old crane after a close vote",
    "uk": "Рада порту зберігає старий кран після напруженого голосування",
    "ja": "港湾委員会、古いクレーンの保存を僅差で決定",
    "ar": "مجلس الميناء يحتفظ بالرافعة القديمة بعد تصويت متقارب",
}
OTHERS = [
    "Ferry timetable changes in March",
    "Why the lighthouse keeps its own diary",
    "School roof: who pays for the leak?",
    "Ten walks for a wet Sunday",
]
COMMENTS = [
    "Thanks!",
    "I was there, and it was not four hours but six. The rest is right.",
    "First, the crane is from 1909.\nSecond, the fence was my idea.",
    "My grandfather worked on it for thirty years and always said that it would outlive the "
    "harbour, the harbour board and every mayor we would ever have, and look where we are.",
]

joined = st.builds(" ".join, st.lists(st.sampled_from(SENTENCES["en"]), min_size=2, max_size=5))


@st.composite
def articles(draw: st.DrawFn) -> tuple[str, list[str]]:
    language = draw(st.sampled_from(sorted(TITLES)))
    space = "" if language == "ja" else " "
    sentences = st.lists(st.sampled_from(SENTENCES[language]), min_size=2, max_size=5)
    paragraphs = draw(st.lists(sentences.map(space.join), min_size=3, max_size=8))
    return TITLES[language], without_second_copy(paragraphs)[0]


@st.composite
def languages(draw: st.DrawFn) -> Language:
    if draw(st.booleans()):
        return real(draw(st.sampled_from(["en", "de", "fr", "ru", "ja", "ar"])))
    script = draw(st.sampled_from(["latin", "cyrillic", "arabic", "thai"]))
    return invented(script, random.Random(draw(st.integers(0, 50))))


def plain(text: str) -> str:
    return " ".join(text.split())


def cleaned(text: str) -> Article:
    result = clean_text(text)
    assert isinstance(result, Article)
    return result


@settings(max_examples=150, deadline=None)
@given(
    articles(),
    languages(),
    st.sampled_from(sorted(THEMES)),
    st.sampled_from(["blank", "single", "windows"]),
    st.lists(st.sampled_from(COMMENTS), max_size=6),
    st.integers(0, 1000),
)
def test_chrome_around_an_article_is_removed(
    article: tuple[str, list[str]],
    language: Language,
    theme: str,
    layout: str,
    comments: list[str],
    seed: int,
) -> None:
    title, paragraphs = article
    page = Page(title, paragraphs, language, comments, OTHERS, random.Random(seed))
    text = lay_out(THEMES[theme](page), layout)
    result = cleaned(text)
    assert result.title == title
    assert plain(result.text) == plain(" ".join(paragraphs))
    assert_nothing_is_lost(text, result)


@settings(deadline=None)
@given(articles(), st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\n\n\n  "]))
def test_clean_text_comes_back_unchanged(article: tuple[str, list[str]], gap: str) -> None:
    title, paragraphs = article
    result = cleaned(gap.join([title, *paragraphs]))
    assert (result.title, result.text) == (title, "\n\n".join(paragraphs))
    assert result.cuts == ()
    again = cleaned(f"{result.title}\n\n{result.text}")
    assert (again.title, again.text) == (result.title, result.text)


@settings(deadline=None)
@given(st.text(max_size=600))
def test_nothing_is_lost(text: str) -> None:
    result = clean_text(text)
    if isinstance(result, Article):
        assert_nothing_is_lost(text, result)


def assert_nothing_is_lost(text: str, result: Article) -> None:
    everything = plain("\n".join([result.title, result.text, *(cut.text for cut in result.cuts)]))
    for line in re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        visible = plain(re.sub(r"[\x00-\x1f\x7f\ufeff\u200b\u200e\u200f\u2060]", " ", line))
        output = everything if visible in everything else plain(result.title + " " + everything)
        assert letters(visible) in letters(output)


def letters(text: str) -> str:
    """What counts as lost: letters and digits, as they compare."""
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize(
    "line",
    [
        TITLES["en"].upper(),
        f"“{TITLES['en']}”",
        f"{TITLES['en']} – Copper Lantern",
        f"Copper Lantern: {TITLES['en']}",
        f"{TITLES['en'][:40]}…",
        TITLES["en"].replace("board", "baord"),
    ],
)
@pytest.mark.parametrize("times", [1, 3])
def test_a_repeated_title_is_cut_however_often(line: str, times: int) -> None:
    body = [" ".join(SENTENCES["en"])] * 2
    result = cleaned("\n\n".join([TITLES["en"], *[line] * times, *body]))
    assert (result.title, result.text) == (TITLES["en"], "\n\n".join(body))
    assert {cut.rule for cut in result.cuts} == {"repeated_title"}


def test_white_space_is_all_that_changes() -> None:
    text = "Une marée\n\nIl dit\u00a0: «\u00a0Oui\u00a0»  et \t part. " + "Elle reste au port. " * 9
    result = cleaned(text)
    assert result.text.startswith("Il dit : « Oui » et part. Elle")


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    words = " ".join(SENTENCES["en"] * 2)
    lines = re.findall(r".{1,72}(?: |$)", words)
    result = cleaned(TITLES["en"] + "\n\n" + "\n".join(line.rstrip() for line in lines))
    assert result.text == words


def test_lines_of_a_list_stay_lines() -> None:
    body = " ".join(SENTENCES["en"])
    result = cleaned(f"{TITLES['en']}\n\n{body}\n\n* one crane\n* two boats\n\n{body}")
    assert result.text == f"{body}\n\n* one crane\n* two boats\n\n{body}"


def test_author_and_date_in_the_cut_lines_are_evidence() -> None:
    body = "\n\n".join([" ".join(SENTENCES["en"])] * 2)
    result = cleaned(f"{TITLES['en']}\n\nBy Marta Oyelaran\n\n12 March 2026\n\n{body}")
    assert result.text == body
    assert result.authors == ("Marta Oyelaran",)
    assert result.published_at is not None
    assert result.published_at.isoformat() == "2026-03-12T00:00:00+00:00"
    assert result.evidence["authors"] == "line: By Marta Oyelaran"


@pytest.mark.parametrize("words", [("Comments", "Reply", "Comment"), ("Velmo", "Dorga", "Rukes")])
def test_long_comments_below_a_short_article_are_cut(words: tuple[str, str, str]) -> None:
    body = "The board met on Tuesday and agreed to keep the crane."
    entries = [
        f"{name}\n\n{day} March 2026, 2:02\n\n{COMMENTS[-1]}\n\n{COMMENTS[-1]}\n\n{words[1]}"
        for name, day in (("Tom", 24), ("Ewa K.", 25))
    ]
    form = f"{words[2]} *\n\nName *"
    result = cleaned("\n\n".join([TITLES["en"], body, f"2 {words[0]}", *entries, form]))
    assert (result.title, result.text) == (TITLES["en"], body)


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b\u00ad", "\u00ad\ufeff\u00ad", " \u00ad\t"])
def test_a_line_of_invisible_characters_alone_is_blank(unseen: str) -> None:
    article = clean_text(f"The old crane\n{unseen}\nThe board met on Tuesday.\n{unseen}")
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("The old crane", "The board met on Tuesday.")
