"""Cleaning of copied text: how many bodies and titles come out exactly, beside two baselines.

``python -m benchmarks.copied_text [--data ../shared/data]`` prints

1. ``wordpress-dev``, per column (``text_main``, ``text_page``, and the pages' ``html`` through
   ``clean``): body exact after white-space normalisation, title exact, word F1; then the same
   with the phrases of each page's language left out of the vocabulary, locale by locale;
   then in other layouts (no indents, one line a paragraph, tabs and carriage returns);
2. the chrome of those pages around the bodies of ``fundus-dev``, with comments of many kinds;
3. pages of our own making (``benchmarks/made_pages.py``) around the bodies of ``fundus-dev``,
   in languages of the vocabulary, the same left out, and in invented languages;
4. titles and bodies alone, which must come back unchanged.

Nothing was fitted to these articles: scores are set by hand, so that leaving out a locale
leaves out all that was taken from it, and no article is in what another is measured with.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from statistics import mean

import pyarrow.parquet as pq

from benchmarks.made_pages import THEMES, Page, invented, lay_out, real
from copydesk.schemas.article import Article, Reject
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.text import clean_text
from copydesk.tasks.cleaning.vocabulary.phrases import Vocabulary, read_rows, shipped

Row = dict[str, str]
Cleaner = Callable[[str], Article | Reject]

COMMENTS = (
    "Thanks.",
    "No.",
    "👍👍",
    "See https://example.org/report for the numbers",
    "I was there and it was not like that at all. The boats came in the morning, and by noon "
    "there was nothing left to see but the empty stalls and a dog.",
    "First of all, I do not think that the author has read the report.\nSecond, page 12 says the "
    "opposite: the money was spent, and the hall was not repaired.\nThird, who pays?",
    "My grandmother used to say the same thing every spring, and every spring she was wrong about "
    "it, which did not stop her in the least from saying it again the next year to anyone who "
    "would listen.",
)
ENGLISH_FOOT = re.compile(
    r"^\s*(?:leave a (?:reply|comment)|no (?:responses|comments) yet|\d+ (?:comments?|responses?))",
    re.I | re.M,
)
ENTRY = re.compile(r"^\s*\d+\. Reader \d+ ")


def plain(text: str) -> str:
    """Normalise white space, and drop the invisible characters that a stored title has not."""
    return " ".join(text.replace("\u00ad", "").replace("\u200b", "").split())


def word_f1(got: str, expected: str) -> float:
    """Compare multisets of words, as WCXB does."""
    got_words, expected_words = (
        Counter(re.findall(r"\w+", got.lower())),
        Counter(re.findall(r"\w+", expected.lower())),
    )
    shared = (got_words & expected_words).total()
    return (
        2 * shared / (got_words.total() + expected_words.total())
        if shared
        else float(got_words == expected_words)
    )


@dataclass
class Score:
    """Rows counted: bodies exact, titles exact, word F1 of each."""

    bodies: list[bool] = field(default_factory=list)
    titles: list[bool] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)

    def add(self, result: Article | Reject, title: str, body: str) -> None:
        """Count one result."""
        text = result.text if isinstance(result, Article) else ""
        head = result.title if isinstance(result, Article) else ""
        self.bodies.append(plain(text) == plain(body))
        self.titles.append(plain(head) == plain(title))
        self.f1.append(word_f1(text, body))

    def __str__(self) -> str:
        figures = (mean(self.bodies), mean(self.titles), mean(self.f1))
        return f"{len(self.bodies):5}" + "".join(f"{figure:9.3f}" for figure in figures)


def show(name: str, score: Score) -> None:
    """Print one row of a table."""
    print(f"  {name:34}{score}", flush=True)


def header(title: str) -> None:
    """Print a table's head."""
    print(f"\n{title}\n  {'':34}{'rows':>5}{'body':>9}{'title':>9}{'word F1':>9}")


def nothing(text: str) -> Article:
    """Baseline: the first line is the title, the rest the body."""
    title, _, body = text.strip().partition("\n")
    return Article(title=title.strip(), text=body.strip())


def english_foot(text: str) -> Article:
    """Baseline: the same, cut where an English comment section begins."""
    match = ENGLISH_FOOT.search(text)
    return nothing(text[: match.start()] if match else text)


@cache
def without(language: str) -> Vocabulary:
    """Load the vocabulary less one language."""
    return Vocabulary(read_rows(frozenset({language})))


def held_out(language: str) -> Cleaner:
    """Clean as if the vocabulary had never heard of a language."""
    return partial(clean_text, vocabulary=without(language))


def unindented(text: str) -> str:
    """Take away indents and list marks, as a browser's copy does."""
    return "\n".join(re.sub(r"^(?:[*•]|\d+\.) ", "", line.strip()) for line in text.split("\n"))


LAYOUTS: dict[str, Callable[[str], str]] = {
    "no indents, no list marks": unindented,
    "one line a paragraph": lambda text: re.sub(r"\n+", "\n", unindented(text)).strip(),
    "tabs, carriage returns": lambda text: "\r\n".join(
        "\t" * ((len(line) - len(line.lstrip())) // 2) + line.strip() for line in text.split("\n")
    ),
    "no-break spaces": lambda text: text.replace("  ", "\u00a0 "),
}


def wordpress(rows: Sequence[Row]) -> None:
    """Print the tables of wordpress-dev."""
    header("wordpress-dev")
    for column in ("text_main", "text_page", "html"):
        cleaners: dict[str, Cleaner] = {"": partial(clean, media_type="text/plain")}
        if column == "html":
            cleaners = {"": partial(clean, media_type="text/html")}
        else:
            cleaners |= {", nothing done": nothing, ", cut at English foot": english_foot}
        for name, cleaner in cleaners.items():
            score = Score()
            for row in rows:
                score.add(cleaner(row[column]), row["title"], row["text"])
            show(column + name, score)
    by_locale(rows)
    header("wordpress-dev, other layouts, the language's own phrases left out")
    for column in ("text_main", "text_page"):
        for name, change in LAYOUTS.items():
            score = Score()
            for row in rows:
                cleaner = held_out(row["locale"].split("_")[0])
                score.add(cleaner(change(row[column])), row["title"], change(row["text"]))
            show(f"{column}, {name}", score)


def by_locale(rows: Sequence[Row]) -> None:
    """Print a row a locale: with its language's phrases and without."""
    header("wordpress-dev, by locale: all phrases, and the language's own left out")
    for column in ("text_main", "text_page"):
        total = Score()
        for locale in sorted({row["locale"] for row in rows}):
            language = locale.split("_")[0]
            with_language, without_language = Score(), Score()
            for row in rows:
                if row["locale"] == locale:
                    with_language.add(clean_text(row[column]), row["title"], row["text"])
                    result = held_out(language)(row[column])
                    without_language.add(result, row["title"], row["text"])
                    total.add(result, row["title"], row["text"])
            print(f"  {column} {locale:8} known{with_language}   left out{without_language}")
        show(f"{column}, language left out", total)


def transplanted(
    row: Row, column: str, other: Row, comments: Sequence[str], rng: random.Random
) -> str:
    """Put another article, and other comments, into a page's chrome."""
    lines, title = row[column].split("\n"), other["title"]
    body = plain(row["text"])
    inside = [i for i, line in enumerate(lines) if plain(line) and plain(line) in body]
    start = next(i for i in inside if body.startswith(plain(lines[i])))
    end = max(i for i in inside if body.endswith(plain(lines[i])))
    pad = " " * (len(lines[start]) - len(lines[start].lstrip()))
    paragraphs = [line.strip() for line in other["text"].split("\n") if line.strip()]
    new_body = [part for line in paragraphs for part in (pad + line, "")]
    below = [line.replace(row["title"], title) for line in lines[end + 1 :]]
    above = [line.replace(row["title"], title) for line in lines[:start]]
    return "\n".join([*above, *new_body, *other_comments(below, comments, rng)])


def other_comments(lines: list[str], comments: Sequence[str], rng: random.Random) -> list[str]:
    """Replace the comments of a page by others: other authors, other texts, answers indented."""
    entries = [i for i, line in enumerate(lines) if ENTRY.match(line)]
    if not entries:
        return lines
    first, second = entries[0], entries[1] if len(entries) > 1 else None
    size = (second - first) if second else 6
    template = lines[first : first + size]
    comment_lines: list[str] = []
    for number, comment in enumerate(comments, 1):
        pad = "    " * (number % 3) if rng.random() < 0.3 else ""
        author = rng.choice(["Marta Oyelaran", "jfk77", "Tom", "Ewa K.", "Ольга", "匿名"])
        for line in template:
            text = re.sub(r"\d+\. Reader \d+", f"{number}. {author}", line)
            if "I read this twice" in text:
                indent = text[: len(text) - len(text.lstrip())]
                text = "\n\n".join(indent + part for part in comment.split("\n"))
            comment_lines.append(
                pad + re.sub(r"\b2:02\b", f"{rng.randint(1, 11)}:{rng.randint(10, 59)}", text)
            )
    last = entries[-1] + size
    return [*lines[:first], *comment_lines, *lines[last:]]


def transplants(rows: Sequence[Row], others: Sequence[Row], seed: int) -> None:
    """Print the tables of the pages' chrome around other bodies."""
    header("chrome of wordpress-dev around bodies of fundus-dev, other comments")
    rng = random.Random(seed)
    for column in ("text_main", "text_page"):
        with_language, without_language = Score(), Score()
        for row in rows:
            other = rng.choice(others)
            comments = rng.choices(COMMENTS, k=rng.choice([1, 2, 5, 12]))
            text = transplanted(row, column, other, comments, rng)
            with_language.add(clean_text(text), other["title"], other["text"])
            result = held_out(row["locale"].split("_")[0])(text)
            without_language.add(result, other["title"], other["text"])
        show(column, with_language)
        show(f"{column}, language left out", without_language)


def made(others: Sequence[Row], seed: int) -> None:
    """Print the table of the made pages."""
    rng = random.Random(seed)
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    for row in others:
        body = [line.strip() for line in row["text"].split("\n") if line.strip()]
        title = plain(row["title"])
        titles = [plain(other["title"]) for other in rng.sample(list(others), 6)]
        titles = [other for other in titles if other != title][:5]
        for theme, write in THEMES.items():
            for kind in ("known", "left out", "invented"):
                name = rng.choice(["en", "de", "fr", "ru", "ja", "ar"])
                language = real(name)
                if kind == "invented":
                    language = invented(
                        rng.choice(["latin", "cyrillic", "arabic", "han", "thai"]), rng
                    )
                comments = rng.choices(COMMENTS, k=rng.choice([0, 0, 1, 2, 5, 12]))
                page = Page(title, body, language, comments, titles, rng)
                text = lay_out(write(page), rng.choice(["blank", "single", "windows"]))
                words = without(name) if kind == "left out" else shipped()
                result = clean_text(text, vocabulary=words)
                for key in ((theme, kind), ("all themes", kind)):
                    scores[key].add(result, title, row["text"])
    header("made pages around bodies of fundus-dev")
    for (theme, kind), score in scores.items():
        show(f"{theme}, {kind}", score)


def unchanged(name: str, rows: Iterable[Row]) -> None:
    """Print how many titles and bodies come back as they were."""
    score = Score()
    for row in rows:
        if row["title"] and len(row["text"] or "") >= 300:
            score.add(clean_text(f"{row['title']}\n\n{row['text']}"), row["title"], row["text"])
    show(name, score)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()

    def read(name: str) -> list[Row]:
        table = pq.read_table(arguments.data / f"{name}.parquet")
        rows: list[Row] = table.to_pylist()
        return rows

    rows = read("wordpress-dev")
    news = [row for row in read("fundus-dev") if row["title"] and len(row["text"] or "") >= 600]
    wordpress(rows)
    transplants(rows, news, arguments.seed)
    made(news, arguments.seed)
    header("title and body alone, as they were")
    unchanged("wordpress-dev", rows)
    unchanged("fundus-dev", news)
    unchanged("wcxb-dev-articles", read("wcxb-dev-articles"))


if __name__ == "__main__":
    main()
