"""What the gates find in a run beside those before it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.schemas.errors import CopydeskError
from copydesk.schemas.gates import Action, Gate, GateSettings
from copydesk.schemas.run_profile import Profile, read_profiles, write_profiles
from copydesk.schemas.sources import parse_sources
from copydesk.tasks.ingest.quality_gates import Past, judge, lower_bound

START = datetime(2026, 3, 1, tzinfo=UTC)
HOLD = GateSettings(action=Action.HOLD)


def brought(
    articles: int = 100,
    rejected: int = 5,
    *,
    new: int | None = None,
    duplicate: int = 2,
    short: int = 0,
    words: float = 400,
    languages: Mapping[str, int] | None = None,
) -> Profile:
    items = articles + rejected
    return Profile(
        items, items, 0, articles, rejected, articles - duplicate if new is None else new,
        duplicate, short, words if articles else None,
        languages if languages is not None else {"en": articles},
    )  # fmt: skip


def days(*profiles: Profile) -> list[Past]:
    return [Past(START + timedelta(days=n), profile) for n, profile in enumerate(profiles)]


USUAL = days(*[brought()] * 6)


def gates(profile: Profile, earlier_runs: list[Past] = USUAL, at: float = 6) -> set[Gate]:
    now = START + timedelta(days=at)
    return {finding.gate for finding in judge("wire", profile, earlier_runs, HOLD, now=now)}


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        (brought(), set()),
        (brought(60, 45), {Gate.REJECTED}),
        (brought(0, 1), set()),  # a single page proves nothing
        (brought(0, 30), {Gate.REJECTED}),
        (brought(100, 20), set()),
        (brought(short=50), {Gate.EMPTY}),
        (brought(words=90), {Gate.LENGTH}),
        (brought(words=1300), {Gate.LENGTH}),
        (brought(words=1100), set()),
        (brought(5, 0, words=5000, new=5, duplicate=0), set()),
        (brought(languages={"de": 80, "en": 20}), {Gate.LANGUAGE}),
        (brought(languages={"en-GB": 100}), set()),
        (brought(languages={"": 100}), {Gate.LANGUAGE}),
        (brought(new=20, duplicate=80), {Gate.DUPLICATES}),
        (Profile(items=40), {Gate.SILENT}),
    ],
)
def test_what_is_found(profile: Profile, found: set[Gate]) -> None:
    assert gates(profile) == found


def test_without_a_past_the_limits_hold() -> None:
    assert gates(brought(20, 80), []) == {Gate.REJECTED}
    assert gates(brought(short=60), []) == {Gate.EMPTY}
    assert gates(brought(new=0, duplicate=100, words=5, languages={"xx": 100}), []) == set()
    assert gates(Profile(items=40), USUAL[:2]) == set()


def test_a_source_of_many_rejects_is_measured_by_itself() -> None:
    rough = days(*[brought(30, 70)] * 5)
    assert gates(brought(30, 70, words=400), rough) == set()
    assert gates(brought(2, 98), rough) == {Gate.REJECTED}


def test_silence_is_longer_than_ever() -> None:
    quiet = Profile(items=50, answered=50)
    weekly = [Past(START + timedelta(days=day), brought() if day % 7 == 0 else quiet)
              for day in range(30)]  # fmt: skip
    assert gates(quiet, weekly, 35) == set()
    assert gates(quiet, weekly, 28 + 20) == set()
    (finding,) = judge("wire", quiet, weekly, HOLD, now=START + timedelta(days=28 + 22))
    assert finding.gate is Gate.SILENT
    assert "22 days, never longer than 7 days" in str(finding)
    assert gates(brought(), weekly, 90) == set()


def test_each_gate_does_what_its_settings_say() -> None:
    bad = brought(20, 80, short=20, words=90, new=1, duplicate=19)
    settings = GateSettings(hold=(Gate.REJECTED,), off=(Gate.EMPTY, Gate.DUPLICATES))
    findings = judge("wire", bad, USUAL, settings, now=START)
    assert {(offer.gate, offer.action) for offer in findings} == {
        (Gate.REJECTED, Action.HOLD),
        (Gate.LENGTH, Action.WARN),
    }
    assert (
        str(findings[0])
        == "wire: rejected: 80 of 100 documents read were rejected (80%, usually 5%)"
    )


counts = st.integers(0, 500)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    articles, rejected, more = draw(counts), draw(counts), draw(counts)
    new = draw(st.integers(0, articles))
    answered = articles + rejected + draw(st.integers(0, more))
    languages = {"en": draw(st.integers(0, articles))}
    languages["de"] = articles - languages["en"]
    return Profile(
        articles + rejected + more,
        answered,
        0,
        articles,
        rejected,
        new,
        draw(st.integers(0, articles - new)),
        draw(st.integers(0, articles)),
        draw(st.floats(1, 5000)) if articles else None,
        languages,
    )


@given(profiles(), st.integers(3, 10))
def test_a_run_like_all_others_is_never_held(profile: Profile, runs: int) -> None:
    now = START + timedelta(days=runs)
    assert judge("wire", profile, days(*[profile] * runs), HOLD, now=now) == []


@given(profiles(), st.lists(profiles(), max_size=8), st.randoms())
def test_the_order_of_the_past_does_not_matter(
    profile: Profile, earlier_runs: list[Profile], random: Random
) -> None:
    now = START + timedelta(days=9)
    before = days(*earlier_runs)
    shuffled = before[:]
    random.shuffle(shuffled)
    findings = judge("wire", profile, before, HOLD, now=now)
    assert judge("wire", profile, shuffled, HOLD, now=now) == findings
    off = GateSettings(action=Action.OFF)
    assert judge("wire", profile, before, off, now=now) == []


@given(profiles(), st.lists(profiles(), min_size=3, max_size=6), st.integers(1, 200))
def test_more_rejects_are_never_found_less(
    profile: Profile, earlier_runs: list[Profile], more: int
) -> None:
    worse = dataclasses.replace(
        profile,
        items=profile.items + more,
        answered=profile.answered + more,
        rejected=profile.rejected + more,
    )
    now = START + timedelta(days=9)

    def is_found(one: Profile) -> bool:
        findings = judge("wire", one, days(*earlier_runs), HOLD, now=now)
        return any(finding.gate is Gate.REJECTED for finding in findings)

    assert is_found(worse) or not is_found(profile)


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_a_lower_bound_lies_below_the_share(part: int, more: int) -> None:
    whole = part + more
    assert 0 <= lower_bound(part, whole) <= part / whole
    assert lower_bound(10 * part, 10 * whole) >= lower_bound(part, whole)


@given(st.dictionaries(st.text(min_size=1), profiles(), max_size=3))
def test_profiles_are_read_as_written(by_source: dict[str, Profile]) -> None:
    assert read_profiles(write_profiles(by_source)) == by_source


def test_a_sources_gates_add_to_the_defaults() -> None:
    text = """
    [defaults.gates]
    action = "hold"
    max_rejected = 0.4
    [sources.a]
    address = "x/"
    [sources.a.gates]
    off = ["language"]
    """
    result = parse_sources(text).sources["a"].gates
    assert (result.action, result.max_rejected, result.off) == (Action.HOLD, 0.4, (Gate.LANGUAGE,))


def test_a_wrong_gate_is_told_with_those_that_there_are() -> None:
    with pytest.raises(CopydeskError, match=r"sources\.a\.gates\.max: no such setting.*max_rise"):
        parse_sources("[sources.a]\naddress='x/'\n[sources.a.gates]\nmax = 3")
    with pytest.raises(CopydeskError, match="'rejected', 'empty', 'silent'"):
        parse_sources("[sources.a]\naddress='x/'\n[sources.a.gates]\nhold = ['rejects']")
