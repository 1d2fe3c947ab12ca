"""What is read the short way is what the long way gives."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copydesk.tasks.cleaning import access, site_in_title, title
from copydesk.tasks.cleaning.metadata import (
    authors,
    date_lines,
    main_entity,
    other_fields,
    person_names,
    site_names,
    timestamps,
)
from copydesk.tasks.cleaning.metadata.declared_authors import NameReader
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import Evidence, Mark, TextBlock, TextBlocks
from copydesk.tasks.cleaning.metadata.placing import Placing
from copydesk.tasks.cleaning.vocabulary import bylines as byline_words

WORDS = [*"Jane Roe J. Q. De Von By Di And Staff MD Editor News The May Monday On In Jr".split()]  # noqa: SIM905
bylines = st.lists(
    st.sampled_from([*WORDS, "by", "Von:", "Photo", "Reviewed by", "Redakteurin", "\n", ",", "–"]),
    min_size=1,
    max_size=6,
).map(" ".join)


@given(bylines, st.sampled_from([None, "en", "de", "es", "it"]), st.booleans())
@example("By Jane Roe", "en", False)
@example("Jane Roe", None, True)
def test_a_simple_name(text, language, roles_too):
    houses = ("Jane Q. Roe", "May News")
    ask = person_names._read_names.__wrapped__
    short = ask(text, houses, language, roles_too)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_names, "_simple", lambda text, language: None)
        assert ask(text, houses, language, roles_too) == short


@given(
    st.one_of(
        st.datetimes().map(lambda when: f"{when.isoformat()}Z"),
        st.datetimes(timezones=st.timezones()).map(str),
        st.from_regex(timestamps._EXACT, fullmatch=True),
    )
)
@example("2025-05-03T24:00:00Z")
@example("2568-05-03T10:00:00+07:00")
@example("2025-05-03 10:00+1359")
def test_an_exact_timestamp(text):
    ask = timestamps.parse_stamp.__wrapped__
    short = ask(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timestamps, "_exact", lambda text: None)
        long = ask(text)
    assert repr(long) == repr(short)


parts = st.sampled_from(
    ["https://", "http://", "a.example", ":80", "/", "..", "?", "#", "b=1", ";", "&", "é", " ", "["]
)


@given(
    st.lists(parts, max_size=9).map("".join),
    st.sampled_from(["", "https://b.example/c/d", "http://b.example"]),
)
@example("https://a.example/b?c=1#d", "https://a.example/")
def test_a_whole_address(address, base):
    short = other_fields._address(address, base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(other_fields, "_WHOLE", timestamps._EPOCH)
        assert other_fields._address(address, base) == short


@given(
    st.lists(
        st.sampled_from(
            ["https://", "http://", "a.example", "/", "/B.c/", ";x", "?", "#", "[", "é"]
        )
        | st.text(max_size=3)
    ).map("".join)
)
@example("https://a.example/b;c/d?e\nf ")
@example("https://a.example//B/?c=[d")
@example("https://a.example?b/c")
def test_the_path_of_an_address(address):
    short = main_entity._path_of.__wrapped__(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main_entity, "_WHOLE", timestamps._EPOCH)
        assert main_entity._path_of.__wrapped__(address) == short


@given(
    st.tuples(st.text(max_size=3), st.sampled_from(["", "By ", "По", "Von ", "Upd by "])).map(
        "".join
    ),
    st.sampled_from([None, "de", "ru", "ja"]),
)
def test_the_words_before_names(text, language):
    text += "Jane"
    match = byline_words._match_by(text, language)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byline_words._Starts, "__missing__", lambda self, pair: True)
        byline_words.byline_beginnings.cache_clear()
        long = byline_words._match_by(text, language)
    byline_words.byline_beginnings.cache_clear()
    assert (match and match.group()) == (long and long.group())


NAMES = [
    "Jane Roe",
    "JANE ROE",
    "Roe, Jane",
    "Ada Poe",
    "Zoë Roe",
    "Zoe\u0308 Roe",
    "Ja\u00adne Roe",
]
bylined = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(" and ".join)
lines = st.builds("{}{}".format, st.sampled_from(["By ", "", "May 3, 2025 · By "]), bylined)


@given(bylined, st.lists(lines, max_size=3), st.lists(lines, max_size=2))
@example("Jane Roe", ["By Jane Roe and Ada Poe"], [])
@example("Jane Roe", [], ["Ada Poe and Jane Roe"])
def test_bylines_that_can_name_nobody_new(declared, head, elements):
    marks = tuple(Mark(text, "", "p", "byline", "") for text in elements)
    evidence = Evidence(meta={"author": (declared,)}, marks=marks)
    subject = Subject((), ({"author": {"name": "Ada Poe"}},), ())
    owner = Placing(TextBlocks.of([TextBlock("Crane stays", "h1", True)]), 0)
    options = {
        "head": authors.Head(head),
        "owner": owner,
        "houses": (),
        "language": "en",
    }
    short = authors.choose_authors(evidence, subject, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authors._Known, "may_grow", lambda known, text: len(text) > known.length)
        assert authors.choose_authors(evidence, subject, **options) == short


BEGINNINGS = ["By ", "by", "Von", "Von unserem Redakteur", "Photo: ", "Foto", "文/", "é"]
SEPARATORS = ["|", " · ", "•", " - ", "-", " – ", "\n", " ", "May 3, 2025", "2025年5月3日"]
lines_of_heads = st.lists(
    st.sampled_from([*BEGINNINGS, *SEPARATORS, "Jane Roe", "JAN ROST", "記者 田中花子"]), max_size=7
).map("".join)


@pytest.mark.parametrize("native", [authors.native_lines, None])
@given(st.lists(lines_of_heads, max_size=4), st.sampled_from([None, "de", "zh"]))
@example(["May 3, 2025 · 3 min | By Jane Roe", "Photo: Ada Poe\nBy: Jane Roe"], None)
@example(["3 min - Von Jan Rost", "3 min -Von Jan Rost", "1 •\tVon Jan Rost"], "de")
def test_lines_that_may_introduce_names(native, lines, language):
    reader = NameReader((), language)
    long = [source for line in lines for source in authors._introduced(line, reader)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authors, "native_lines", native)
        indexes = authors._introducing(lines, language)
    assert [source for at in indexes for source in authors._introduced(lines[at], reader)] == long


@pytest.mark.parametrize("native", [date_lines.native_lines, None])
@given(st.lists(st.text("a20 年\u0e01\u0e25é", max_size=8), max_size=4))
def test_lines_that_may_have_dates(native, lines):
    indexes = list(range(len(lines)))[::-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(date_lines, "native_lines", native)
        dated = date_lines.with_years(lines, indexes)
    assert dated == [index for index in indexes if date_lines.may_have_date(lines[index])]


@given(
    st.lists(parts | st.sampled_from(["A_b.Example", "user@", "\t", "\\"]), max_size=6).map("".join)
)
@example("https://A.example:80/b")
@example("https://a.exam\tple/b\n")
@example("http://a.example?b@c.example/")
def test_the_host_of_an_address(address):
    short = other_fields.host_of(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(other_fields, "_HOST", timestamps._EPOCH)
        assert other_fields.host_of(address) == short


def test_one_article_is_the_subject_however_it_fits():
    elsewhere = {"url": "https://a.example/other", "headline": "Something else"}
    page = {"url": "https://a.example/crane", "title": "The crane stays"}
    for kind, found in (("NewsArticle", 1), ("Recipe", 0), ("", 0)):
        node = {"@type": kind, **elsewhere} if kind else elsewhere
        assert len(main_entity.find_subject(Evidence(nodes=(node,), **page)).articles) == found
        both = Evidence(nodes=(node, {"@type": "Article", "headline": "The crane stays"}), **page)
        assert [article["headline"] for article in main_entity.find_subject(both).articles] == [
            "The crane stays"
        ]


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "bb",
                "-",
                "--",
                "|",
                "||",
                ":",
                "::",
                "_",
                "/",
                "~",
                "@",
                "<",
                ">",
                ".",
                ")",
                "?",
                "=",
                "-|",
                "\t",
            ]
        ),
        max_size=12,
    ).map(" ".join)
)
@example("Crane stays | Harbour: News")
@example("Crane-stays_ _Harbour")
def test_the_separators_of_a_title_in_ascii(text):
    for long, short, may_be in (
        (title.SPACED.finditer, site_in_title._spaced_in_ascii, site_in_title.may_be_parted),
        (site_names._SEPARATOR.finditer, site_names._separators, site_names._may_be_parted),
    ):
        separators = [match.span() for match in long(text)]
        assert [match.span() for match in short(text)] == separators
        assert may_be(text) or not separators


@given(bylines, st.lists(bylines, max_size=2))
@example("Jane Roe", ["Jane Roe is a reporter."])
@example("Jane d'Arc", ["More by Jane d'Arc"])
def test_a_name_by_the_headline(text, tail):
    reader = NameReader((), "en")
    head = authors.Head([text])
    short = list(authors._unintroduced(head, [*tail, f"{text} is a reporter"], reader))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authors, "_may_be_name", lambda text: True)
        assert list(authors._unintroduced(head, [*tail, f"{text} is a reporter"], reader)) == short


@pytest.mark.parametrize("language", sorted(access.languages()))
def test_requests_to_subscribe_by_their_parts(language):
    vocabulary = access._vocabulary(language)
    for phrase in vocabulary.gate:
        assert any(part in phrase for part in vocabulary.gate_parts)
        assert list(access._prompts(["Now.", f"… {phrase} …"], vocabulary))


@given(st.text("aB0'_- \t\x1f\x7f", max_size=12))
@example("a" * 999 + "'s")
@example("a b " * 250)
def test_the_key_of_a_title_in_ascii(text):
    words = title._APOSTROPHE.sub("", text.lower()).translate(title._WORDS)
    long = " ".join(words.split())
    assert title._key(text, title._WORDS) == long
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(title, "native_lines", None)
        assert title._key(text, title._WORDS) == long


@pytest.mark.parametrize("language", [None, "pl", "el"])
def test_all_words_before_names_in_any_case(language):
    pattern = byline_words.before_names(language)
    words = byline_words.byline_table()["by"]
    forms = [form for word in words for form in (word, word.upper())]
    for text in (f"{form}{name}" for form in forms for name in (" Jane", ": Jane")):
        match, long = byline_words._match_by(text, language), pattern.match(text)
        assert (match and match.group()) == (long and long.group())
