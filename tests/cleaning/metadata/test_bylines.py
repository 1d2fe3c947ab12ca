"""Names out of bylines: particles, surnames first, bodies with "and", places, CJK reporters."""

from __future__ import annotations

import pytest

from copydesk.tasks.cleaning.metadata.cjk_names import reporters
from copydesk.tasks.cleaning.metadata.person_names import read_byline, read_names


def names(text: str, language: str | None = "en", *, listed: bool = False) -> list[str]:
    return [author.name for author in read_names(text, language=language, listed=listed)]


@pytest.mark.parametrize(
    ("name", "language", "by"),
    [
        ("Lotte von Aurich", "de", "Von"),
        ("Hans von der Au", "de", "Text:"),
        ("Otto zu Hafen", "de", "Autor:"),
        ("Carl af Segel", "sv", "Av"),
        ("Anna av Viken", "nb", "Av"),
        ("Piero Di Costa", "it", "Di"),
        ("Piero di Costa", "it", "A cura di"),
        ("Teun van der Waal", "nl", "Door"),
        ("Jean de la Mer", "fr", "Par"),
        ("Luís da Silva", "pt", "Por"),
        ("Maria dos Santos", "pt", "Por:"),
        ("José Lima y Faro", "es", "Por"),
        ("Josep Port i Cala", "ca", "Per"),
        ("Anna Por Lima", "pt", "Por"),
        ("Nils Par Holm", "sv", "Av"),
        ("Ali bin Talib", "en", "By"),
        ("Anna von und zu Aurich", "de", "Von"),
        ("Jean-Luc d'Arc", "fr", "Par"),
        ("Anne d’Île", "fr", "Par"),
        ("Marie l'Heureux", "en", "By"),
    ],
)
def test_small_words_inside_of_a_name(name: str, language: str, by: str) -> None:
    assert names(name, language) == [name]
    assert names(f"{by} {name}", language) == [name]


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Veröffentlicht von Jan Rost", "de", "Jan Rost"),
        ("Aktualisiert von Lotte von Aurich", "de", "Lotte von Aurich"),
        ("Publicado por Ana Lima", "es", "Ana Lima"),
        ("Pubblicato da Piero Di Costa", "it", "Piero Di Costa"),
        ("Skriven av Eva Lind", "sv", "Eva Lind"),
        ("5 May 2024 by Jane Roe", "en", "Jane Roe"),
        ("All posts by Nora Low →", "en", "Nora Low"),
        ("Alle Beiträge von Jan Rost anzeigen", "de", "Jan Rost"),
        ("Ver todas las entradas de Ana Lima", "es", "Ana Lima"),
    ],
)
def test_words_before_a_name_go(text: str, language: str, name: str) -> None:
    assert names(text, language) == [name]


@pytest.mark.parametrize(
    ("text", "listed", "expected"),
    [
        ("Low, Nora M.", False, ["Nora M. Low"]),
        ("van Delft, Teun", False, ["Teun van Delft"]),
        ("Delft, Teun van", False, ["Teun van Delft"]),
        ("Low, Nora M.; van Delft, Teun", False, ["Nora M. Low", "Teun van Delft"]),
        ("O'Neill, Sean", False, ["Sean O'Neill"]),
        ("Иванов, Пётр", False, ["Пётр Иванов"]),
        ("Puerto Mayor, Gabriel", True, ["Gabriel Puerto Mayor"]),
        ("Di Costa, Piero", True, ["Piero Di Costa"]),
        ("Low, Nora Ann", True, ["Nora Ann Low"]),
        ("Jane Roe, Bob Poe", False, ["Jane Roe", "Bob Poe"]),
        ("Roe Harbour Society, Jane Poe", True, ["Roe Harbour Society", "Jane Poe"]),
    ],
)
def test_surnames_that_come_first(text: str, listed: bool, expected: list[str]) -> None:
    assert names(text, listed=listed) == expected


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("Department of Ports and Public Works", "en"),
        ("Ministry of Ferries, Forestry and Fisheries", "en"),
        ("Department for Digital, Culture, Media & Ports", "en"),
        ("Food and Ferry Administration", "en"),
        ("Bundesministerium für Häfen und Klimaschutz", "de"),
        ("Seefahrts- und Umweltamt", "de"),
        ("Küstenbund 80/Die Robben", "de"),
        ("Ministère de la Mer et des Ports", "fr"),
        ("Ministerio de Agricultura, Pesca y Puertos", "es"),
        ("Ministério da Pesca e Tecnologia", "pt"),
        ("Ministero del Mare e dei Porti", "it"),
        ("Ministerstwo Portów i Polityki Morskiej", "pl"),
        ("Министерство портов и морской защиты", "ru"),
        ("Υπουργείο Παιδείας και Λιμένων", "el"),
        ("Helse- og havnedepartementet", "nb"),
        ("Satama- ja terveysministeriö", "fi"),
        ("Liman ve Deniz İşleri Bakanlığı", "tr"),
        ("Ministerul Muncii și Porturilor", "ro"),
        ("Vereniging van Havens en Kades", "nl"),
        ("Roe & Sons", "en"),
        ("Low, Roe & Partners LLP", "en"),
        ("Bündnis für Meer und Küste", "de"),
        ("Harbour 24", "en"),
        ("Channel 7 News", "en"),
    ],
)
def test_a_body_is_named_as_a_whole(body: str, language: str) -> None:
    assert names(body, language) == [body]


def test_bodies_and_people_are_told_apart() -> None:
    assert names("Jane Roe and Bob Poe") == ["Jane Roe", "Bob Poe"]
    assert names("Press Association and Jane Roe") == ["Press Association", "Jane Roe"]
    assert names("Jane Roe and the Press Association") == ["Jane Roe", "the Press Association"]


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Von Nora Low, Hamburg", "de"),
        ("Von Nora Low, Frankfurt am Main", "de"),
        ("Par Nora Low, à Paris", "fr"),
        ("Par Nora Low à Buenos Aires", "fr"),
        ("Autor: Nora Low, Kraków", "pl"),
        ("Nora Low • London", "en"),
        ("Nora Low (Berlin)", "en"),
        ("By Nora Low in Cape Town", "en"),
        ("Av Nora Low Uppdaterad 5.3.2024", "sv"),
        ("Nora Low Published 5 March 2024", "en"),
        ("Por Nora Low Actualizado 5 marzo 2024", "es"),
        ("Par Nora Low Publié le 5 mars 2024", "fr"),
        ("Nora Low For Quayonline", "en"),
        ("Nora Low, special to The Post", "en"),
        ("Por Nora Low para El Faro", "es"),
    ],
)
def test_what_stands_behind_a_name_is_none(line: str, language: str) -> None:
    assert [a.name for a in read_byline(line, language=language)] == ["Nora Low"]


def test_places_behind_several_people() -> None:
    def shown(line: str) -> list[str]:
        return [author.name for author in read_byline(line, language="de")]

    assert shown("Von Nora Low und Bob Poe, Nairobi") == ["Nora Low", "Bob Poe"]
    assert names("Nora Low, AFP") == ["Nora Low", "AFP"]
    assert names("Nora Low, Bob Poe and Cid Roe") == ["Nora Low", "Bob Poe", "Cid Roe"]


@pytest.mark.parametrize("credit", ["Getty Images", "Cortesía", "Shutterstock", "Symbolbild"])
def test_credits_are_nobody(credit: str) -> None:
    assert names(credit) == []


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("记者李海波", "zh", ["李海波"]),
        ("李海波记者", "zh", ["李海波"]),
        ("（记者 李海波）", "zh", ["李海波"]),
        ("本报记者 李海波 王 明 北京报道", "zh", ["李海波", "王明"]),
        ("文/李海波", "zh", ["李海波"]),
        ("撰文：李海波", "zh", ["李海波"]),
        ("作者：李海波 来源：海港日报", "zh", ["李海波"]),
        ("李海波、欧阳小明", "zh", ["李海波", "欧阳小明"]),
        ("記者陳海文／台北報導", "zh", ["陳海文"]),
        ("责任编辑：李海波", "zh", []),
        ("포구일보=박해수 기자", "ko", ["박해수"]),
        ("[포구일보 박해수 기자]", "ko", ["박해수"]),
        ("박해수·이영희 기자", "ko", ["박해수", "이영희"]),
        ("박해수 정치부 선임기자", "ko", ["박해수"]),
        ("박해수기자", "ko", ["박해수"]),
        ("박해수 기자 외 1명", "ko", ["박해수"]),
        ("서울=박해수 특파원", "ko", ["박해수"]),
        ("文・田中花子", "ja", ["田中花子"]),
        ("取材・文＝田中花子", "ja", ["田中花子"]),
        ("田中花子記者", "ja", ["田中花子"]),
        ("田中 花子", "ja", ["田中 花子"]),
        ("「港新聞」編集部", "ja", ["「港新聞」編集部"]),
    ],
)
def test_roles_and_houses_beside_cjk_names(text: str, language: str, expected: list[str]) -> None:
    assert names(text, language) == expected


BODY = "港务局周一晚间开会讨论北码头旧起重机的去留，设备已停用十一年。" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("海港网北京1月12日电（记者李海）" + BODY, ("李海",)),
        ("本报讯(记者 李海波 通讯员 彭小娟)" + BODY, ("李海波", "彭小娟")),
        ("（中央社記者劉海怡台北11日電）" + BODY, ("劉海怡",)),
        ("【海港新報／記者蘇海雲／台北報導】", ("蘇海雲",)),
        ("◎ 記者林海旻/採訪報導", ("林海旻",)),
        ("2012-01-12 16:47 来源：海港日报 作者：詹海", ("詹海",)),
        (BODY + "（记者左海）", ("左海",)),
        ("南港日报讯 (记者/钟海 通讯员/王小军)" + BODY, ("钟海", "王小军")),
        # Told of, or named for a picture, or nobody at all.
        ("记者从港务局获悉，" + BODY, ()),
        (BODY + "他告诉记者王明说的事情。" + BODY, ()),
        ("本报记者 郭海亮 摄", ()),
        ("记者热线：0771-2083335", ()),
        ("（港务局供图）" + BODY, ()),
    ],
)
def test_reporters_of_a_dateline(text: str, expected: tuple[str, ...]) -> None:
    assert reporters([text], "zh") == expected


def test_a_name_in_brackets_at_a_japanese_text_s_end() -> None:
    assert reporters(
        ["港の古いクレーンは残ることになった。", "採決は延期された。（田中花子）"], "ja"
    ) == ("田中花子",)
    assert reporters(["採決は延期された。（敬称略）"], "ja") == ()
