"""Results of cleaning: an article, or the reason why there is none.

Texts can be stored everywhere (``schemas.values``): hints are made so on creation, articles at the
end of cleaning (``cleaning.clean``). This module uses the standard library alone, so that worker
processes start quickly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from copydesk.schemas.values import instant, sound, sound_or_none, sound_texts


class CutKind(StrEnum):
    """What a removed passage was."""

    ADVERTISEMENT = "advertisement"
    BYLINE = "byline"
    CAPTION = "caption"
    COMMENTS = "comments"
    DUPLICATE = "duplicate"
    FORM = "form"
    HIDDEN = "hidden"
    LEGAL = "legal"
    METADATA = "metadata"
    NAVIGATION = "navigation"
    NEWSLETTER = "newsletter"
    OTHER = "other"
    RELATED = "related"
    REPEATED_TITLE = "repeated_title"
    SHARE = "share"
    SITE = "site"
    STANDFIRST = "standfirst"


class RejectReason(StrEnum):
    """Why an input produced no article."""

    BINARY = "binary"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    INVALID = "invalid"
    NEEDS_JAVASCRIPT = "needs_javascript"
    NO_ARTICLE = "no_article"
    NO_BODY = "no_body"
    NOT_AN_ARTICLE = "not_an_article"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TRUNCATED = "truncated"
    UNDECODABLE = "undecodable"
    UNREADABLE = "unreadable"
    WRONG_TYPE = "wrong_type"


class Access(StrEnum):
    """How much of the article readers get, as far as its document shows."""

    FREE = "free"
    METERED = "metered"
    PAYWALLED = "paywalled"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Cut:
    """A passage that cleaning removed, with the evidence.

    ``position`` is the index of its block (HTML) or paragraph (copied text), from 0. ``rule`` names
    the rule that removed it, or is ``model``; then ``score`` is the model's probability (0 to 1)
    that the passage belongs to the article.
    """

    kind: CutKind
    rule: str
    position: int
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article.

    ``text`` is the body's paragraphs joined by a blank line, without the title. Timestamps
    are timezone-aware. ``evidence`` names, per field, where its value was found. ``quality`` is the
    probability (0 to 1) that the text has a word F1 of .9 or more; None where none is estimated.
    ``access`` is a value of ``Access``; ``reservations`` are those against text and data mining
    and AI that were observed, by kind, each with where.
    """

    title: str
    text: str
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    site: str | None = None
    canonical_url: str | None = None
    image_url: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    markdown: str | None = None
    access: str | None = None
    quality: float | None = None
    reservations: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hints:
    """Metadata of an article from a feed entry, an archive or an API, beside its page."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Remove characters and values that cannot be stored."""
        put = object.__setattr__
        put(self, "title", sound_or_none(self.title))
        put(self, "authors", sound_texts(self.authors))
        put(self, "published_at", instant(self.published_at))
        put(self, "modified_at", instant(self.modified_at))
        put(self, "language", sound_or_none(self.language))
        put(self, "section", sound_or_none(self.section))
        put(self, "tags", sound_texts(self.tags))


@dataclass(frozen=True, slots=True)
class Reject:
    """An input that produced no article: the reason, a readable sentence, and the evidence."""

    reason: RejectReason
    detail: str
    evidence: str = ""

    def __post_init__(self) -> None:
        """Remove characters and values that cannot be stored."""
        object.__setattr__(self, "detail", sound(self.detail))
        object.__setattr__(self, "evidence", sound(self.evidence))
