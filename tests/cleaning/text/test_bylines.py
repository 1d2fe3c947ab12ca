"""Authors and dates of copied text, and the lines between title and text that give them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copydesk.schemas.article import Article, CutKind
from copydesk.tasks.cleaning import clean
from tests.cleaning.text.test_body import PARAGRAPHS

SEEN = datetime(2024, 3, 6, 12, tzinfo=UTC)
TITLE = "The old crane may stay"
RUSSIAN = [
    "Портовый совет собрался во вторник и после четырёх часов решил оставить старый кран, который "
    "построили в 1911 году, когда уголь ещё приходил морем.",
    "Никто не ожидал, что голоса разделятся почти поровну; мэр воздержалась, а ремонт обойдётся "
    "в миллион двести тысяч.",
]
CHINESE = [
    "港务局周二开了四个小时的会，决定保留那台一九一一年建造的旧起重机，那时候煤还是从海上运来的。",
    "谁也没有想到票数会如此接近，市长本人弃权，修理费用为一百二十万元，其中三分之一由县里承担。",
    "孩子们常在它下面的横梁上玩耍，港务局打算在旺季之前装上围栏，不过没有哪道围栏拦得住他们。",
]


def cleaned(lines: list[str], text: list[str], separator: str = "\n\n") -> Article:
    article = clean(separator.join([TITLE, *lines, *text]), observed_at=SEEN)
    assert isinstance(article, Article)
    assert article.title == TITLE
    return article


@pytest.mark.parametrize("separator", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("line", "authors", "text"),
    [
        ("By Ada Quay, Ben Cove & Cal Dunn", ["Ada Quay", "Ben Cove", "Cal Dunn"], PARAGRAPHS),
        ("By Ada Quay for The Harbour Post", ["Ada Quay"], PARAGRAPHS),
        ("Words by Ada Quay · Photography by Ben Cove", ["Ada Quay"], PARAGRAPHS),
        ("Reporting by Ada Quay; Editing by Cal Dunn", ["Ada Quay"], PARAGRAPHS),
        ("Текст: Вера Причал, Олег Мол", ["Вера Причал", "Олег Мол"], RUSSIAN),
        ("本报记者 王海 通讯员 李波", ["王海", "李波"], CHINESE),
        ("来源：海港晚报 作者：王海", ["王海"], CHINESE),
        ("责任编辑：王海", [], CHINESE),
    ],
)
def test_a_byline_is_read_and_cut(
    line: str, authors: list[str], text: list[str], separator: str
) -> None:
    article = cleaned([line], text, separator)
    assert list(article.authors) == authors
    assert [part for part in article.text.split("\n") if part] == text
    assert any(line in cut.text and cut.kind is not CutKind.OTHER for cut in article.cuts)


@pytest.mark.parametrize(
    "line",
    [
        "By noon Ada Quay had left the board without a word.",
        "By Ada Quay’s own account, nothing of the kind was ever said at the table.",
        "Photo albums and letters from Ada Quay were found in the cabin of the crane.",
    ],
)
def test_a_sentence_that_begins_like_a_byline_stays(line: str) -> None:
    article = cleaned([line], PARAGRAPHS)
    assert article.text == "\n\n".join([line, *PARAGRAPHS])


@pytest.mark.parametrize(
    ("lines", "published", "modified"),
    [
        (["Yesterday at 10:15"], "2024-03-05", None),
        (["Posted 26 hours ago"], "2024-03-05", None),
        (["03/05/24"], "2024-03-05", None),
        (["Published March 1, 2024", "Updated March 4, 2024"], "2024-03-01", "2024-03-04"),
        (["March 1, 2024", "Opening night: March 9, 2023"], "2024-03-01", None),
        (["Last updated March 4, 2024"], "2024-03-04", "2024-03-04"),
        (["March 1, 2024", "March 2, 2024"], None, None),
    ],
)
def test_dates_between_title_and_text(
    lines: list[str], published: str | None, modified: str | None
) -> None:
    article = clean("\n".join([TITLE, *lines, *PARAGRAPHS]), observed_at=SEEN)
    assert isinstance(article, Article)
    days = [
        when and when.date().isoformat() for when in (article.published_at, article.modified_at)
    ]
    assert days == [published, modified]
