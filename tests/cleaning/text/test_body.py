from __future__ import annotations

import pytest

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.text import clean_text

TEASERS = [
    ("Back to the harbour", "2 hours ago", "Josie Marsh"),
    ("Ferry timetable changes", "21 hours ago", "Ryan Quay"),
    ("Why the lighthouse keeps its own diary", "02/16/2024", "Josie Marsh"),
    ("School roof: who pays for the leak?", "02/15/2024", "Ryan Quay"),
    ("Ten walks for a wet Sunday", "02/14/2024", "Josie Marsh"),
    ("Market hall reopens on Friday", "02/13/2024", "Ryan Quay"),
]
PARAGRAPHS = [
    "The harbour board met on Tuesday and, after four hours, agreed to keep the old crane, which "
    "was built in 1911, when coal still came by sea, and has not moved since the summer of 1974.",
    "Nobody had expected the vote to be so close; the mayor herself abstained, and the repairs "
    "will cost 1.2 million, of which the county has promised a third and the port another.",
    "Children climb on its lower beams, and the board would like to put up a fence before the "
    "season begins, though the harbour master told the crowd that no fence had ever stopped one.",
]


def menu(entries: list[tuple[str, str, str]]) -> list[str]:
    return [line for title, when, name in entries for line in (title, when, name)]


@pytest.mark.parametrize("above", [2, 4])
@pytest.mark.parametrize("heading", ["More from the coast", "Related", "Latest Comments"])
def test_an_article_among_teasers_is_found(above: int, heading: str) -> None:
    lines = [*menu(TEASERS[:above]), heading, *menu(TEASERS[above:]), *PARAGRAPHS]
    result = clean_text("\n".join([*lines, *menu(TEASERS), "Terms of use", "Privacy Policy"]))
    assert isinstance(result, Article)
    assert result.text.split("\n\n") == PARAGRAPHS
    assert all(any(line in cut.text for cut in result.cuts) for line in lines[1 : -len(PARAGRAPHS)])


def test_a_short_post_with_long_comments_stays() -> None:
    comments = [
        line
        for number, text in enumerate(PARAGRAPHS)
        for line in (f"Reader {number} says:", "January 3, 2024 at 10:0{number} am", text, "Reply")
    ]
    form = ["Leave a Reply", "Your email address will not be published.", "Name *", "Email *"]
    post = "The old crane, photographed on Tuesday."
    result = clean_text("\n\n".join(["A photo of the day", post, "3 Comments", *comments, *form]))
    assert isinstance(result, Article)
    assert result.text == post


@pytest.mark.parametrize(
    "line",
    [
        "Postado por Rui Prado às 07:15",
        "Автор: Нина Котова на 07:15",
        "Gönderen Defne Kaya zaman: 07:15",
        "Αναρτήθηκε από Νίκος Ρήγας στις 7:15 π.μ.",
        "Diposting oleh Sari Putri di 07.15",
        "Objavil Miha Kos ob 07:15",
    ],
)
def test_who_posted_at_what_time_ends_a_blogs_post(line: str) -> None:
    result = clean_text("\n\n".join(["The old crane stays", *PARAGRAPHS, line]))
    assert isinstance(result, Article)
    assert result.text.split("\n\n") == PARAGRAPHS
    assert any(line in cut.text for cut in result.cuts)
