"""Search in the published file: every script, every operator, through the macros alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish, rollback
from copydesk.warehouse.query.connect import current_file
from copydesk.warehouse.upkeep.erase import forget
from tests.warehouse.sample import Look, hour, ingest, rows

TEXTS = {
    "en": ("Ceasefire in Cairo", "Diplomats in Cairo said the cease-fire talks go on. It’s late."),
    "en2": ("White House statement", "The White House welcomed the talks about a ceasefire."),
    "en3": ("A house", "It is white, this house; a house-white paint made it so."),
    "de": ("Nachtmarkt in München", "Die Straße zum Nachtmarkt führt an Müllers Gießerei vorbei."),
    "fr": ("L’été à Orléans", "Le cœur de la ville fête l’été."),
    "pl": ("Żółw w Łodzi", "Michał pisze o żółwiach."),
    "tr": ("İstanbul", "Işık ve ISI."),
    "el": ("Ο Οδυσσέας", "Η ΟΔΥΣΣΕΙΑ του Οδυσσέα."),
    "ru": ("Ёлка в Москве", "Перемирие в Москве́: новый план и ещё один."),
    "uk": ("Київ", "Її їжак у Києві."),
    "ar": ("القاهرة تستضيف المحادثات", "وَقْفُ إطلاقِ النارِ في ٢٠٢٦ مع مـصـر."),
    "fa": ("آتش‌بس در قاهره", "گفتگوهای کتاب در تهران."),
    "he": ("שָׁלוֹם", "הפסקת אש בקהיר."),
    "zh": ("停火协议", "双方在开罗达成停火协议，iPhone手机用户收到了通知。"),
    "zh2": ("水火", "停电之后的火车不再开。"),
    "ja": ("パリの停戦", "東京とパリで停戦について話した。ラーメンも食べた。"),
    "ja2": ("バリの旅", "バリ島へ行く。"),
    "ko": ("휴전 협상", "서울에서 휴전 협상이 열렸다."),
    "th": ("ข่าวการเมือง", "การหยุดยิงในกรุงเทพฯ"),
    "hi": ("युद्धविराम", "दिल्ली में २०२६ की किताब।"),
    "vi": ("Ngừng bắn", "Thủ đô Hà Nội và Đà Nẵng."),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("search")
    lake = Lake.open(home / "lake")
    looks = [
        Look(index, number, text, title, fields={"language": index[:2], "site": f"Site {index}"})
        for number, (index, (title, text)) in enumerate(TEXTS.items())
    ]
    ingest(lake, "r1", looks)
    publish(home, lake=lake)
    return home


@pytest.fixture(scope="module")
def plain(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What an analyst has: the file, and nothing of ours."""
    with duckdb.connect(str(current_file(home)), read_only=True) as connection:
        yield connection


def found(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    sql = "SELECT locator FROM search_hits(?) JOIN articles USING (article_id)"
    return {locator for (locator,) in connection.execute(sql, [query]).fetchall()}


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("cairo", {"en"}),
        ("CAIRO talks", {"en"}),
        ("talks", {"en", "en2"}),
        ("cairo house", set()),
        ("white house", {"en2", "en3"}),
        ('"white house"', {"en2"}),
        ("“white house”", {"en2"}),
        ('"house white"', {"en3"}),
        ("house-white", {"en3"}),
        ("white -talks", {"en3"}),
        ('white -"white house"', {"en3"}),
        ("cairo OR paint", {"en", "en3"}),
        ("talks cairo OR welcomed", {"en", "en2"}),
        ("title:house", {"en2", "en3"}),
        ('title:"white house"', {"en2"}),
        ("title:talks", set()),
        ("talks site:en2", {"en2"}),
        ('talks site:"site en2"', {"en2"}),
        ("talks -site:en2", {"en"}),
        ("language:de", {"de"}),
        ("ceas*", {"en", "en2"}),
        ("*fire", {"en", "en2"}),
        ('"cease fi*"', {"en"}),
        ("it's", {"en"}),
        ("its", set()),
        ("“", set()),
        ("-", set()),
        ("", set()),
        ("-cairo", set()),
        ("nosuchword", set()),
        ("münchen", {"de"}),
        ("MUNCHEN", {"de"}),
        ("muenchen", {"de"}),
        ("mu\u0308nchen", {"de"}),
        ("strasse gießerei", {"de"}),
        ("*markt", {"de"}),
        ("muellers", {"de"}),
        ("ete orleans", {"fr"}),
        ("coeur", {"fr"}),
        ("zolw lodzi", {"pl"}),
        ("michał", {"pl"}),
        ("istanbul", {"tr"}),
        ("ışık", {"tr"}),
        ("οδυσσεας", {"el"}),
        ("οδύσσεια", {"el"}),
        ("елка москве", {"ru"}),
        ("ПЕРЕМИРИЕ ещё", {"ru"}),
        ("київ", {"uk"}),
        ("київ OR києві", {"uk"}),
        ("القاهرة", {"ar", "fa"}),
        ("قاهرة", {"ar", "fa"}),
        ("والقاهرة محادثات", {"ar"}),
        ("وقف اطلاق النار", {"ar"}),
        ('"وقف إطلاق"', {"ar"}),
        ("مصر 2026", {"ar"}),
        ("کتاب", {"fa"}),
        ("كتاب", {"fa"}),
        ("שלום", {"he"}),
        ("停火", {"zh"}),
        ("停火协议", {"zh"}),
        ("火协", {"zh"}),
        ("停火 手机", {"zh"}),
        ("iPhone手机", {"zh"}),
        ("火", {"zh", "zh2"}),
        ("停火车", set()),
        ("水", {"zh2"}),
        ("title:停火", {"zh"}),
        ("停戦", {"ja"}),
        ("パリ", {"ja"}),
        ("バリ", {"ja2"}),
        ("ラーメン", {"ja"}),
        ("서울", {"ko"}),
        ("휴전협상", set()),
        ("휴전 협상", {"ko"}),
        ("휴전", {"ko"}),
        ("หยุดยิง", {"th"}),
        ("दिल्ली 2026", {"hi"}),
        ("दल्ला", set()),
        ("ha noi da nang", {"vi"}),
    ],
)
def test_what_a_query_finds(plain: duckdb.DuckDBPyConnection, query: str, places: set[str]) -> None:
    assert found(plain, query) == places


@pytest.mark.parametrize(
    ("query", "snippet"),
    [
        ("cairo", "Diplomats in **Cairo** said the cease-fire talks go on. It’s late."),
        ('"white house"', "The **White** **House** welcomed the talks about a ceasefire."),
        ("muellers", "Die Straße zum Nachtmarkt führt an **Müllers** Gießerei vorbei."),
        ("nacht*", "Die Straße zum **Nachtmarkt** führt an Müllers Gießerei vorbei."),
        ("停火", "双方在开罗达成**停火**协议，iPhone手机用户收到了通知。"),
        ("서울", "**서울**에서 휴전 협상이 열렸다."),
        ("قاهره گفتگوهای", "**گفتگوهای** کتاب در تهران."),
    ],
)
def test_hits_are_marked(plain: duckdb.DuckDBPyConnection, query: str, snippet: str) -> None:
    output = plain.execute("SELECT snippet FROM search(?)", [query]).fetchall()
    assert (snippet,) in output


def test_a_snippet_is_the_stretch_with_most_of_the_words(plain: duckdb.DuckDBPyConnection) -> None:
    filler = "nothing of note was said here and more of it follows " * 6
    text = f"A harbour. {filler}The strike at the harbour goes on. {filler}A strike."
    (marked,) = plain.execute(
        "SELECT search_snippet(?, 'harbour strike', before := '<', after := '>')",
        [text],
    ).fetchone() or ("",)
    assert "The <strike> at the <harbour> goes on." in marked
    assert marked.startswith("… ") and marked.endswith(" …")
    assert len(marked) < 260


def test_a_title_weighs_more_and_rare_words_more(plain: duckdb.DuckDBPyConnection) -> None:
    best = "SELECT title FROM search('house', hits := 1)"
    assert plain.execute(best).fetchall() == [("A house",)]
    scores = dict(
        plain.execute(
            "SELECT 'a', max(score) FROM search_hits('welcomed')"
            " UNION ALL SELECT 'b', max(score) FROM search_hits('talks')"
        ).fetchall()
    )
    assert scores["a"] > scores["b"]


def test_days_sources_and_languages(plain: duckdb.DuckDBPyConnection) -> None:
    def count(arguments: str) -> Any:
        return plain.execute(f"SELECT count(*) FROM search('talks', {arguments})").fetchone()

    assert count("since := '2026-03-01', until := '2026-03-01'") == (2,)
    assert count("since := '2026-03-02'") == (0,)
    assert count("in_language := 'EN'") == (2,)
    assert count("in_language := 'e'") == (0,)
    assert count("in_source := 'wire'") == (2,)
    assert count("in_source := 'wir'") == (0,)
    assert count("in_site := 'SITE EN'") == (1,)
    assert count("hits := 1") == (1,)


def state(home: Path) -> list[Any]:
    return rows(home, "SELECT article_id, round(score, 9) FROM search_hits('text') ORDER BY ALL")


def test_increments_give_the_scores_of_a_rebuild(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    for number in range(4):
        looks = [
            Look(f"a{locator}", number, f"text {number} " + "of it " * locator, f"title {locator}")
            for locator in range(number, number + 5)
        ]
        ingest(lake, f"r{number}", looks)
        publish(home, lake=lake)
    grown = state(home)
    assert len(grown) == 8
    publish(home, lake=lake, rebuild=True)
    assert state(home) == grown


def test_only_the_current_text_is_found(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    others = [Look(f"{number}", 0, f"n {number}") for number in range(9)]
    ingest(lake, "r1", [Look("a", 0, "alpha words"), *others])
    publish(home, lake=lake)
    ingest(lake, "r2", [Look("a", 1, "beta words")])
    publish(home, lake=lake)
    hits = "SELECT count(*) FROM search_hits('{}')"
    assert rows(home, hits.format("alpha")) == [(0,)]
    assert rows(home, hits.format("beta")) == [(1,)]
    assert rows(home, "SELECT count(*) FROM search_index.documents") == [(10,)]
    rollback(home)
    assert rows(home, hits.format("alpha")) == [(1,)]


def test_what_the_index_lacks_of_old_articles_is_indexed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    ingest(
        lake, "r1", [Look("a", 0, "alpha words"), *(Look(f"{n}", 0, f"n {n}") for n in range(9))]
    )
    path = publish(home, lake=lake).path
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        missing_row = "SELECT article_id FROM search_hits('alpha')"
        connection.execute(
            f"DELETE FROM search_index.documents WHERE article_id IN ({missing_row})"
        )
    hits = "SELECT count(*) FROM search_hits('alpha')"
    assert rows(home, hits) == [(0,)]
    ingest(lake, "r2", [Look("b", 1, "beta words")])
    publish(home, lake=lake)
    assert rows(home, hits) == [(1,)]
    assert rows(home, "SELECT count(*) FROM search_index.documents") == [(11,)]


def test_an_index_of_the_dead_is_made_anew(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    for number in range(3):
        ingest(lake, f"r{number}", [Look("a", number, f"word{number}")])
        publish(home, lake=lake)
    assert rows(home, "SELECT count(*) FROM search_index.terms WHERE word = 'word0'") == [(0,)]
    assert rows(home, "SELECT count(*) FROM search_hits('word2')") == [(1,)]


def test_copies_are_folded_and_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "same"), Look("b", 1, "same"), Look("c", 2, "same too")])
    publish(home, lake=lake)
    first, second = Look("a").article, Look("b").article
    sql = "SELECT article_id, copies FROM search('same', copies := {}) ORDER BY rank"
    assert rows(home, sql.format("false"))[:1] == [(first, [second])]
    assert len(rows(home, sql.format("false"))) == 2
    assert len(rows(home, sql.format("true"))) == 3
    # where only the copy is asked for, it is there
    only = "SELECT article_id FROM search('same', since := '2026-03-01') WHERE article_id = '{}'"
    assert rows(home, only.format(first)) == [(first,)]


def test_what_is_forgotten_is_in_no_kept_version(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "the secretword is out"), Look("b", 0, "nothing")])
    publish(home, lake=lake)
    ingest(lake, "r2", [Look("c", 1, "more")])
    publish(home, lake=lake)
    forget(home, lake=lake, now=hour(2), article_id=Look("a").article)
    files = list((home / "serving").glob("warehouse-*.duckdb"))
    assert len(files) == 1
    assert b"secretword" not in files[0].read_bytes()
    assert rows(home, "SELECT count(*) FROM search_hits('secretword')") == [(0,)]


@settings(max_examples=20)  # each plans a large statement
@given(st.text(alphabet=st.sampled_from(' "-*:aé停ORtitle')))
def test_every_query_is_one(macros: duckdb.DuckDBPyConnection, query: str) -> None:
    macros.execute("FROM search(?)", [query]).fetchall()


@settings(max_examples=20)
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_marking_keeps_the_text(macros: duckdb.DuckDBPyConnection, text: str) -> None:
    """Every character is in one piece; a word of the text is found in it."""
    sql = (
        "SELECT search_marked($1, search_marks('zzz')),"
        r" nfc_normalize(regexp_replace(replace($1, chr(173), ''), '\s+', ' ', 'g'))"
    )
    marked, text_itself = macros.execute(sql, [text]).fetchone() or ("", "")
    assert marked == text_itself


def test_versions_are_swapped_whole(tmp_path: Path) -> None:
    """The index is in the file: a copy of the file alone can be searched."""
    home = tmp_path / "home"
    lake = Lake.open(home / "lake")
    ingest(lake, "r1", [Look("a", 0, "alone")])
    publish(home, lake=lake)
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(current_file(home), copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM search('alone')").fetchone() == (1,)
