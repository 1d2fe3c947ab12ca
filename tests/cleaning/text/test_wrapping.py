"""Pages that a text browser wrapped: paragraphs are joined, menus and headings are not."""

from __future__ import annotations

import textwrap

import pytest

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.cleaning.text.lines import read_lines
from tests.cleaning.text.test_selection import BODIES, MENUS, OTHERS, TITLES

SPACED = ["en", "de", "ru", "el", "pl"]


def wrapped_page(language: str, width: int, indent: int) -> str:
    """Write a page as a text browser shows it: an indent, list marks, lines of a fixed width."""

    def block(text: str, mark: str = "") -> str:
        margin = " " * indent
        return textwrap.fill(
            f"{mark}{text}",
            width,
            initial_indent=margin,
            subsequent_indent=margin + " " * len(mark),
            break_on_hyphens=False,
        )

    menu = "\n".join(block(item, "* ") for item in MENUS[language])
    others = "\n".join(block(item, "+ ") for item in OTHERS[language])
    body = [block(paragraph) for paragraph in BODIES[language]]
    return "\n\n".join([menu, TITLES[language], *body, others, menu])


@pytest.mark.parametrize("language", SPACED)
@pytest.mark.parametrize(("width", "indent"), [(80, 3), (72, 0), (64, 5)])
def test_paragraphs_of_a_wrapped_page_are_joined(language: str, width: int, indent: int) -> None:
    texts = [
        line.text for line in read_lines(wrapped_page(language, width, indent), whole_page=True)
    ]
    assert [text for text in texts if text in BODIES[language]] == BODIES[language]
    assert [text.lstrip("*+ ") for text in texts if text[0] in "*+"] == [
        *MENUS[language],
        *OTHERS[language],
        *MENUS[language],
    ]


@pytest.mark.parametrize("language", SPACED)
def test_a_wrapped_page_is_cleaned_like_one_that_was_not(language: str) -> None:
    article = clean_text(wrapped_page(language, 80, 3))
    assert isinstance(article, Article)
    assert article.title == TITLES[language]
    assert article.text.split("\n\n")[: len(BODIES[language])] == BODIES[language]


@pytest.mark.parametrize("language", SPACED)
def test_a_wrapped_page_with_many_headlines_is_joined(language: str) -> None:
    headlines = [f"{OTHERS[language][0]} – {OTHERS[language][1]} {number}" for number in range(9)]
    rows = "\n".join("   " + headline[: 50 + number] for number, headline in enumerate(headlines))
    text = f"{wrapped_page(language, 80, 3)}\n\n{rows}"
    texts = [line.text for line in read_lines(text, whole_page=True)]
    assert [text for text in texts if text in BODIES[language]] == BODIES[language]


def test_a_wrapped_page_without_spaces_is_joined_without_them() -> None:
    paragraphs = [text * 3 for text in BODIES["zh"]]
    cut = [
        "\n".join("   " + text[at : at + 71] for at in range(0, len(text), 71))
        for text in [*paragraphs, *paragraphs]
    ]
    menu = "\n".join(f"     * {item}" for item in MENUS["zh"])
    lines = read_lines("\n\n".join([menu, *cut, menu]), whole_page=True)
    texts = [line.text for line in lines if not line.marked]
    assert texts == [*paragraphs, *paragraphs]


@pytest.mark.parametrize(
    "block",
    [
        "\n".join(
            f"{number} crew members signed the harbour master's list" for number in range(30)
        ),
        "\n".join(
            (
                "渡轮时隔十一年重返北码头居民夹道欢迎市长致辞表示感谢并宣布新航线将于明年春天开通"
                * 2
            )[: 56 + 2 * number]
            for number in range(9)
        ),
        "\n\n".join(
            [*BODIES["en"], *(f"A headline about harbour {number}" for number in range(9))]
        ),
    ],
    ids=["lines of one length", "a script without spaces", "paragraphs that were not wrapped"],
)
def test_lines_that_were_not_broken_are_not_joined(block: str) -> None:
    text = f"Quay Gazette\nNews\nSport\n\n{block}\n\nContact\nImprint"
    lines = read_lines(text, whole_page=True)
    assert [line.text for line in lines] == [line for line in text.split("\n") if line]
