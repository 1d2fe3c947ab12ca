"""Lists of other stories: below their label, or teasers in a row."""

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning import clean, metadata
from copydesk.tasks.cleaning.html.blocks import walk
from copydesk.tasks.cleaning.html.declared_body import Declared
from copydesk.tasks.cleaning.html.features import features
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.story_lists import teaser_series
from copydesk.tasks.cleaning.vocabulary.phrases import names_other_stories

STORY = [
    "The ferry turned back at the second buoy, because the winch had begun to smoke again.",
    "Passengers were put up in the school, where the cook had kept soup from the noon meal.",
    "A diver went down before dawn and came up with a length of rope and a child's shoe.",
    "By noon the winch stood on the quay in parts, and the mechanic had gone home to sleep.",
]
TEASERS = {
    "Bakery opens again after the fire": "The oldest bakery sold its first loaves on Monday.",
    "Choir wins a prize in Riga": "Forty singers came home with a silver medal.",
    "New bus line to the airport": "From March it runs every twenty minutes.",
}


def page(label, teaser, *, behind=""):
    lines = "".join(f"<p>{line}</p>" for line in STORY)
    teasers = "".join(teaser.format(head, text) for head, text in TEASERS.items())
    story = f"<h1>A winch on fire</h1><div>{lines}{label}{teasers}{behind}</div>"
    return f"<title>A winch on fire</title><body><article>{story}</article>"


@pytest.mark.parametrize(
    "label",
    [
        "More stories",
        "Most read",
        "כתבות נוספות",
        "Weitere Meldungen",
        "Другие новости",
        "其他文章",
        "اقرأ المزيد",
        "다른 기사",
        "Διαβάστε περισσότερα",
        "อ่านข่าวเพิ่มเติม",
        "Lexoni edhe",
    ],
)
@pytest.mark.parametrize("form", ["<h3>{}</h3>", "<p>{}</p>", "<div><b>{}:</b></div>"])
@pytest.mark.parametrize(
    "teaser", ["<p><a href=/x>{}</a></p><p>{}</p>", "<div><a href=/x><h4>{}</h4></a>{}</div>"]
)
def test_a_list_of_other_stories_is_cut_with_its_label(label, form, teaser):
    article = clean(page(form.format(label), teaser))
    assert isinstance(article, Article)
    assert article.text == "\n\n".join(STORY)
    assert all(any(text in cut.text for cut in article.cuts) for text in TEASERS.values())


def test_the_story_goes_on_below_a_link_to_another():
    lines = "".join(f"<p>{line}</p>" for line in STORY)
    link = "<p>Read also</p><p><a href=/x>Choir wins a prize in Riga</a></p>"
    story = lines.replace("</p>", f"</p>{link}", 1)
    article = clean(f"<title>A winch</title><body><article><h1>A winch</h1>{story}</article>")
    assert isinstance(article, Article)
    assert article.text == "\n\n".join(STORY)
    assert "Read also" in {cut.text for cut in article.cuts if cut.kind is CutKind.RELATED}


@pytest.mark.parametrize(
    "line", ["The council met on Tuesday", "Articles of association", "מועצה", "Новости", "Step 3"]
)
def test_other_lines_are_no_labels(line):
    assert not names_other_stories(line)


LINKS = "<ul>" + "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(9)) + "</ul>"
SERIES = {
    **TEASERS,
    "Στο λιμάνι η νέα γέφυρα": "Το έργο παραδίδεται τον Μάιο, λέει ο δήμαρχος της πόλης.",
    "Паром снова ходит": "С понедельника рейсы на острова идут по старому расписанию.",
}
TEASER_FORMS = [
    "<li><a href=/x>{}</a><div>{}</div></li>",
    "<dt>10:15 <a href=/x>{}</a></dt><dd>{}</dd>",
    "<p><a href=/x>{}</a></p><p>{}</p><p>3 May</p>",
    "<table><tr><td><a href=/x>{}</a><tr><td>.<tr><td>{}</table>",
    "<div class=c{}><h4><a href=/x>{}</a></h4></div><p>{}</p>",
]


def chosen(html, is_body):
    """Return the blocks that remain of those for which ``is_body`` is true."""
    page = walk(LexborHTMLParser(html))
    rows = features(page, Declared())
    retained = np.array([is_body(text) for text in page.text])
    body = np.flatnonzero(retained).tolist()
    chance = np.full(len(page), 0.9, np.float32)
    analysis = PageAnalysis(page, Declared(), metadata.Evidence(), rows, chance, retained)
    cut = {ruling.index for ruling in teaser_series(analysis, body)}
    return [page.text[index] for index in body if index not in cut]


def series_in(form):
    fields = form.count("{}")
    rows = enumerate(SERIES.items())
    return "".join(form.format(*([n, *pair] if fields > 2 else pair)) for n, pair in rows)


@pytest.mark.parametrize("form", TEASER_FORMS)
def test_teasers_in_a_row_apart_from_the_story_are_cut(form):
    story = "".join(f"<p>{line}</p>" for line in STORY)
    below = f"<div>{story}</div>{LINKS}<div>{series_in(form)}</div>"
    is_body = lambda text: "Section" not in text  # noqa: E731
    assert [text for text in chosen(below, is_body) if text != "3 May"] == STORY


def test_a_list_of_the_story_stays():
    story = "".join(f"<p>{line}</p>" for line in STORY)
    items = series_in(TEASER_FORMS[0])
    texts = [*STORY, *(text for pair in SERIES.items() for text in pair)]
    assert chosen(f"<div>{story}<ul>{items}</ul></div>", lambda _: True) == texts
    above = f"<ul>{items}</ul>{LINKS}<div>{story}</div>"
    assert chosen(above, lambda text: "Section" not in text)[-len(STORY) :] == STORY
    two = "".join(TEASER_FORMS[0].format(*pair) for pair in list(SERIES.items())[:2])
    kept = chosen(f"{story}{LINKS}<ul>{two}</ul>", lambda text: "Section" not in text)
    assert len(kept) == len(STORY) + 4
