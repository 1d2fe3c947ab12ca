"""Settings of the quality gates, which check a run before it becomes visible."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Gate(StrEnum):
    """What a gate checks."""

    REJECTED = "rejected"
    EMPTY = "empty"
    SILENT = "silent"
    LENGTH = "length"
    LANGUAGE = "language"
    DUPLICATES = "duplicates"


class Action(StrEnum):
    """What happens to a run in which a gate finds something."""

    HOLD = "hold"
    WARN = "warn"
    OFF = "off"


class GateSettings(BaseModel):
    """A source's gates: what each does, and its limits.

    Limits are wide, since gates with false alarms get switched off. Shares are compared by
    confidence bounds, so that a few items do not raise an alarm by chance.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action = Field(
        default=Action.WARN, description="What gates do that are not listed below."
    )
    hold: tuple[Gate, ...] = Field(default=(), description="Gates that hold a run.")
    warn: tuple[Gate, ...] = Field(default=(), description="Gates that warn only.")
    off: tuple[Gate, ...] = Field(default=(), description="Gates that are switched off.")
    max_rejected: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Largest share of rejects among read items, without past runs.",
    )
    max_empty: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Largest share of articles with fewer than 20 words, without past runs.",
    )
    max_rise: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="How far such a share, or that of copies, may exceed the usual share.",
    )
    max_length_factor: float = Field(
        default=3,
        gt=1,
        description="Largest factor between the median length and the usual one, up or down.",
    )
    max_language_shift: float = Field(
        default=0.5, ge=0, le=1, description="Largest share of articles in unusual languages."
    )
    max_silence: float = Field(
        default=3,
        ge=1,
        description="Longest time without new articles, as a multiple of the longest past one.",
    )
    history: int = Field(
        default=20, ge=3, le=200, description="Number of past runs that define what is usual."
    )
    at_least: int = Field(
        default=20, ge=1, description="Fewest articles from which length and language are judged."
    )

    def action_of(self, gate: Gate) -> Action:
        """Return what a gate does."""
        for action, gates in (
            (Action.OFF, self.off),
            (Action.HOLD, self.hold),
            (Action.WARN, self.warn),
        ):
            if gate in gates:
                return action
        return self.action
