"""Compare the results of another cleaning with the stored ones, per document and in total."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from copydesk.schemas.article import Article, Reject
from copydesk.schemas.columns import FIELD_NAMES
from copydesk.schemas.ids import article_id, content_hash
from copydesk.schemas.plain_text import word_count
from copydesk.tasks.dedup.revision_diff import Change, compare
from copydesk.warehouse.history.stored_documents import EarlierReading, StoredDocument

EXAMPLES: Final = 8
"""Examples per kind: about what a person will look through."""

SHARES: Final = (0.01, 0.1, 0.5, 1.0)
"""Upper bounds of the classes of a text's changed share."""


class Outcome(StrEnum):
    """The effect of another cleaning on a document."""

    SAME = "same"
    TEXT = "text"
    TITLE = "title"
    FIELDS = "fields"
    ACCEPTED = "accepted"
    LOST = "lost"
    STILL_REJECTED = "still rejected"


SHOWN: Final = (Outcome.LOST, Outcome.ACCEPTED, Outcome.TEXT, Outcome.TITLE, Outcome.FIELDS)
"""Outcomes that have examples, the potentially most harmful first."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One document before and after another cleaning.

    ``fields`` are those that differ, including title and text. ``share`` is the part of both texts'
    words that the other lacks.
    """

    document: StoredDocument
    before: EarlierReading
    after: Article | Reject
    outcome: Outcome
    fields: tuple[str, ...] = ()
    share: float = 0.0
    change: Change | None = None


def compared(
    document: StoredDocument, before: EarlierReading, after: Article | Reject
) -> Comparison:
    """Compare a document's stored result with its new one."""
    if isinstance(after, Reject):
        outcome = Outcome.LOST if before.reason is None else Outcome.STILL_REJECTED
        return Comparison(document, before, after, outcome)
    if before.reason is not None:
        return Comparison(document, before, after, Outcome.ACCEPTED)
    fields = [
        name for name in FIELD_NAMES if _differ(before.fields.get(name), getattr(after, name))
    ]
    change = None
    if (before.title, before.text) != (after.title, after.text):
        change = compare((before.title, before.text), (after.title, after.text))
        if before.text != after.text:
            fields.insert(0, "text")
        if before.title != after.title:
            fields.insert(0, "title")
    outcome = Outcome.FIELDS if fields else Outcome.SAME
    if "title" in fields:
        outcome = Outcome.TITLE
    if "text" in fields:
        outcome = Outcome.TEXT
    share = change.share if change is not None else 0.0
    return Comparison(document, before, after, outcome, tuple(fields), share, change)


@dataclass(slots=True)
class Tally:
    """The totals of a comparison; documents may be added in any order.

    ``words`` counts the words of all texts before and after, ``words_changed`` those that the other
    text lacks. ``moved`` counts articles that would get another id.
    """

    version: str
    raw_gone: int = 0
    documents: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    shares: Counter[float] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    cleaners: Counter[str] = field(default_factory=Counter)
    words: int = 0
    words_changed: int = 0
    moved: int = 0
    examples: dict[Outcome, list[tuple[tuple[float, str], Comparison]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    states: dict[str, list[tuple[datetime, str | None, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, comparison: Comparison) -> None:
        """Add a document to the totals."""
        before, after = comparison.before, comparison.after
        self.documents += 1
        self.outcomes[comparison.outcome] += 1
        self.cleaners[before.cleaner_version or "unknown"] += 1
        self.fields.update(comparison.fields)
        if isinstance(after, Reject):
            self.reasons[(before.reason or "", after.reason.value)] += 1
        elif before.reason is not None:
            self.reasons[(before.reason, "")] += 1
        new = None
        if isinstance(after, Article):
            new = content_hash(after.title, after.text)
            if before.reason is None:
                count = word_count(before.text) + word_count(after.text)
                self.words += count
                self.words_changed += round(comparison.share * count)
                document = comparison.document
                self.moved += before.article_id != article_id(
                    document.source,
                    document.locator,
                    canonical=after.canonical_url,
                    url=document.url,
                )
        if "text" in comparison.fields:
            self.shares[next(end for end in SHARES if comparison.share <= end)] += 1
        old = content_hash(before.title, before.text) if before.reason is None else None
        self.states[comparison.document.item_id].append((comparison.document.observed_at, old, new))
        if comparison.outcome in SHOWN:
            self._keep(comparison)

    def _keep(self, comparison: Comparison) -> None:
        """Keep the examples with the largest changes, in whatever order they come."""
        examples = self.examples[comparison.outcome]
        heapq.heappush(
            examples,
            (
                (comparison.share, comparison.document.item_id + comparison.document.raw_sha256),
                comparison,
            ),
        )
        if len(examples) > EXAMPLES:
            heapq.heappop(examples)

    def shown(self) -> Iterator[Comparison]:
        """Yield the examples: potentially most harmful first, then the largest changes."""
        for outcome in SHOWN:
            for _, comparison in sorted(self.examples.get(outcome, []), key=lambda pair: pair[0])[
                ::-1
            ]:
                yield comparison

    @property
    def changed(self) -> int:
        """Return the number of documents that would change."""
        still = self.outcomes[Outcome.SAME] + self.outcomes[Outcome.STILL_REJECTED]
        return self.documents - still

    @property
    def share(self) -> float:
        """Return the part of all texts' words that would change."""
        return self.words_changed / self.words if self.words else 0.0

    def revisions(self) -> tuple[int, int]:
        """Return how many states would merge with the item's previous state, and how many part."""
        joined = parted = 0
        for states in self.states.values():
            for (_, old, new), (_, old_next, new_next) in pairwise(
                sorted(states, key=lambda state: state[0])
            ):
                joined += old != old_next and new == new_next
                parted += old == old_next and new != new_next
        return joined, parted

    def as_dict(self) -> dict[str, Any]:
        """Return the totals as JSON-compatible values."""
        joined, parted = self.revisions()
        return {
            "to_version": self.version,
            "from_versions": dict(sorted(self.cleaners.items())),
            "documents": self.documents,
            "raw_gone": self.raw_gone,
            "changed": self.changed,
            "outcomes": {
                outcome.value.replace(" ", "_"): self.outcomes[outcome] for outcome in Outcome
            },
            "fields": dict(self.fields.most_common()),
            "text_share_changed": round(self.share, 6),
            "texts_by_share_changed": {f"{end:g}": self.shares[end] for end in SHARES},
            "other_article_id": self.moved,
            "revisions_joined": joined,
            "revisions_parted": parted,
            "rejects": [
                {"before": before or None, "after": after or None, "documents": count}
                for (before, after), count in self.reasons.most_common()
            ],
        }


def lines(tally: Tally) -> list[str]:
    """Return the totals as lines for a terminal."""
    out = tally.outcomes
    joined, parted = tally.revisions()
    summary = [
        f"{tally.changed:,} of {tally.documents:,} documents would change under cleaner "
        f"{tally.version}: {tally.share:.2%} of the words",
        f"  text {out[Outcome.TEXT]:,}, title only {out[Outcome.TITLE]:,}, "
        f"other fields only {out[Outcome.FIELDS]:,}",
        f"  rejects that would be articles {out[Outcome.ACCEPTED]:,}, articles that would be "
        f"rejects {out[Outcome.LOST]:,}",
    ]
    if tally.fields:
        counted = ", ".join(f"{name} {count:,}" for name, count in tally.fields.most_common())
        summary.append(f"  fields: {counted}")
    if joined or parted:
        summary.append(f"  revisions: {joined:,} would join the one before, {parted:,} would split")
    if tally.moved:
        summary.append(f"  {tally.moved:,} articles would have another id")
    if tally.raw_gone:
        summary.append(
            f"  {tally.raw_gone:,} further documents stay as they are: "
            "their raw bytes are no longer stored"
        )
    return summary


def _differ(before: Any, after: Any) -> bool:
    """Return whether a field differs; empty and missing are equal."""
    if isinstance(before, list | tuple) or isinstance(after, list | tuple):
        return list(before or ()) != list(after or ())
    return (before or None) != (after or None)


def values(comparison: Comparison) -> Mapping[str, tuple[Any, Any]]:
    """Return the differing fields except the text, each with its value before and after."""
    after = comparison.after
    if isinstance(after, Reject):
        return {}
    before = comparison.before
    changed = {
        name: (before.fields.get(name), getattr(after, name))
        for name in comparison.fields
        if name in FIELD_NAMES
    }
    if "title" in comparison.fields:
        changed = {"title": (comparison.before.title, after.title), **changed}
    return changed
