import pytest

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning.html.article import clean_html
from copydesk.tasks.cleaning.vocabulary.counters import Count, count_in

PARAGRAPHS = [
    "The harbour of the small town woke before the sun did, and with it the gulls, who have "
    "never been known to sleep when there was fish to be had.",
    "Nobody expected the ferry that morning. It had been cancelled twice in the week before, "
    "said Maria Holm, who sells tickets from a booth painted green.",
    "By noon the quay was full. Children sat on the bollards, and the mayor, out of breath, "
    "read a speech that the wind carried off to the other shore.",
    "The ferry left again at four, with more passengers than seats, and the town went back to "
    "what it does best: waiting for the tide, and talking about it.",
    "Tickets for the summer are sold from Monday on, and the company asks those who bought "
    "one before the winter to keep it, because it remains valid.",
]


def cleaned(insert: str, byline: str = "") -> Article:
    paragraphs = [f"<p>{text}</p>" for text in PARAGRAPHS]
    paragraphs.insert(2, insert)
    article = clean_html(
        "<html lang='en'><head><title>The ferry came back</title></head><body><main><article>"
        f"<h1>The ferry came back</h1>{byline}<div class='prose'>{''.join(paragraphs)}</div>"
        "</article></main></body></html>"
    )
    assert isinstance(article, Article)
    return article


def kept(article: Article) -> list[str]:
    return [line for line in article.text.split("\n") if line]


def cuts(article: Article) -> set[tuple[CutKind, str]]:
    return {(cut.kind, cut.rule) for cut in article.cuts}


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("5 min read", Count.READERS),
        ("4-5 min read · 1.2K views", Count.READERS),
        ("Lesedauer: ca. 5 Min.", Count.READERS),
        ("この記事は約5分で読めます", Count.READERS),
        ("مدة القراءة: ٥ دقائق", Count.READERS),
        ("12 345 просмотров", Count.READERS),
        ("阅读(1.2万)", Count.READERS),
        ("1,234 votes", Count.VOTES),
        ("3 of 12", Count.PICTURES),
        ("5 minutes", None),
        ("1,234 boats", None),
        ("Views: 12 and rising", None),
        ("3 of 12 - 5 min read", None),
        ("views", None),
        ("1 min" + " " * 50_000 + "x", None),
    ],
)
def test_a_line_of_counts_says_nothing_else(line, count):
    assert count_in(line) is count


@pytest.mark.parametrize("count", ["5 min read", "12,345 views", "Tempo di lettura: 5 min"])
def test_a_count_between_paragraphs_is_cut(count):
    article = cleaned(f"<div><span>{count}</span></div>")
    assert kept(article) == PARAGRAPHS
    assert (CutKind.METADATA, "count") in cuts(article)


def test_a_count_in_a_table_and_a_fraction_without_a_picture_stay():
    table = "<table><tr><th>Ferry</th><th>Seen</th></tr><tr><td>Alma</td><td>12 views</td></tr>"
    text = cleaned(table + "<tr><td>Bora</td><td>90 views</td></tr></table><p>1/2</p>").text
    assert "12 views" in text
    assert "90 views" in text
    assert "1/2" in text


def test_a_poll_is_cut_whole():
    options = "".join(
        f"<div class='a'><div>{option}</div><div>{share}</div></div>"
        for option, share in (("Yes, on all days", "58%"), ("No, never again", "42%"))
    )
    poll = f"<div><p>Should the ferry run in winter?</p>{options}<p>1,234 votes</p></div>"
    article = cleaned(poll)
    assert kept(article) == PARAGRAPHS
    assert (CutKind.OTHER, "poll") in cuts(article)


def test_a_sentence_about_votes_stays():
    text = "1,234 votes"
    assert text in cleaned(f"<p>{text}</p>").text


def test_what_follows_the_heading_of_an_offer_goes_with_it():
    article = cleaned(
        "<div class='my-4 p-4'><p class='font-bold'>Subscribe to our newsletter</p>"
        "<p>The best stories from the quay on each Friday.</p>"
        "<p><a href='/newsletter'>Sign up</a></p></div>"
    )
    assert kept(article) == PARAGRAPHS


BYLINE = "<p class='byline'>By <a rel='author' href='/u/7'>Rosa Marsh</a></p>"
BOXES = [
    "<div><img src='/a.jpg'><h4><a href='/u/7'>Rosa Marsh</a></h4><p>{}</p></div>",
    "<table><tr><td><img src='/a.jpg'></td><td><b>Rosa Marsh</b><br>{}</td></tr></table>",
    "<section><p><strong>Rosa Marsh</strong></p><p>{}</p><p><a href='/x'>X</a></p></section>",
]


@pytest.mark.parametrize("box", BOXES)
def test_a_box_about_the_author_is_cut(box):
    article = cleaned(box.format("Reporter at the Quay Times, and a sailor since 2009."), BYLINE)
    assert kept(article) == PARAGRAPHS
    assert article.authors == ("Rosa Marsh",)


def test_an_interview_by_the_author_stays():
    question = "<div><p><b>Rosa Marsh</b></p><p>Why does the ferry number {} run again?</p></div>"
    article = cleaned("".join(map(question.format, range(3))), BYLINE)
    for number in range(3):
        assert f"Why does the ferry number {number} run again?" in article.text


def test_a_paragraph_that_begins_with_the_authors_name_stays():
    sentence = "Rosa Marsh is also the name of the ferry, which the town found a strange thing."
    assert sentence in cleaned(f"<p>{sentence}</p>", BYLINE).text
