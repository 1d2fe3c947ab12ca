from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning import title as title_module
from copydesk.tasks.cleaning.site_in_title import without_site
from copydesk.tasks.cleaning.title import normal_title, repeats_title, title_key

TITLE = "Ferry timetable changes in spring: what islanders’ families should know"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (TITLE, TITLE),
        (TITLE.upper(), TITLE),
        ("“" + TITLE + "”", TITLE),
        (TITLE.replace("’", "'"), TITLE),
        (TITLE + " …", TITLE),
        (TITLE + "...", TITLE),
        (TITLE[:40] + "…", TITLE),
        (TITLE[:40] + " [...]", TITLE),
        (TITLE + " – The Harbour Post", TITLE),
        (TITLE + " | News | Harbour Post", TITLE),
        ("Harbour Post: " + TITLE, TITLE),
        ("Harbour Post » " + TITLE, TITLE),
        (TITLE, TITLE + " - Harbour Post"),
        (TITLE.replace("timetable", "timetabel"), TITLE),
        (TITLE.replace("islanders", "islandres"), TITLE),
        ("The ferry  timetable changes\tin spring", "Ferry timetable changes in spring"),
        ("Der Nachtmarkt – Talblick", "Der Nachtmarkt"),
        ("夜市が戻ってくる | 谷日報", "夜市が戻ってくる"),
        ("夜市が戻ってくる。", "夜市が戻ってくる"),
        ("السوق الليلي يعود إلى المسبك القديم – نظرة", "السوق الليلي يعود إلى المسبك القديم"),
        ("«Ночной рынок возвращается»", "Ночной рынок возвращается"),
        ("रात का बाज़ार लौट आया", "रात का बाज़ार लौट आया"),
        ("Η ΝΥΧΤΕΡΙΝΗ ΑΓΟΡΑ ΕΠΙΣΤΡΕΦΕΙ ΣΤΗΝ ΠΌΛΗ", "Η νυχτερινή αγορά επιστρέφει στην πόλη"),
        ("L'ETE DES MARCHES A L'ETRANGER", "L'été des marchés à l'étranger"),
        ("IŞIKLI GECE PAZARI İÇİN SON GÜN", "Işıklı gece pazarı için son gün"),
        ("İstanbul’da gece pazarı", "istanbul'da gece pazarı"),
        ("السوقُ اللّيليّ يعودُ", "السوق الليلي يعود"),
        ("اعادة افتتاح السوق الليلى", "إعادة افتتاح السوق الليلي"),
        ("بازار شب در كوير باز مي گردد", "بازار شب در کویر باز می‌گردد"),
        ("שׁוּק הַלַּיְלָה חוֹזֵר", "שוק הלילה חוזר"),
        ("Еще один ночной рынок зажёг огни", "Ещё один ночной рынок зажег огни"),
        ("???", "???"),
    ],
)
def test_is_a_repeat(line: str, title: str) -> None:
    assert repeats_title(line, title)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("", TITLE),
        (TITLE, ""),
        ("Ferry", TITLE),
        ("Ferry…", TITLE),
        ("Minister says he will not resign today", "Minister says he will now resign today"),
        ("Minister says he will not resign today", "Minister says he will resign today"),
        ("Storm kills 5 people in the north", "Storm kills 6 people in the north"),
        ("2 comments on “" + TITLE + "”", TITLE),
        ("Trump: I will not go.", "Trump"),
        ("Trump: the long story of a short career in the town", "Trump"),
        (TITLE + " They said so on Sunday, when the boats came back at last.", TITLE),
        ("夜市が戻ってこない", "夜市が戻ってくる"),
    ],
)
def test_is_no_repeat(line: str, title: str) -> None:
    assert not repeats_title(line, title)


@pytest.mark.parametrize(
    ("title", "sites", "expected"),
    [
        ("A day out – The Post", ["The Post"], "A day out"),
        ("A day out | Life | The Post", ["Post", "Life"], "A day out"),
        ("The Post: A day out", ["The Post"], "A day out"),
        ("A day out - BBC News", ["www.bbc.co.uk"], "A day out"),
        ("今天的天气_新浪网", ["新浪网"], "今天的天气"),
        ("The Post", ["The Post"], "The Post"),
        ("Post-war years: a day out - Post", ["Post"], "Post-war years: a day out"),
        ("A day out - in the rain", ["The Post"], "A day out - in the rain"),
        ("A day out", [], "A day out"),
        ("Posted - A day out", ["Post"], "Posted - A day out"),
    ],
)
def test_site_is_cut_and_nothing_else(title: str, sites: list[str], expected: str) -> None:
    assert without_site(title, sites) == expected


@given(st.text(max_size=80), st.text(max_size=80))
def test_total_and_reflexive(one: str, other: str) -> None:
    assert isinstance(repeats_title(one, other), bool)
    assert repeats_title(one, one) == bool(one.strip())
    assert normal_title(normal_title(one)) == normal_title(one)
    assert title_key(title_key(one)) == title_key(one)
    assert "\n" not in normal_title(one)


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=3))
def test_cutting_leaves_a_part_of_the_title(title: str, sites: list[str]) -> None:
    remaining = without_site(title, sites)
    assert remaining in normal_title(title)
    assert bool(remaining) == bool(normal_title(title))


PARTS = [
    "Title",
    "of’s",
    "a",
    " – ",
    " | ",
    ": ",
    "…",
    "...",
    " ",
    "标题",
    "The",
    "Site",
    "'",
    "ﬁ",
    "2",
]
LINES = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


@given(LINES, LINES)
def test_what_is_told_at_once_of_a_line_is_true(line, title):
    if title_module._with_site(line, title_key(title)):
        assert title_module._may_hold(line, title_key(line), title_key(title))
