"""Quality gates: what is looked at before a run becomes visible, and from where it is too much."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Gate(StrEnum):
    """What a gate looks at."""

    REJECTED = "rejected"
    EMPTY = "empty"
    SILENT = "silent"
    LENGTH = "length"
    LANGUAGE = "language"
    DUPLICATES = "duplicates"


class Action(StrEnum):
    """What is done with a run in which a gate finds something."""

    HOLD = "hold"
    WARN = "warn"
    OFF = "off"


class GateSettings(BaseModel):
    """The gates of a source: what each does, and its limits.

    Limits are wide, since a gate that cries wolf is switched off; shares count by what a run
    proves of them, not by chance of a few items.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action = Field(
        default=Action.WARN, description="What gates do that have no word of their own below."
    )
    hold: tuple[Gate, ...] = Field(default=(), description="Gates that hold a run.")
    warn: tuple[Gate, ...] = Field(default=(), description="Gates that warn only.")
    off: tuple[Gate, ...] = Field(default=(), description="Gates that are not asked.")
    max_rejected: float = Field(
        default=0.5, ge=0, le=1, description="Share of rejects among what was read, at first."
    )
    max_empty: float = Field(
        default=0.3, ge=0, le=1, description="Share of articles with hardly any words, at first."
    )
    max_rise: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="By how much such a share, or that of copies, may be above the usual one.",
    )
    max_length_factor: float = Field(
        default=3, gt=1, description="How often the usual length the median may be, or go into it."
    )
    max_language_shift: float = Field(
        default=0.5, ge=0, le=1, description="Share of articles that may be in unusual languages."
    )
    max_silence: float = Field(
        default=3, ge=1, description="Time without anything new, in longest times between news."
    )
    history: int = Field(default=20, ge=3, le=200, description="Past runs that tell what is usual.")
    at_least: int = Field(
        default=20, ge=1, description="Articles that length and language are told from, at least."
    )

    def action_of(self, gate: Gate) -> Action:
        """Tell what a gate does."""
        for action, gates in (
            (Action.OFF, self.off),
            (Action.HOLD, self.hold),
            (Action.WARN, self.warn),
        ):
            if gate in gates:
                return action
        return self.action
