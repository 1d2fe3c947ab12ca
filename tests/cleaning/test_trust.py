"""Access, reservations and quality of made pages, texts and headers."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.made_trust import BODIES, CASES, URL, Case
from benchmarks.quality import Judged, band, calibration_error, page_correlation
from benchmarks.trust import found
from copydesk.schemas.article import Access, Article, Hints
from copydesk.schemas.reservations import CRAWLERS, HEADERS
from copydesk.tasks.cleaning import access, clean, reservations
from copydesk.tasks.cleaning.html import quality_row as html_row
from copydesk.tasks.cleaning.quality import Logistic, choice_figures, shipped
from copydesk.tasks.cleaning.text import quality_row as text_row
from training.quality_rows import QualityRow


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.name}")
def test_what_is_found(case: Case) -> None:
    assert found(case) == (case.access, tuple(sorted(case.reserved)))


def test_the_list_covers_what_there_is() -> None:
    assert len(CASES) >= 40
    assert {case.access for case in CASES} == {None, *Access}
    assert len({case.language for case in CASES}) == len(BODIES)


def article_of(case: Case) -> Article:
    result = clean(case.document.encode(), media_type="text/html", url=URL,
                   transport=case.transport)  # fmt: skip
    assert isinstance(result, Article)
    return result


def case_named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def test_each_finding_says_where_it_was() -> None:
    several = article_of(case_named("several at once"))
    assert several.evidence["access"] == "json-ld isAccessibleForFree: false"
    assert several.reservations == {
        "ai-crawlers": "robots.txt denies ClaudeBot", "noai": "meta robots",
        "tdm-reservation": "header",
    }  # fmt: skip
    policy = article_of(case_named("a meta and a policy"))
    assert policy.reservations["tdm-reservation"] == "meta, policy https://coast.example/tdm.json"
    assert (
        "ends in […]" in article_of(case_named("declared free, yet broken off")).evidence["access"]
    )


def test_evidence_is_in_the_same_order_in_every_process() -> None:
    crawlers = ("GPTBot", "CCBot", "ClaudeBot", "Diffbot", "YouBot")
    metas = {name.lower(): ("noindex",) for name in crawlers}
    shown = "; ".join(f"meta {name}: noindex" for name in crawlers)
    assert reservations.in_page(metas) == {"ai-crawlers": shown}
    alike = ["to read this article in full", "register to continue reading",
             "you have read your last free", "is available to subscribers"]  # fmt: skip
    (finding,) = access.ending("The crane is old.", alike, "en")
    assert finding.evidence == "at the end: “register to continue reading”"


def test_one_kind_from_several_places_keeps_each() -> None:
    metas = {"robots": ("noai",), "tdm-reservation": ("1",)}
    joined = reservations.together(
        reservations.in_page(metas),
        reservations.in_transport({"x-robots-tag": "noai", "tdmrep.json": "1"}),
    )
    assert joined == {"noai": "meta robots; header x-robots-tag",
                      "tdm-reservation": "meta; tdmrep.json"}  # fmt: skip


@given(
    st.dictionaries(st.sampled_from([*HEADERS, "robots.txt", "content-signal", "tdmrep.json"]),
                    st.text(max_size=400)),
    st.dictionaries(st.sampled_from(["robots", "tdm-reservation", "tdm-policy", "ccbot"]),
                    st.lists(st.text(max_size=400), min_size=1, max_size=3).map(tuple)),
)  # fmt: skip
def test_no_header_and_no_meta_raises(transport: dict[str, str], metas: dict[str, tuple[str]]):
    joined = reservations.together(
        reservations.in_page(metas), reservations.in_transport(transport)
    )
    assert all(evidence for evidence in joined.values())


@given(st.text(max_size=2000), st.lists(st.text(max_size=500), max_size=8), st.none() | st.text())
def test_no_ending_raises(text: str, following: list[str], language: str | None) -> None:
    for finding in access.ending(text, following, language):
        assert finding.evidence


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["isAccessibleForFree", "hasPart", "@value"]), inner),
    max_leaves=12,
))  # fmt: skip
def test_no_declaration_raises(value: object) -> None:
    node = {"isAccessibleForFree": value, "hasPart": value}
    list(access.declared({}, [node]))


def test_languages_have_both_kinds_of_phrases() -> None:
    assert len(access.languages()) >= 40


def test_crawlers_have_one_name_each() -> None:
    assert len({name.lower() for name in CRAWLERS}) == len(CRAWLERS)


def test_the_fitted_functions_are_of_todays_features() -> None:
    assert shipped("html").names == html_row.FEATURES
    assert shipped("text").names == text_row.FEATURES


def test_a_surer_choice_is_better() -> None:
    words, body, retained = np.full(10, 30.0), [2, 3, 4, 5], np.zeros(10, np.bool_)
    retained[2:6] = True
    rows = []
    for sureness in (0.55, 0.8, 0.99):
        chance = np.where(retained, sureness, 1 - sureness)
        rows.append(choice_figures(chance, words, body, retained))
    for name in ("precision", "recall"):
        assert rows[0][name] < rows[1][name] < rows[2][name]
    assert rows[0]["doubt"] > rows[2]["doubt"]
    assert rows[0]["runs"] == pytest.approx(np.log1p(1))


@given(st.lists(st.floats(0, 1, width=32), max_size=12), st.data())
def test_any_choice_has_a_quality(chances: list[float], data: st.DataObject) -> None:
    body = [at for at in range(len(chances)) if data.draw(st.booleans())]
    retained = np.array([at in body for at in range(len(chances))], np.bool_)
    figures = choice_figures(np.array(chances, np.float32), np.ones(len(chances)), body, retained)
    assert np.isfinite(list(figures.values())).all()
    logistic = Logistic(tuple(figures), tuple([100.0] * len(figures)), -3.0)
    assert 0 <= logistic.probability(list(figures.values())) <= 1


def test_quality_of_pages_and_texts() -> None:
    plain = case_named("nothing")
    sure = article_of(plain).quality
    assert sure is not None
    assert sure > 0.8
    title, *paragraphs = plain.document, *plain.paragraphs
    text = "\n\n".join(["Fish market", *paragraphs, *BODIES["de"], *BODIES["fr"]])
    long = clean(text, media_type="text/plain")
    assert isinstance(long, Article)
    assert long.quality is not None
    short = clean("Fish market\n\n" + paragraphs[0], media_type="text/plain", hints=Hints())
    assert isinstance(short, Article)
    assert short.quality is None, "rules alone read a text of a few lines"
    front = clean("---\ntitle: Fish\n---\n\n" + paragraphs[0], media_type="text/markdown")
    assert isinstance(front, Article)
    assert front.quality is None, "it is given as it is"
    assert title


def judged(correlation: float, readings: int, pages: int = 400, seed: int = 101) -> Judged:
    """Return pages with calibrated quality, each read so many times, by a Gaussian copula."""
    random = np.random.default_rng(seed)
    of_page = np.repeat(random.standard_normal(pages), readings)
    own = random.standard_normal(pages * readings)
    value = np.sqrt(correlation) * of_page + np.sqrt(1 - correlation) * own
    quality = np.repeat(random.choice([0.4, 0.7, 0.9], pages), readings)
    limits = np.array([NormalDist().inv_cdf(each) for each in quality])
    rows = [
        QualityRow("made", str(at % readings), "folds", "site", str(at // readings), (), f1)
        for at, f1 in enumerate(np.where(value < limits, 1.0, 0.0).tolist())
    ]
    return Judged(rows, quality)


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_the_correlation_of_a_pages_readings_is_found(correlation: float) -> None:
    assert page_correlation(judged(correlation, 3)) == pytest.approx(correlation, abs=0.15)


def test_a_page_read_three_times_counts_for_less_than_three_pages() -> None:
    read_thrice = judged(0.8, 3, pages=100)
    apart, alike, one = (band(read_thrice, each) for each in (0.0, 0.8, 1.0))
    assert apart < 0.8 * alike
    assert alike < one
    read_once = judged(0.8, 1, pages=100)
    assert page_correlation(read_once) == 0.0
    assert band(read_once, 0.0) == pytest.approx(one, abs=0.02)


def test_calibrated_scores_are_within_their_band_and_others_are_not() -> None:
    calibrated = shifted = 0
    for seed in range(10):
        made = judged(0.8, 3, seed=seed)
        lower = Judged(made.rows, np.clip(made.quality - 0.15, 0.01, 0.99))
        calibrated += calibration_error(made.quality, made.right) <= band(made, 0.8)
        shifted += calibration_error(lower.quality, lower.right) > band(lower, 0.8)
    assert calibrated >= 8
    assert shifted == 10
