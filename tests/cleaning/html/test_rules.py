import tomllib
from html import escape
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.html import rules
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.native import native_rules
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.parser_limits import parsed
from copydesk.tasks.cleaning.html.rules import bylines, rulings
from copydesk.tasks.cleaning.vocabulary.adverts import label_words
from copydesk.tasks.cleaning.vocabulary.appeals import (
    appeal_beginnings,
    appeal_kind,
    is_duration,
)
from copydesk.tasks.cleaning.vocabulary.phrases import STORIES, names_a_story, read_rows
from copydesk.tasks.dedup.repeated_body import may_repeat

LONG = "A paragraph that is long enough to be told from a refrain of a poem."


def ruled(html, title="The title of the day"):
    page = read(LexborHTMLParser(html))
    result = rulings(page, range(len(page)), title)
    return sorted((ruling.rule, page.text[ruling.index]) for ruling in result)


def test_the_title_is_cut_from_the_head_however_often_it_stands():
    html = f"<p>Kicker</p><h1>The title of the day</h1><h2>THE TITLE OF THE DAY</h2><p>{LONG}</p>"
    assert [rule for rule, _ in ruled(html)] == ["repeated_title"] * 2


def test_a_section_named_like_the_article_keeps_its_heading():
    html = f"<p>{LONG}</p>" * 6 + f"<h2>The title of the day</h2><p>{LONG} More.</p>"
    assert ruled(html) == []


def test_a_copy_for_other_screens_is_cut_and_the_authors_own_is_kept():
    assert ruled(f"<div><p>{LONG}</p></div><p>x</p><div><p>{LONG}</p></div>") == [
        ("stands_twice", LONG)
    ]
    assert ruled(f"<div><p>{LONG}</p><p>x</p><p>{LONG}</p></div>") == []
    assert ruled("<div><p>Refrain</p></div><div><p>Refrain</p></div>") == []


def test_phrases_of_comment_forms_are_cut_and_sentences_about_them_kept():
    html = f"<p>{LONG}</p><h3>Leave a Reply</h3><p>3 Comments</p><p>Cancel reply</p>"
    assert {rule for rule, _ in ruled(html)} == {"comment_form"}
    assert (
        ruled("<p>She asked them to leave a reply at the door, and so they did at last.</p>") == []
    )


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("2 Comments", "Leave a Reply"),
        ("3 commentaires", "Laisser un commentaire"),
        ("コメント 3件", "コメントを残す"),
        ("3 تعليقات", "أضف تعليق"),
        ("3 تَعْلِيقَات", "أَضِفْ تَعْلِيقًا"),
    ],
)
def test_text_between_the_number_of_comments_and_their_form_is_comments(number, form):
    thread = "<ol><li><b>Ana:</b> <p>I read it on the ferry.</p></li></ol>"
    html = f"<p>{LONG}</p><h3>{number}</h3>{thread}<h3>{form}</h3>"
    assert ruled(html) == [
        ("above_comment_form", "Ana:"),
        ("above_comment_form", "I read it on the ferry."),
        *sorted([("comment_form", number), ("comment_form", form)]),
    ]
    above = ruled(f"<h3>{number}</h3><p>{LONG}</p><p>{LONG} More.</p><h3>{form}</h3>")
    assert {rule for rule, _ in above} == {"comment_form"}


@pytest.mark.parametrize("number", ["Comments (2)", "2 Kommentare", "2 commentaires"])
def test_comments_without_a_form_end_at_the_next_heading(number):
    text, comments = f"<p>{LONG}</p>" * 3, "<p>Anna</p><p>Well rowed!</p><p>Tom</p><p>No.</p>"
    cut = ruled(f"{text}<h3>{number}</h3>{comments}<h2>The tides</h2><p>Low at noon.</p>")
    assert [line for rule, line in cut if rule == "below_comment_count"] == [
        *("Anna", "No.", "Tom", "Well rowed!")
    ]
    assert ruled(f"<h3>{number}</h3>{text}") == [("comment_form", number)]


def test_a_heading_with_nothing_after_it_is_cut():
    html = f"<p>{LONG}</p><h2>Heard</h2><p>and seen</p><h2>Related</h2>"
    assert ruled(html) == [("heading_of_nothing", "Related")]


@pytest.mark.parametrize(
    "line", ["Tags: river, ferry", "Schlagwörter: Fluss", "[编辑：王俞]", "الوسوم: النهر"]
)
def test_topics_and_roles_with_a_label_are_cut_at_the_end_alone(line):
    assert ruled(f"<p>{LONG}</p><p>{line}</p>") == [("labelled_line", line)]
    assert ruled(f"<p>{line}</p><p>{LONG}</p>") == []
    assert ruled(f"<p>{LONG}</p><p>Tags: they had become a language of their own.</p>") == []


def test_a_date_alone_above_the_text_is_cut_and_one_in_it_is_kept():
    html = f"<h1>The title of the day</h1><time>11 February 2026</time><p>{LONG}</p>"
    assert ruled(html) == [
        ("date_line", "11 February 2026"),
        ("repeated_title", "The title of the day"),
    ]
    assert ruled(f"<p>{LONG}</p><p>11 February 2026</p>" + f"<p>{LONG} More.</p>") == []
    assert ruled(f"<p>Effective beginning 6/2/2025:</p><p>{LONG}</p>") == []


@pytest.mark.parametrize(
    "phrase",
    [
        "Napsat komentář",
        "Jätä kommentti",
        "コメントを残す",
        "اترك تعليقاً",
        "3 Comments",
        "Cancel reply",
    ],
)
def test_phrases_are_those_of_every_language(phrase):
    assert ruled(f"<p>{LONG}</p><p>{phrase}</p>") == [("comment_form", phrase)]


def test_a_question_that_is_asked_again_stays():
    question = "What did the harbour master say when the winch had failed?"
    html = "".join(f"<div><h3>{question}</h3><p>{LONG} {n}</p></div>" for n in range(2))
    assert ruled(html) == []


def test_a_heading_of_pictures_stays():
    page = "<p>{}</p><h2>{}</h2><img src=a><p>{}</p>"
    read_page = read(LexborHTMLParser(page.format(LONG, "The old pier", "Seen from the boat")))
    assert rulings(read_page, [0, 1], "") == []
    read_page = read(LexborHTMLParser(page.format(LONG, "Read next", "Seen from the boat")))
    assert [ruling.rule for ruling in rulings(read_page, [0, 1], "")] == ["heading_of_nothing"]


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        ("By Ann Lee", True),
        ("Von Ann Lee, 11. Februar 2026", True),
        ("Ann Lee and Bo Lund", True),
        ("By Ann Lee, Chief Harbour Correspondent", True),
        ("Photo: Cora Elm", True),
        ("責任編輯：王海", True),
        ("Ann Lee is the mayor of the island, and Bo Lund her deputy.", False),
        ("By noon the quay was full.", False),
    ],
)
def test_a_byline_above_the_text_is_cut(line, cut):
    page = read(LexborHTMLParser(f"<p>{line}</p><p>{LONG}</p>"))
    byline_rulings = bylines(page, [0, 1], ["Ann Lee", "Bo Lund"])
    assert [ruling.index for ruling in byline_rulings] == ([0] if cut else [])


def _is(text):
    known = rules._phrase(text) if len(text) <= rules._PHRASE_CHARS else None
    return (
        (known is not None) * rules._MAY_BE_PHRASE
        | (appeal_kind(text) is not None) * rules._MAY_BE_APPEAL
        | names_a_story(text) * rules._MAY_NAME_A_STORY
        | is_duration(text) * rules._MAY_BE_DURATION
    )


def _dressed(phrase):
    """Write a phrase as pages do: with a name or a number, in capitals, between signs."""
    text = phrase.replace("{x}", "Jane O'Dea, 3rd")
    counted = " ".join("1,204" if word == "0" else word for word in text.split(" "))
    return [text, counted.upper(), f"{counted.title()}:", f"→ {text}!!!!!!", f"“{text}” …"]


def test_what_a_rule_cuts_is_a_suspect():
    labels, appeals = sorted(label_words()), sorted(appeal_beginnings())
    path = files("copydesk.tasks.cleaning") / "data" / "appeals.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    phrases = [key for _, key in read_rows()][::7] + [key for _, key in read_rows(tables=STORIES)]
    texts = [form for phrase in phrases for form in _dressed(phrase)]
    texts += [f"{form}: The old ferry" for text in texts[::9] for form in (text, f"{text}：")]
    texts += [f"{a} {b.title()}" for a, b in zip(labels, labels[::-1], strict=True)]
    texts += [f"{word.title()}, us © 2020 on Facebook our newsletter?" for word in appeals]
    texts += [f"{word} us on Facebook to our newsletter" for word in appeals]
    texts += [f"Like it? Then ({word.upper()}, us on Facebook!) our newsletter" for word in appeals]
    labels = [line for lines in table["labels"].values() for line in lines]
    texts += [f"{word}{label}?" for label in labels for word in ("", "YouTube: ", "2 ")]
    texts += ["0:00 / 5:32", "5 min", "٥ min", "12:30"]
    page = read(parsed("".join(f"<p>{escape(text)}</p>" for text in texts)))
    suspects = rules._suspects(page, range(len(page)))
    cut = {index: what for index, text in enumerate(page.text) if (what := _is(text))}
    assert len(cut) > 1000
    assert cut == {index: what & suspects.get(index, 0) for index, what in cut.items()}


@pytest.mark.skipif(native_rules is None, reason="installed without a compiler")
def test_most_paragraphs_are_no_suspects():
    texts = [f"{LONG} {number} times." for number in range(50)]
    texts += ["48", "$1,204.50", "Is it late?", "Capacity: 48", "4/1/2013", "Posted on a wall"]
    page = read(parsed("".join(f"<p>{text}</p>" for text in texts)))
    suspects = rules._suspects(page, range(len(page)))
    assert {page.text[index]: bits for index, bits in suspects.items()} == {
        "48": rules._MAY_BE_DURATION,
        "4/1/2013": rules._MAY_BE_DURATION,
    }


STARTS = ["The ferry sails at noon, ", "THE FERRY SAILS AT NOON, ", "Straße", "STRASSE", "漢字かな"]


@given(
    st.lists(st.tuples(st.sampled_from(STARTS), st.sampled_from(["", "\u017f", "K" * 20, "漢"])))
)
@example([("STRASSE", "K" * 20), ("Straße", "k" * 20)])
@example([("漢字かな", "K" * 22), ("漢字かな", "\u212a" * 22)])
def test_texts_that_may_stand_twice_are_compared(parts):
    page = Page(text=[f"{start}{end}{'x' * 9}" for start, end in parts])
    body = list(range(len(parts)))
    assert rules.any_repeated(page, body) == may_repeat(page.text)


def test_how_long_a_player_plays_is_cut_next_to_its_label_alone():
    player = "<div><p>Diesen Artikel vorlesen</p><p>0:00 / 5:32</p></div>"
    html = f"<p>{LONG}</p>{player}<p>{LONG} More.</p><h3>10:15</h3><p>{LONG} Again.</p>"
    assert dict(ruled(html)) == {"appeal": "Diesen Artikel vorlesen", "duration": "0:00 / 5:32"}
