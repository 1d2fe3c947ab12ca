"""Quality gates: compare a run's profile with those of the source's previous runs. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from copydesk.schemas.gates import Action, Gate, GateSettings
from copydesk.schemas.run_profile import SHORT_WORDS, Profile

FEW_RUNS: Final = 3
"""Minimum runs before anything counts as usual: two similar runs may be chance."""

FEW_DOCUMENTS: Final = 5
"""Minimum documents for a meaningful share: two copies in one hour are often one event."""

_Z: Final = 1.96
"""Normal quantile: chance exceeds a limit by this much once in 40 runs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A gate's finding, as a sentence, and the action for the run."""

    source: str
    gate: Gate
    action: Action
    says: str

    def __str__(self) -> str:
        """Return the sentence with the source and the gate's name."""
        return f"{self.source}: {self.gate.value}: {self.says}"


@dataclass(frozen=True, slots=True)
class Past:
    """A previous run of the source: its start and its profile."""

    started_at: datetime
    profile: Profile


def judge(
    source: str,
    profile: Profile,
    earlier_runs: Sequence[Past],
    settings: GateSettings,
    *,
    now: datetime,
    min_runs: int = FEW_RUNS,
) -> list[Finding]:
    """Compare a run with the previous ones, in any order, and return its gates' findings.

    ``now`` is the run's start. With fewer than ``min_runs`` previous runs only the fixed limits
    apply.
    """
    before = sorted(earlier_runs, key=lambda run: run.started_at)
    if len(before) < min_runs:
        before = []
    findings = []
    for gate, says in _looks(profile, before, settings, now):
        action = settings.action_of(gate)
        if says is not None and action is not Action.OFF:
            findings.append(Finding(source, gate, action, says))
    return findings


def sentences(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the findings as sentences, those that hold the run first."""
    for finding in sorted(findings, key=lambda item: item.action is not Action.HOLD):
        yield str(finding)


def _looks(
    profile: Profile, before: Sequence[Past], settings: GateSettings, now: datetime
) -> Iterator[tuple[Gate, str | None]]:
    usual = [run.profile for run in before]
    yield Gate.REJECTED, _rejected(profile, usual, settings)
    yield Gate.EMPTY, _empty(profile, usual, settings)
    yield Gate.SILENT, _silent(profile, before, settings, now)
    yield Gate.LENGTH, _length(profile, usual, settings)
    yield Gate.LANGUAGE, _language(profile, usual, settings)
    yield Gate.DUPLICATES, _duplicates(profile, usual, settings)


def lower_bound(part: int, whole: int) -> float:
    """Return the lower bound of a proportion ``part`` of ``whole`` (Wilson's interval).

    3 of 3 give .44, 30 of 30 give .89, so that small runs raise no false alarms.
    """
    if whole == 0:
        return 0.0
    share, z = part / whole, _Z * _Z / whole
    spread = _Z * math.sqrt(share * (1 - share) / whole + z / (4 * whole))
    return max(0.0, (share + z / 2 - spread) / (1 + z))


def _rejected(profile: Profile, usual: Sequence[Profile], settings: GateSettings) -> str | None:
    return _share(
        profile.rejected,
        profile.read,
        [(earlier.rejected, earlier.read) for earlier in usual],
        settings.max_rejected,
        settings.max_rise,
        "documents read were rejected",
    )


def _empty(profile: Profile, usual: Sequence[Profile], settings: GateSettings) -> str | None:
    return _share(
        profile.short,
        profile.articles,
        [(earlier.short, earlier.articles) for earlier in usual],
        settings.max_empty,
        settings.max_rise,
        f"articles have fewer than {SHORT_WORDS} words",
    )


def _duplicates(profile: Profile, usual: Sequence[Profile], settings: GateSettings) -> str | None:
    # no limit without previous runs: a first load may consist of copies
    return _share(
        profile.duplicate,
        profile.new + profile.duplicate,
        [(earlier.duplicate, earlier.new + earlier.duplicate) for earlier in usual],
        1.0,
        settings.max_rise,
        "articles that were not seen before are copies of others",
    )


def _share(
    part: int,
    whole: int,
    before: Sequence[tuple[int, int]],
    limit: float,
    rise: float,
    what: str,
) -> str | None:
    shares = [some / of for some, of in before if of]
    usually = median(shares) if shares else None
    allowed = limit if usually is None else min(1.0, usually + rise)
    if whole < FEW_DOCUMENTS or lower_bound(part, whole) <= allowed:
        return None
    reference = f"the limit is {allowed:.0%}" if usually is None else f"usually {usually:.0%}"
    return f"{part:,} of {whole:,} {what} ({part / whole:.0%}, {reference})"


def _silent(
    profile: Profile, before: Sequence[Past], settings: GateSettings, now: datetime
) -> str | None:
    """Return a finding if no item answered, unlike before, or nothing new came for too long."""
    if not before:
        return None
    if profile.answered == 0 and all(run.profile.answered for run in before):
        return f"no item answered; some did in each of the {len(before)} previous runs"
    if profile.new or any(run.started_at > now for run in before):
        return None
    news = [run.started_at for run in before if run.profile.new]
    gaps = [later - earlier for earlier, later in pairwise(news)]
    if len(news) < FEW_RUNS or not (longest := max(gaps)):
        return None
    silence = now - news[-1]
    if silence <= settings.max_silence * longest:
        return None
    return f"nothing new for {_span(silence)}, never longer than {_span(longest)} before"


def _length(profile: Profile, usual: Sequence[Profile], settings: GateSettings) -> str | None:
    enough = settings.at_least
    lengths = [earlier.words for earlier in usual if earlier.words]
    articles_before = sum(earlier.articles for earlier in usual if earlier.words)
    if profile.articles < enough or not profile.words or articles_before < enough:
        return None
    usually = median(lengths)
    factor = profile.words / usually
    if 1 / settings.max_length_factor <= factor <= settings.max_length_factor:
        return None
    return f"half of the articles have {profile.words:,.0f} words or more, usually {usually:,.0f}"


def _language(profile: Profile, usual: Sequence[Profile], settings: GateSettings) -> str | None:
    current, earlier = _languages([profile]), _languages(usual)
    if min(current.total(), earlier.total()) < settings.at_least:
        return None
    shift = {
        language: count / current.total() - earlier[language] / earlier.total()
        for language, count in current.items()
    }
    if sum(more for more in shift.values() if more > 0) <= settings.max_language_shift:
        return None
    largest = max(shift, key=lambda language: shift[language])
    return (
        f"{current[largest] / current.total():.0%} of the articles are {_named(largest)}, "
        f"usually {earlier[largest] / earlier.total():.0%}"
    )


def _languages(profiles: Sequence[Profile]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for profile in profiles:
        for language, count in profile.languages.items():
            counts[language.partition("-")[0]] += count
    return counts


def _named(language: str) -> str:
    return f"in {language}" if language else "in an unidentified language"


def _span(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
