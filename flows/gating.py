"""Between sealing and commit: the quality gates judge what a run would add."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from schemas.gates import Action, Gate, GateSettings
from tasks.gates import FEW_RUNS, Finding, Past, judge, sentences
from warehouse.forms import Sealed
from warehouse.holding import Verdict
from warehouse.lake import Lake


def commit_or_hold(
    lake: Lake, run_id: str, *, gates: Mapping[str, GateSettings], now: datetime
) -> tuple[Sealed, Verdict]:
    """Seal a run, judge it once, and commit it unless a gate holds it.

    ``gates`` are settings by source; the one under ``""`` is for sources that have none. A call
    after a crash goes on with the verdict that stands.
    """
    sealed = lake.seal(run_id)
    plan = lake.plan(run_id)
    if plan is None:  # it has ended, and was judged before
        lake.commit(run_id)
        return sealed, Verdict(run_id, False, (), now)
    findings: list[Finding] = []
    if lake.verdict(run_id) is None:
        for source, profile in sealed.profiles.items():
            settings = gates.get(source) or gates.get("") or GateSettings()
            if source in sealed.before:  # the same documents as an older cleaner read them
                past, few = [Past(plan.started_at, sealed.before[source])], 1
            else:
                is_slice = plan.slice_key is not None
                rows = lake.past_profiles(source, most=settings.history, slices=is_slice)
                past, few = [Past(started, one) for started, one in rows], FEW_RUNS
            if plan.slice_key is not None or sealed.before:
                # a day on which nothing was published is no silence, nor is reading again
                settings = settings.model_copy(update={"off": (*settings.off, Gate.SILENT)})
            findings += judge(source, profile, past, settings, now=now, few=few)
    holds = any(finding.action is Action.HOLD for finding in findings)
    verdict = lake.judge(Verdict(run_id, holds, tuple(sentences(findings)), now))
    if not verdict.held:
        lake.commit(run_id)
    return sealed, verdict
