from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.schemas.article import CutKind
from copydesk.tasks.dedup.line_keys import line_length
from copydesk.tasks.dedup.repeated_site_lines import (
    SiteLines,
    StoryText,
    adopt,
    learn,
    without_site_lines,
)
from tests.dedup.made import article

HEAD = ["Home", "Skip to the main content", "The site needs your help: " + "give what you can " * 3]
FOOT = ["12 comments", "Share this story", "All rights are reserved by the house that prints it"]


def page(seed: int, site: str = "a.example") -> StoryText:
    foot = [FOOT[0].replace("12", str(seed)), *FOOT[1:]]
    return StoryText(site, f"story {seed}", "\n\n".join([*HEAD, *article(seed, 4), *foot]))


PAGES = [page(seed) for seed in range(8)]
LINES = adopt(learn(PAGES))


def test_head_and_foot_are_learned_and_cut() -> None:
    fresh = page(100)
    text, cuts = without_site_lines(fresh.text, fresh.site, LINES)
    assert text == "\n\n".join(article(100, 4))
    assert [cut.text for cut in cuts] == [
        *(line.strip() for line in HEAD),
        "100 comments",
        *FOOT[1:],
    ]
    assert {cut.kind for cut in cuts} == {CutKind.SITE}
    assert {cut.rule for cut in cuts} == {f"site_lines:{LINES.version}"}
    assert cuts[0].position == 0


def test_another_site_is_left_alone() -> None:
    assert without_site_lines(PAGES[0].text, "b.example", LINES) == (PAGES[0].text, ())


def test_copies_of_one_story_teach_nothing() -> None:
    copies = [StoryText("a.example", "one story", PAGES[0].text) for _ in range(9)]
    assert learn(copies) == []
    assert learn([*copies, PAGES[1]]) == []
    assert len(learn([*copies, PAGES[1], PAGES[2]])) == 6


def test_evidence_counts_stories() -> None:
    collected = {line.key: line for line in learn([*PAGES, *PAGES])}
    assert (collected["home"].stories, collected["home"].of) == (8, 8)
    assert collected["0 comments"].line == "0 comments"


def test_a_line_of_few_pages_is_not_the_sites() -> None:
    many = [page(seed) for seed in range(20)]
    notice = "This column appears on the first Sunday of every month"
    marked = [StoryText(p.site, p.story, f"{notice}\n\n{p.text}") for p in many[:4]]
    assert notice not in {line.line for line in learn([*marked, *many[4:]])}
    assert notice in {line.line for line in learn([*marked, *many[4:12]])}


def test_a_heading_between_paragraphs_stays() -> None:
    def recipe(seed: int) -> StoryText:
        body = article(seed, 4)
        lines = [*body[:2], "Ingredients", *body[2:], "Share this story"]
        return StoryText("a.example", str(seed), "\n\n".join(lines))

    lines = adopt(learn(map(recipe, range(8))))
    text, cuts = without_site_lines(recipe(50).text, "a.example", lines)
    assert [cut.text for cut in cuts] == ["Share this story"]
    assert "Ingredients" in text


def test_a_sentence_within_the_story_stays() -> None:
    sentence = article(77, 1)[0]

    def story(seed: int) -> StoryText:
        body = article(seed, 6)
        return StoryText("a.example", str(seed), "\n\n".join([*body[:3], sentence, *body[3:]]))

    lines = adopt(learn(map(story, range(8))))
    assert without_site_lines(story(50).text, "a.example", lines)[1] == ()


def test_never_more_than_half() -> None:
    menu = [f"Section of the site number {'abcdefghijkl'[n]} stands here" for n in range(12)]
    pages = [StoryText("a.example", str(n), "\n".join([*menu, *article(n, 1)])) for n in range(8)]
    lines = adopt(learn(pages))
    _, cuts = without_site_lines(pages[0].text, "a.example", lines)
    assert cuts
    assert 2 * sum(line_length(cut.text) for cut in cuts) <= line_length(pages[0].text)
    assert cuts[0].position == 0
    everything = [StoryText("a.example", str(n), "\n".join(menu)) for n in range(8)]
    assert without_site_lines("\n".join(menu), "a.example", adopt(learn(everything)))[0]


def test_people_pin_and_forbid() -> None:
    pinned = [("a.example", "Read our newsletter!")]
    forbidden = [("a.example", "Share this story"), ("a.example", "HOME")]
    lines = adopt(learn(PAGES), pinned=pinned, forbidden=forbidden)
    fresh = page(100)
    text, cuts = without_site_lines(f"{fresh.text}\n\nRead our newsletter", fresh.site, lines)
    assert text.startswith("Home\n\n")
    assert "Share this story" in text
    assert "Read our newsletter" in {cut.text for cut in cuts}
    assert lines.version != LINES.version


def test_a_set_without_lines_cuts_nothing() -> None:
    assert without_site_lines("Home", "a.example", SiteLines("none")) == ("Home", ())


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_pages_does_not_matter(order: list[int]) -> None:
    pages = [page(seed % 6, "ab"[seed % 2]) for seed in range(12)]
    shuffled = [pages[index] for index in order]
    assert learn(shuffled) == learn(pages)
    assert adopt(learn(shuffled)) == adopt(learn(pages))


@given(st.lists(st.sampled_from([*HEAD, *FOOT, "Home", "", *article(1, 3)]), max_size=12))
def test_a_cut_text_is_the_text_without_the_cuts(rows: list[str]) -> None:
    text, cuts = without_site_lines("\n".join(rows), "a.example", LINES)
    positions = {cut.position for cut in cuts}
    retained = [row for index, row in enumerate(rows) if index not in positions and row]
    if cuts:
        assert [line for line in text.split("\n") if line] == retained
    else:
        assert text == "\n".join(rows)
    assert without_site_lines("\n".join(rows), "a.example", LINES) == (text, cuts)


def test_random_texts_share_no_lines() -> None:
    rng = random.Random(1)
    pages = [
        StoryText("a.example", str(n), "\n".join(article(rng.randrange(10**6)))) for n in range(9)
    ]
    assert learn(pages) == []
