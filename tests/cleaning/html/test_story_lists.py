"""Lists of other stories below their label."""

import pytest

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.html.story_lists import names_other_stories

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
