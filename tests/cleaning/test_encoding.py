from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import clean, format_of, is_page
from copydesk.tasks.cleaning.content_type import DocumentFormat, printer_code_name
from copydesk.tasks.cleaning.encoding import decode, is_utf8, sound

RUSSIAN = "Ночной рынок возвращается в старую литейную, говорят торговцы. " * 4
JAPANESE = "夜市が古い鋳物工場に戻ってきました。八十人ほどの商人が参加します。" * 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    decoded = decode(RUSSIAN.encode(encoding), "text/plain; charset=koi8-r")
    assert decoded is not None
    assert (decoded.text, decoded.reason) == (RUSSIAN, "byte order mark")


@pytest.mark.parametrize("encoding", ["koi8-r", "windows-1251", "iso-8859-5"])
def test_the_transport_decides_where_it_fits(encoding: str) -> None:
    decoded = decode(RUSSIAN.encode(encoding), f'text/html; charset="{encoding}"')
    assert decoded is not None
    assert (decoded.text, decoded.reason) == (RUSSIAN, "transport")


def test_the_meta_element_decides_where_the_transport_is_silent() -> None:
    page = f'<html><head><meta charset="windows-1251"><title>{RUSSIAN}</title>'
    decoded = decode(page.encode("windows-1251"), "text/html")
    assert decoded is not None
    assert (decoded.text, decoded.encoding, decoded.reason) == (page, "cp1251", "meta element")


def test_latin_1_is_read_as_browsers_read_it() -> None:
    decoded = decode("„Kringel“ – 4 €".encode("cp1252"), "text/plain; charset=iso-8859-1")
    assert decoded is not None
    assert decoded.text == "„Kringel“ – 4 €"


def test_utf_8_that_is_declared_latin_1_is_utf_8() -> None:
    decoded = decode("Gießerei".encode(), "text/html; charset=ISO-8859-1")
    assert decoded is not None
    assert (decoded.text, decoded.encoding) == ("Gießerei", "utf-8")


def test_escape_sequences_are_japanese() -> None:
    decoded = decode(JAPANESE.encode("iso2022_jp"))
    assert decoded is not None
    assert (decoded.text, decoded.encoding) == (JAPANESE, "iso-2022-jp")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "windows-1251"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        ("夜市回到了旧铸造厂，约八十名商贩已经报名参加。" * 6, "gb18030"),
        ("Die Gießerei öffnet am ersten Freitag im März für alle Gäste. " * 6, "cp1252"),
    ],
)
def test_undeclared_bytes_are_guessed(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded.text == text


def test_utf_16_without_a_mark() -> None:
    decoded = decode("The ferry left at noon.".encode("utf-16-le"))
    assert decoded is not None
    assert decoded.text == "The ferry left at noon."


def test_one_broken_byte_does_not_make_utf_8_something_else() -> None:
    broken = RUSSIAN.encode() + b"\xff" + RUSSIAN.encode()
    decoded = decode(broken)
    assert decoded is not None
    assert decoded.text == RUSSIAN + "\ufffd" + RUSSIAN
    assert decoded.reason == "valid but for 1 places"


def test_unknown_and_dangerous_names_are_passed_over() -> None:
    for name in ("x-unknown", "rot13", "hex", "utf-7", "unicode_escape_", "idna"):
        decoded = decode("Gießerei".encode(), f"text/html; charset={name}")
        assert decoded is not None
        assert decoded.text == "Gießerei"


@given(st.text())
def test_utf_8_comes_back(text: str) -> None:
    decoded = decode(text.encode())
    assert decoded is not None
    if not text.startswith("\ufeff"):
        assert decoded.text == text.replace("\0", "") or decoded.encoding != "utf-8"


@given(st.binary(max_size=300), st.none() | st.text(max_size=40))
def test_any_bytes_give_sound_text_or_nothing(document: bytes, media_type: str | None) -> None:
    decoded = decode(document, media_type)
    if decoded is not None:
        decoded.text.encode("utf-8")
        assert "\0" not in decoded.text


EDGES = [
    bytes([octet])
    for octet in b"A\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xf0\xf4\xf5\xff"
]
LETTERS = [letter.encode() for letter in "é߿ࠀ퟿\ue000\uffff𐀀\U0010ffff"]


@given(st.sampled_from([0, 63, 64, 150]), st.lists(st.sampled_from([*EDGES, *LETTERS])))
@example(0, [b"\xed", b"\xa0", b"\x80"])
@example(64, [b"\xe0", b"\x80", b"\x80"])
@example(64, [b"\xf4", b"\x90", b"\x80", b"\x80"])
def test_utf_8_is_told_as_python_tells_it(before: int, parts: list[bytes]) -> None:
    document = b"x" * before + b"".join(parts)
    try:
        document.decode()
        valid = True
    except UnicodeDecodeError:
        valid = False
    assert is_utf8(document) == valid


PARTS = [
    "<!doctype html>",
    "<p>Über den Fluss",
    "\u3000",
    "# Titel\n",
    "{\\rtf1",
    "x" * 40,
    " " * 300,
    "漢" * 9000,
]


@given(
    st.lists(st.sampled_from(PARTS), max_size=4), st.sampled_from([None, "text/html", "text/plain"])
)
def test_what_is_told_from_the_beginning_is_told_from_the_whole(
    parts: list[str], media_type: str | None
) -> None:
    text = "".join(parts)
    if is_page(text.encode(), media_type):
        assert format_of(text, media_type) is DocumentFormat.HTML
        assert text.strip()
        assert printer_code_name(text) is None


def test_a_page_in_utf_8_is_cleaned_from_its_bytes_as_from_its_text() -> None:
    page = f"<meta charset=utf-8><h1>Über den Fluss 🚢</h1>{f'<p>{RUSSIAN}</p>' * 9}"
    article, other = clean(page.encode()), clean(page)
    assert isinstance(article, Article)
    assert isinstance(other, Article)
    assert article.evidence["encoding"] == "utf-8: meta element"
    assert replace(article, evidence=other.evidence) == other


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_sound_text_encodes(text: str) -> None:
    sound(text).encode("utf-8")
    assert sound(sound(text)) == sound(text)


def test_halves_of_a_pair_are_joined() -> None:
    assert sound("a\ud83d\ude00b\ud83d") == "a😀b\ufffd"


FOREIGN = [
    ("cp1251", "Совет порта собрался в понедельник вечером, чтобы решить судьбу старого крана."),
    ("koi8-r", "Совет порта собрался в понедельник вечером, чтобы решить судьбу старого крана."),
    ("cp1253", "Το συμβούλιο του λιμανιού συνεδρίασε τη Δευτέρα το βράδυ για το παλιό γερανό."),
    ("iso8859-7", "Το συμβούλιο του λιμανιού συνεδρίασε τη Δευτέρα το βράδυ για το παλιό γερανό."),
    ("cp932", "港の古いクレーンについて、港務局は月曜日の夜に会合を開き、採決を延期した。"),
    ("euc_jp", "港の古いクレーンについて、港務局は月曜日の夜に会合を開き、採決を延期した。"),
    ("gb18030", "港务局周一晚间开会讨论北码头旧起重机的去留。该设备已停用十一年，保险费用很高。"),
    ("cp949", "항만위원회는 월요일 저녁 북쪽 부두에 있는 낡은 기중기의 처리 문제를 논의했다."),
    ("cp1255", "מועצת הנמל התכנסה ביום שני בערב כדי להחליט על גורל המנוף הישן שעומד ללא שימוש."),
    ("cp874", "สภาท่าเรือประชุมเมื่อเย็นวันจันทร์เพื่อตัดสินชะตาของปั้นจั่นเก่าที่ไม่ได้ใช้งาน"),
]


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252"])
@pytest.mark.parametrize(("encoding", "text"), FOREIGN, ids=[name for name, _ in FOREIGN])
def test_other_scripts_declared_as_western(encoding: str, text: str, declared: str) -> None:
    page = f"<html><head><meta charset={declared}></head><body>{f'<p>{text}</p>' * 4}</body></html>"
    read = decode(page.encode(encoding), "text/html")
    assert read is not None
    assert text in read.text
    assert "though meta element says cp1252" in read.reason


@pytest.mark.parametrize(
    "text",
    [
        "L’été dernier, les élèves étaient très étonnés: la forêt était déjà verdâtre.",
        "Það er ýmislegt öðruvísi á Íslandi: þúsund ár og áttatíu í viðbót, sögðu þeir.",
        "Não há razão para a Comissão: ações, corações, irmãos e mães também são.",
    ],
)
def test_western_text_stays_western(text: str) -> None:
    page = (
        f"<html><head><meta charset=iso-8859-1></head><body>{f'<p>{text}</p>' * 20}</body></html>"
    )
    read = decode(page.encode("cp1252"), "text/html")
    assert read is not None
    assert (read.encoding, text in read.text) == ("cp1252", True)


def test_the_page_s_own_declaration_counts_where_the_transport_s_is_western() -> None:
    text = "Совет порта собрался в понедельник."
    page = f"<meta charset=windows-1251><title>{text}</title>".encode("cp1251")
    read = decode(page, "text/html; charset=iso-8859-1")
    assert read is not None
    assert (read.encoding, text in read.text) == ("cp1251", True)


CENTRAL = ("cp1250", "iso8859-2")
BALTIC = ("cp1257", "iso8859-13")
LATIN = {
    "pl": ("Żuraw stoi już jedenaście lat; łódź odpłynęła, śnieg leży na moście.", CENTRAL),
    "cs": ("Jeřáb už stojí jedenáct let; loď odplula, sníh leží na mostě, řekli.", CENTRAL),
    "hu": ("A daru tizenegy éve áll; a gőzhajó elúszott, a hó a tetőkön fekszik.", CENTRAL),
    "ro": ("Macaraua stă de unsprezece ani; şalupa a plecat, se ştie că iarnă va fi.", CENTRAL),
    "hr": ("Dizalica već stoji jedanaest godina; čamac je otišao, snježni most čeka.", CENTRAL),
    "lt": ("Kranas jau vienuolika metų stovi; laivas išplaukė, žmonės šį rytą grįžo.", BALTIC),
    "lv": ("Celtnis stāv jau vienpadsmit gadus; kuģis aizgāja, ļaudis šorīt atgriezās.", BALTIC),
    "tr": (
        "Vinç on bir yıldır boş duruyor; gemi ayrıldı, kış geldi, köprüde kar yağdı.",
        ("cp1254",),
    ),
}


@pytest.mark.parametrize("declared_language", ["its own", "en", None])
@pytest.mark.parametrize("language", LATIN)
def test_the_alphabet_tells_latin_letters_that_are_declared_western(
    language: str, declared_language: str | None
) -> None:
    text, encodings = LATIN[language]
    lang = language if declared_language == "its own" else declared_language
    attribute = f" lang={lang}" if lang else ""
    page = (
        f"<html{attribute}><head><meta charset=iso-8859-1><style>p {{margin: 0}}</style></head>"
        f"<body><p>{text}</p><p>Café Müller.</p><p>{text}</p></body></html>"
    )
    for encoding in encodings:
        read = decode(page.encode(encoding, "ignore"), "text/html")
        assert read is not None
        assert text in read.text, encoding
        assert "letters of the language, though meta element says cp1252" in read.reason


def test_fractions_and_names_leave_western_text_western() -> None:
    page = (
        "<html lang=fr><head><meta charset=iso-8859-1></head><body>"
        + "<p>½ citron, ¾ de tasse de crème, ¼ de gâteau: à goûter sans délai, dit-on.</p>" * 3
        + "<p>Þórður Guðmundsson, né à Ísafjörður.</p></body></html>"
    )
    read = decode(page.encode("cp1252"), "text/html")
    assert read is not None
    assert (read.encoding, read.text) == ("cp1252", page)


def test_rows_of_no_break_spaces_are_no_script() -> None:
    indent = "\u00a0" * 12
    page = f"<meta charset=iso-8859-1><p>{indent}Monday, 8 to 12.</p>" * 20
    read = decode(page.encode("cp1252"), "text/html")
    assert read is not None
    assert (read.encoding, read.text) == ("cp1252", page)


@pytest.mark.parametrize("declared", ["iso-8859-1", "utf-8", "shift_jis"])
def test_escape_sequences_decide_whatever_is_declared(declared: str) -> None:
    page = f"<html><head><meta charset={declared}></head><body>{JAPANESE}</body></html>"
    read = decode(page.encode("iso2022_jp"), "text/html")
    assert read is not None
    assert (read.text, read.encoding) == (page, "iso-2022-jp")
