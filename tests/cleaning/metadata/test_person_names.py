from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.metadata.person_names import (
    is_person,
    read_byline,
    read_names,
    says_by,
)

FIELDS = {
    "By Ada Bell, Ben Cole, and Cora Dahl": ["Ada Bell", "Ben Cole", "Cora Dahl"],
    "Von Birgit Baum, Anna Julia Fink und Jan Marchart": [
        "Birgit Baum",
        "Anna Julia Fink",
        "Jan Marchart",
    ],
    "Dylan Bailey, MS, RD, FAND": ["Dylan Bailey"],
    "Ellen Lind, VMD, DACVB; Gary Land, DVM (Behavior)": ["Ellen Lind", "Gary Land"],
    "John Roe, Jr.": ["John Roe Jr."],
    "Roe, Jane": ["Jane Roe"],
    "Roe, Jane T.": ["Jane T. Roe"],
    "Mike Hall, Shipping Expert": ["Mike Hall"],
    "Ben Cole, Senior Director, Content & Marketing, Acme": ["Ben Cole"],
    "By: Flow Guard on 04-08-2021 5:11:10": ["Flow Guard"],
    "Dr. Vera Osman - Mar 27, 2024": ["Dr. Vera Osman"],
    "Updated August 14, 2025": [],
    "jane@example.com on December 18, 2025": [],
    "By JANE ROE and JOHN DOE": ["JANE ROE", "JOHN DOE"],
    "Michelle de Oliveira": ["Michelle de Oliveira"],
    "srf/hosb, kesm": ["srf/hosb", "kesm"],
    "Автор: Иван Петров": ["Иван Петров"],
    "بقلم: أحمد علي": ["أحمد علي"],
    "記者 王小明": ["王小明"],
    "김철수 기자": ["김철수"],
    "取材・文／田中太郎": ["田中太郎"],
    "By Marta dell'Acqua and Sara al-Haddad": ["Marta dell'Acqua", "Sara al-Haddad"],
    "Bruno dell’Orto": ["Bruno dell’Orto"],
    "Centers for Disease Control and Prevention": ["Centers for Disease Control and Prevention"],
    "글·사진 김민수 기자": ["김민수"],
    "글 김민수 · 사진 이영희": ["김민수"],
    "사진 이영희": [],
    "Höfundur: Jón Jónsson": ["Jón Jónsson"],
    "Müəllif: Elçin Məmmədov": ["Elçin Məmmədov"],
    "ავტორი: გიორგი ბერიძე": ["გიორგი ბერიძე"],
    "Հեղինակ՝ Արամ Պետրոսյան": ["Արամ Պետրոսյան"],
    "تحریر: احمد خان": ["احمد خان"],
    "Haber Merkezi": [],
    "admin": [],
    "Staff": [],
}


@pytest.mark.parametrize("text", FIELDS)
def test_names_of_a_field(text: str) -> None:
    assert [author.name for author in read_names(text)] == FIELDS[text]


def test_joining_words_of_a_language() -> None:
    text = "Por Juan Pérez y María López"
    assert [a.name for a in read_names(text, language="es")] == ["Juan Pérez", "María López"]


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [("sq", "Nga Arben Hoxha", "Arben Hoxha"), ("tl", "Ni Maria Santos", "Maria Santos")],
)
def test_words_before_names_of_a_language(language: str, text: str, name: str) -> None:
    assert [author.name for author in read_names(text, language=language)] == [name]


def test_the_house_is_no_author() -> None:
    names = read_names("Jane Roe, The Daily Ferry", houses=["the daily ferry"])
    assert [author.name for author in names] == ["Jane Roe"]


def test_a_desk_stands_in_when_asked() -> None:
    assert read_names("Community Editor") == ()
    assert [a.name for a in read_names("Community Editor", roles_too=True)] == ["Community Editor"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By\nJane Roe\nUpdated May 3, 2024\nShare", ["Jane Roe"]),
        ("Written by\nJane Roe\nReviewed by\nAdam Poe", ["Jane Roe"]),
        ("Jane Roe\nFormer Acme Consultant", ["Jane Roe"]),
        ("Jun 2\nWritten By\nPolly Barks", ["Polly Barks"]),
        ("Ada Bell\n,\nBen Cole\n, and\nCora Dahl", ["Ada Bell", "Ben Cole", "Cora Dahl"]),
        ("Edited by\nAdam Poe", []),
    ],
)
def test_names_of_an_element(text: str, names: list[str]) -> None:
    assert [author.name for author in read_byline(text)] == names


@pytest.mark.parametrize(
    "text",
    ["By Jane Roe", "ByJane Roe", "Von Jan Rost", "Written by", "Oleh: Budi", "作者：王小明"],
)
def test_words_before_names(text: str) -> None:
    assert says_by(text)


@pytest.mark.parametrize("text", ["Bypass the valve", "Vondel Park", "Texture", "Autorenlesung"])
def test_words_that_only_begin_like_them(text: str) -> None:
    assert not says_by(text)


@pytest.mark.parametrize(
    "name", ["Ferry Team", "The Guardian", "Acme Inc", "ferry", "Make an Impact"]
)
def test_what_is_no_person(name: str) -> None:
    assert not is_person(name)


@given(st.text(max_size=300))
def test_any_text_gives_clean_names(text: str) -> None:
    for author in (*read_names(text), *read_byline(text, language="es")):
        assert author.name == author.name.strip()
        assert "\n" not in author.name
        assert author.name


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("de", "Von unserer Korrespondentin Ada Kühn, Hafenstadt", ["Ada Kühn"]),
        ("nl", "Van onze verslaggever Teun Kade", ["Teun Kade"]),
        ("it", "dal nostro inviato Elio Molo", ["Elio Molo"]),
        ("fr", "De notre envoyée spéciale Inès Quai", ["Inès Quai"]),
        ("en", "By our Harbour correspondent Ada Quay", ["Ada Quay"]),
        ("en", "By Our Harbour", ["Our Harbour"]),
        ("ro", "De Ilie Cheianu", ["Ilie Cheianu"]),
        ("el", "Της Άννας Λιμένα", ["Άννας Λιμένα"]),
    ],
)
def test_whose_reporter_it_is(language: str, text: str, names: list[str]) -> None:
    assert [author.name for author in read_byline(text, language=language)] == names


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("en", "Words by Ada Quay · Photography by Ben Cove", ["Ada Quay"]),
        ("en", "Photos by Ben Cove | Words by Ada Quay", ["Ada Quay"]),
        ("en", "Reporting by Ada Quay; Editing by Cal Dunn", ["Ada Quay"]),
        ("en", "Reviewed by: Senior Editor, Ben Cove", []),
        ("de", "Von Ada Kühn (Text) und Bo Lund (Fotos)", ["Ada Kühn"]),
        ("de", "Ada Kühn, Cem Ay und Bo Lund (Foto)", ["Ada Kühn", "Cem Ay"]),
        ("fr", "Texte : Inès Quai · Photos : Luc Digue", ["Inès Quai"]),
        ("pt", "Texto de Rita Cais | Fotos de Rui Molhe", ["Rita Cais"]),
        ("ru", "Текст: Вера Причал. Фото: Олег Мол", ["Вера Причал"]),
        ("id", "Reporter: Siti Dermaga | Editor: Budi Laut", ["Siti Dermaga"]),
        ("zh", "来源：海港晚报 作者：王海", ["王海"]),
        ("zh", "来源：海港晚报　记者：王海", ["王海"]),
        ("ja", "取材・文／佐藤渚　写真／田中一郎", ["佐藤渚"]),
        ("es", "Ana Muelle / Madrid", ["Ana Muelle"]),
    ],
)
def test_who_took_the_pictures_or_edited_is_no_author(
    language: str, text: str, names: list[str]
) -> None:
    assert [author.name for author in read_byline(text, language=language)] == names
