from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.vocabulary.phrases import (
    Vocabulary,
    line_key,
    pattern_key,
    read_rows,
    shipped,
)

SMALL = Vocabulary(
    (kind, pattern_key(pattern))
    for kind, pattern in [
        ("comments", "Leave a Reply"),
        ("form", "Cancel reply"),
        ("comments", "{n} responses to {x}"),
        ("action", "{x} says:"),
        ("comments", "{x}への{n}件の返信"),
        ("share", "Share"),
        ("share", "Print"),
        ("label", "Comment"),
        ("comments", "Comment"),
    ]
)


@pytest.mark.parametrize(
    ("line", "kind", "whole"),
    [
        ("LEAVE A REPLY", "comments", True),
        ("Leave a Reply Cancel reply", "form", True),
        ("1,204 responses to “A day out”", "comments", False),
        ("Marta says:", "action", False),
        ("「夜市」への3件の返信", "comments", False),
        ("Share · Print", "share", True),
        ("Comment *", "label", True),  # of two classes the one that says less
    ],
)
def test_matches(line: str, kind: str, whole: bool) -> None:
    match = SMALL.match(line_key(line))
    assert match is not None
    assert (match.kind, match.whole) == (kind, whole)


@pytest.mark.parametrize(
    "line",
    ["", "Leave a reply, she said", "responses to the crisis", "says", "Sharing", "Printer"],
)
def test_no_match(line: str) -> None:
    assert SMALL.match(line_key(line)) is None


@pytest.mark.parametrize(
    ("line", "other_line"),
    [
        ("التَّعْلِيقَات", "التعليقات"),
        ("أحدث المقالات", "احدث المقالات"),
        ("نظر بدهید", "نظر بدهيد"),
        ("תְּגוּבוֹת", "תגובות"),
        ("Ещё новости", "Еще новости"),
        ("İLGİLİ", "ilgili"),
    ],
)
def test_a_phrase_is_one_with_points_and_without(line: str, other_line: str) -> None:
    assert line_key(line) == line_key(other_line)


def test_a_maqaf_parts_words_and_points_do_not() -> None:
    assert line_key("בֵּית־סֵפֶר") == "בית ספר"


@pytest.mark.parametrize(
    "line",
    [
        "Postado por Rui Prado às 07:15",
        "Publicada por Rui Prado à(s) 07:15",
        "Автор: Нина Котова на 07:15",
        "发帖者 陈静 时间： 上午7:15",
        "張貼者： 陳靜 於 下午7:15",
        "Gönderen Defne Kaya zaman: 07:15",
        "Αναρτήθηκε από Νίκος Ρήγας στις 7:15 π.μ.",
        "مرسلة بواسطة ليلى حداد في 7:15 ص",
        "نُشر بواسطة ليلى حداد في 7:15 م",
        "פורסם על ידי נועה גל ב- 7:15",
        "Diposting oleh Sari Putri di 07.15",
        "Objavila Maja Kos ob 07:15",
        "प्रस्तुतकर्ता मीरा राव पर 7:15 am",
        "Eingestellt von Jan Beck um 07:15",
        "Publié par Léa Morin à 07:15",
        "Bejegyezte: Kis Éva dátum: 7:15",
        "Upplagd av Siri Lund kl. 07:15",
        "投稿者 佐藤葵 時刻: 7:15",
        "작성자: 박서준 시간: 오전 7:15",
        "Người đăng: Lê Hoa vào lúc 07:15",
        "เขียนโดย มาลี ที่ 07:15",
    ],
)
def test_names_and_times_below_a_blogs_post(line: str) -> None:
    match = shipped().match(line_key(line))
    assert match is not None
    assert match.kind == "meta"


@pytest.mark.parametrize(
    "line",
    [
        "Objavila je zbirko pesmi.",
        "Zaman gönderen",
        "Der Brief wurde eingestellt von ihm",
        "Поставила чашку на стол",
        "Postitas uue pildi.",
    ],
)
def test_a_sentence_with_the_same_words_is_no_name_and_time(line: str) -> None:
    match = shipped().match(line_key(line))
    assert match is None or match.kind != "meta"


def test_a_language_can_be_left_out() -> None:
    everything, without = read_rows(), read_rows(frozenset({"de"}))
    left_out = set(everything) - set(without)
    assert ("comments", "schreibe einen kommentar") in left_out
    assert ("comments", "leave a reply") not in left_out


def test_every_shipped_phrase_is_found() -> None:
    rows = read_rows()
    phrases = shipped()
    assert len({kind for kind, _ in rows}) == 12
    for _, key in rows[::7]:
        if not key.startswith("{x}") and key.count("{x}") <= 1:
            line = key.replace("{x}", "qzx")
            assert phrases.match(line) is not None, key


@given(st.text(max_size=120))
def test_total(line: str) -> None:
    shipped().match(line_key(line))
