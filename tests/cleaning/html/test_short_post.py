"""A post of a sentence or two above many comments."""

from itertools import product

import pytest

from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import clean

HEADS = {
    "article": "<article><h1>{}</h1><p>{}</p></article>",
    "header": "<article><header><h1>{}</h1></header><div><p>{}</p></div></article>",
    "main": "<main><h1>{}</h1><p>{}</p></main>",
    "div": "<div class=post><h1>{}</h1><div class=entry><p>{}</p></div></div>",
    "heading 2": "<div><h2>{}</h2><div>{}</div></div>",
    "bare": "<h1>{}</h1><p>{}</p>",
}
COMMENTS = {
    "items": ("<ol>{}</ol>", "<li><div>Guest {}</div><p>{}</p></li>"),
    "boxes": ("<div>{}</div>", "<div class=k><span>Guest {}</span><div>{}</div></div>"),
    "definitions": ("<dl>{}</dl>", "<dt>Guest {}</dt><dd>{}</dd>"),
    "days": ("<div>{}</div>", "<div><b>Guest {0}</b> <i>1{0} May 2024</i><p>{1}</p></div>"),
    "named": ("<div id=comments>{}</div>", "<div><b>Guest {}</b><blockquote>{}</blockquote></div>"),
}
TEXTS = {
    "en": (
        "Open round",
        "In this open round our readers ask whatever they have long wanted to ask us.",
        "I read what you wrote of the winch and did not see who had paid for it, {}, or when.",
    ),
    "ru": (
        "Открытая беседа",
        "В этой открытой беседе читатели спрашивают нас обо всём, о чём давно хотели спросить.",
        "Я прочёл всё, что вы писали о лебёдке, и не узнал, кто за неё заплатил, {}, и когда.",
    ),
    "ja": (
        "公開の集い",
        "この公開の集いでは、読者の皆さんが前から聞きたかったことを何でも質問できます。",
        "巻き上げ機についての記事を読みましたが、誰が{}払ったのか、いつ払ったのか分かりませんでした。",
    ),
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(("head", "comment"), list(product(HEADS, COMMENTS)))
def test_a_short_post_above_many_comments_is_kept(head, comment, language):
    title, post, said = TEXTS[language]
    holder, form = COMMENTS[comment]
    comments = "".join(form.format(n, said.format(n)) for n in range(1, 10))
    page = HEADS[head].format(title, post) + holder.format(comments)
    article = clean(f"<title>{title}</title><body>{page}")
    assert isinstance(article, Article)
    assert article.text == post
    assert sum(said.split("{")[0] in cut.text for cut in article.cuts) == 9


@pytest.mark.parametrize(
    "part",
    [
        "<p><b>Harbour {0}</b></p><p>{1}</p>",
        "<h3>Harbour {0}</h3><p>{1}</p>",
    ],
)
def test_parts_of_a_story_below_its_first_sentence_stay(part):
    _, _, said = TEXTS["en"]
    parts = "".join(part.format(n, said.format(n)) for n in range(1, 10))
    first = "These are the nine harbours that our readers asked us about most often this year."
    page = f"<article><h1>Nine harbours</h1><p>{first}</p>{parts}</article>"
    article = clean(f"<title>Nine harbours</title><body>{page}")
    assert isinstance(article, Article)
    assert article.text.count("who had paid for it") == 9
