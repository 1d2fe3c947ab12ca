"""No pattern of the package takes more than linear time, whatever it is given."""

from __future__ import annotations

import re
import time
from typing import Final

import pytest

from tests.hostile.collecting import Named, collected
from tests.hostile.pumping import STEEPEST, Growth, growth

# Patterns whose inputs are short: the letters that the code lets through, and where it says so.
BOUNDED: Final = {
    "copydesk.tasks.cleaning.metadata.person_names._ADDRESS": (400, "names.MAX_BYLINE_CHARS"),
    "copydesk.tasks.cleaning.metadata.person_names._BY_INSIDE": (400, "names.MAX_BYLINE_CHARS"),
    "copydesk.tasks.cleaning.metadata.date_lines._SENTENCE": (320, "date_lines._SHORT, doubled"),
    "copydesk.tasks.cleaning.content_type._MARKDOWN": (8192, "the head that sniffed_format reads"),
    "copydesk.tasks.sources.web.listings.entry._UNSEEN": (2000, "entry._LONGEST"),
    "copydesk.tasks.sources.web.pagination._PAGE_NUMBER": (600, "pagination._HEADING"),
    "copydesk.tasks.cleaning.text.line_scores._LABELLED": (
        300,
        "line_scores: lines up to TITLE_LENGTH",
    ),
    "copydesk.tasks.cleaning.text.line_scores._CONTACT": (
        300,
        "line_scores: lines up to TITLE_LENGTH",
    ),
    "copydesk.tasks.cleaning.text.title_choice._PARTS": (300, "candidates: lines to LONGEST_TITLE"),
    "copydesk.tasks.cleaning.text.date_lines._UNKNOWN_MONTH": (120, "text.dates.LONGEST"),
    "copydesk.tasks.cleaning.site_in_title._CUT": (1000, "title.LONGEST_TITLE"),
    "copydesk.tasks.cleaning.html.page_name._CONSENT": (6000, "name_of_page: shorter texts"),
    "copydesk.tasks.sources.web.open_web._SITEMAP": (2000, "an address of the settings"),
    "copydesk.tasks.sources.dates.path_templates._GLOB": (
        4096,
        "a path of the settings, as long as paths are",
    ),
}
# Patterns of cached functions, which are matched at the start of a text and nowhere else.
ANCHORED: Final = ("credit_words()", "before_names()")
# Made of what a function is given; the templates themselves are of settings, or have own tests.
GIVEN: Final = {
    "copydesk.tasks.cleaning.markdown": "one of two literals, in the calls of _split",
    "copydesk.tasks.cleaning.html.out_of_view": "a table of the module",
    "copydesk.tasks.cleaning.vocabulary.appeals": "alternatives of literal words",
    "copydesk.tasks.cleaning.vocabulary.bylines": "cached functions, which are called",
    "copydesk.tasks.cleaning.vocabulary.counters": "a cached function, of lines up to MOST_CHARS",
    "copydesk.tasks.cleaning.vocabulary.name_words": "cached functions, which are called",
    "copydesk.tasks.cleaning.metadata.calendars": "a cached function, which is called",
    "copydesk.tasks.cleaning.metadata.cjk_names": "a cached function, which is called",
    "copydesk.tasks.cleaning.metadata.months": "a cached function, which is called",
    "copydesk.tasks.cleaning.metadata.relative_dates": "a cached function, which is called",
    "copydesk.tasks.cleaning.metadata.timestamps": "a tuple of the module",
    "copydesk.tasks.sources.dates.path_templates": "the settings' path, literal but for its globs",
    "copydesk.tasks.sources.web.javascript": "a table of the module",
    "copydesk.tasks.sources.formats.wxr": "a table of the module",
    "copydesk.tasks.sources.formats.xml_lookahead": "the name of an element, literal",
    "copydesk.tasks.sources.formats.xml_parts": "the names of elements, literals of the readers",
    "copydesk.tasks.sources.dates.parse": "a tuple of the module",
}


@pytest.fixture(scope="module")
def patterns() -> tuple[list[Named], list[str]]:
    return collected()


def grown(names: Named) -> Growth:
    longest = BOUNDED.get(names.name, (None, ""))[0]
    methods = (
        frozenset({"match"}) if any(part in names.name for part in ANCHORED) else names.methods
    )
    return growth(names.pattern, methods, longest)


def test_bounded_patterns_are_still_there(patterns: tuple[list[Named], list[str]]) -> None:
    assert set(BOUNDED) <= {pattern.name for pattern in patterns[0]}


def test_every_pattern_takes_linear_time(
    patterns: tuple[list[Named], list[str]], request: pytest.FixtureRequest
) -> None:
    rows = []
    for pattern in patterns[0]:
        start = time.thread_time()
        result = grown(pattern)
        rows.append((result, pattern, time.thread_time() - start))
    rows.sort(key=lambda row: -row[0].exponent)
    if request.config.getoption("verbose") > 1:  # -vv -s prints the table
        print(f"\n{len(rows)} patterns, worst growth n^{rows[0][0].exponent:.2f}")
        for result, pattern, seconds in rows:
            print(f"n^{result.exponent:4.2f} {seconds:6.2f} s {pattern.name} {result.sample}")
    steep = [(pattern.name, result) for result, pattern, _ in rows if result.exponent >= STEEPEST]
    assert not steep, "\n".join(
        f"{name} grows like n^{result.exponent:.1f} on {result.sample}" for name, result in steep
    )


def test_nearly_all_patterns_of_the_package_are_collected(
    patterns: tuple[list[Named], list[str]],
) -> None:
    collected_patterns, missing = patterns
    names = {item.name for item in collected_patterns}
    assert len(collected_patterns) > 200
    for part in ("_WHOLE_PAGE", "joins()", "_SCRIPT_ENDS", "copydesk.flows.prefect_api.artifacts:"):
        assert any(part in name for name in names), part
    assert {row.partition(":")[0] for row in missing} <= set(GIVEN)


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"(a+)+$", 0),
        (r"(?:a|aa)*b", 0),
        (r"\s*(?:<!--.*?-->\s*)*<html", re.S),
        (r"<b>.*?</b>", re.S),
        (r"\s+,", 0),
        (r"\S+@\S+\.\w+", 0),
        (r"<!DOCTYPE\[.*?\]>", re.S),
        (r"(\w+\s?)*;", 0),
        (r"x*y*x*z", 0),
        (r"<(\w+)[^>]*>[^>]*</\1>", 0),
        (r"(?<=q)[^!]*!", 0),
    ],
)
def test_a_planted_pattern_is_found(pattern: str, flags: int) -> None:
    assert growth(re.compile(pattern, flags)).exponent >= STEEPEST


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s+",
        r"<[^<>]*>",
        r"(?<!\s)\s++,",
        r"^\s*(?:<!--(?>[^-]*-->))*+<",
        r"[a-z]{2,8};",
        r"a{0,400}b",
    ],
)
def test_a_sound_pattern_passes(pattern: str) -> None:
    assert growth(re.compile(pattern)).exponent < STEEPEST


def test_what_is_only_matched_at_the_start_is_not_searched() -> None:
    pattern = re.compile(r"\s*-")
    assert growth(pattern, frozenset({"match"})).exponent < STEEPEST
    assert growth(pattern, frozenset({"match", "search"})).exponent >= STEEPEST
