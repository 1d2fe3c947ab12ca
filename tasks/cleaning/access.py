"""How much of an article readers get: what its document declares, and how its text ends.

What is found is recorded with its evidence; nothing is filtered by it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from copydesk.schemas.article import Access, Article
from copydesk.schemas.items import FEED, FROM, TRUNCATED

NEXT: Final = 6
"""Blocks or lines below a text among which it may ask to subscribe."""
_PROMPT: Final = 400  # characters; what is longer is no request to subscribe
_LAST: Final = 240  # characters of a text's end that are looked at
_PLAIN_PHRASE: Final = 8  # characters; a shorter phrase is the whole of what stands behind dots
_PART: Final = 6  # letters of phrases that are looked for first; fewer are part of common words
_ALIASES: Final = {
    "nb": "no",
    "nn": "no",
    "iw": "he",
    "in": "id",
    "sh": "hr",
    "me": "sr",
    "tl": "en",
}
"""Languages that are read by another one's phrases, or have an older name."""
_MOST_NODES: Final = 50

_BRACKETED: Final = re.compile(r"(?:[\[(]\s?(?:…|\.{3,9}|&hellip;)\s?[\])]|\s(?:…|\.{3}))$")
"""An ellipsis in brackets or behind a space ends an excerpt; one behind a word may be style."""
_ELLIPSIS: Final = ("…", "...")
_BRACKET_ENDS: Final = (*_ELLIPSIS, "]", ")")
_ARROWS: Final = " \t\n→»>›…·.:|⟶➔➜←↓▼«<-–—[]()"
_SENTENCE_END: Final = tuple('.!?。！？।؟۔"”’»」』)')
_APPEARED: Final = ("The post", "L'article", "Der Beitrag")
_APPEARED_FIRST: Final = re.compile(rf"\bappeared first on\b|^(?:{'|'.join(_APPEARED)})\b")
"""WordPress's line below an excerpt in a feed."""

_TIERS: Final = {
    "free": Access.FREE,
    "metered": Access.METERED,
    "locked": Access.PAYWALLED,
    "paid": Access.PAYWALLED,
    "premium": Access.PAYWALLED,
    "subscriber": Access.PAYWALLED,
    "subscribers": Access.PAYWALLED,
}
_TIER_NAMES: Final = ("article:content_tier", "content_tier", "article:content-tier")
_FREE_NAME: Final = "isaccessibleforfree"
_FREE_NAMES: Final = (_FREE_NAME, f"schema:{_FREE_NAME}", f"og:{_FREE_NAME}")
_FREE_KEYS: Final = ("isAccessibleForFree", "isAccessibleforFree", "isaccessibleforfree")
"""As schema.org writes it, and as pages often do."""
_WALL_NAME: Final = "paywall"
_WALLS: Final = {
    **dict.fromkeys(("metered", "meter", "soft"), Access.METERED),
    **dict.fromkeys(("true", "yes", "1", "locked", "paid", "premium"), Access.PAYWALLED),
    **dict.fromkeys(("closed", "hard"), Access.PAYWALLED),
    **dict.fromkeys(("free", "open"), Access.FREE),
}
"""By what a meta that names a paywall says of it."""


class Finding(NamedTuple):
    """An access, and where and how it was found."""

    access: Access
    evidence: str


class Decision(NamedTuple):
    """The access that all findings amount to, and their evidence; None without findings."""

    access: Access | None
    evidence: str


def decide(stated: Iterable[Finding], shown: Iterable[Finding]) -> Decision:
    """Weigh what a document states and what its text shows.

    A stated meter says more than that an article is not free. A request to subscribe counts where
    nothing is stated. A text that breaks off is not the whole one, whatever is stated.
    """
    stated, shown = tuple(dict.fromkeys(stated)), tuple(dict.fromkeys(shown))
    declared_kinds, shown_kinds = ({finding.access for finding in part} for part in (stated, shown))
    if not declared_kinds and Access.PAYWALLED in shown_kinds:
        access: Access | None = Access.PAYWALLED
    elif Access.PAYWALLED in declared_kinds and Access.METERED not in declared_kinds:
        access = Access.PAYWALLED
    elif Access.CUT_OFF in shown_kinds:
        access = Access.CUT_OFF
    else:
        order = (Access.METERED, Access.FREE)
        access = next((access for access in order if access in declared_kinds), None)
    return Decision(access, "; ".join(finding.evidence for finding in (*stated, *shown)))


def with_access(article: Article, stated: Sequence[Finding], shown: Sequence[Finding]) -> Article:
    """Return an article, whose access was decided by what is stated, with that of all findings."""
    if not shown:
        return article
    decision = decide(stated, shown)
    if decision.access is None:
        return article
    evidence = {**article.evidence, "access": decision.evidence}
    return replace(article, access=decision.access, evidence=evidence)


def with_more(article: Article, findings: Sequence[Finding]) -> Article:
    """Return an article that was cut off on its way, whatever else its access is but a paywall."""
    evidence = "; ".join(
        filter(None, (article.evidence.get("access"), *(f.evidence for f in findings)))
    )
    access = article.access if article.access == Access.PAYWALLED else Access.CUT_OFF
    return replace(article, access=access, evidence={**article.evidence, "access": evidence})


def declared(
    metas: Mapping[str, Sequence[str]],
    nodes: Sequence[Mapping[str, Any]],
    labels: Iterable[tuple[str, str]] = (),
) -> Iterator[Finding]:
    """Yield what metas, JSON-LD and microdata declare.

    Args:
        metas: Contents by name.
        nodes: The JSON-LD objects of the article, best first.
        labels: Of elements, what their ``itemprop`` and classes say, and their values.
    """
    yield from _of_labels(labels)
    for name in _TIER_NAMES:
        for content in metas.get(name, ())[:1]:
            if (tier := _TIERS.get(content.strip().lower())) is not None:
                yield Finding(tier, f"meta {name}: {content.strip()}")
    for name in _FREE_NAMES:
        for content in metas.get(name, ())[:1]:
            if (is_free := truth(content)) is not None:
                yield _free(is_free, "meta isAccessibleForFree")
    if _WALL_NAME in "\n".join(metas):
        for name, contents in metas.items():
            if _WALL_NAME in name:
                yield from _walled(name, contents[0])
    yield from _of_nodes(nodes)


def _of_labels(labels: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    for label, value in labels:
        if _FREE_NAME in label and (is_free := truth(value)) is not None:
            yield _free(is_free, "itemprop isAccessibleForFree")
            return


def _walled(name: str, content: str) -> Iterator[Finding]:
    value = content.strip().lower()
    if value in _WALLS:
        yield Finding(_WALLS[value], f"meta {name}: {value}")


def _of_nodes(nodes: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for node in nodes[:_MOST_NODES]:
        whole = truth(_value(node))
        if whole is not None:
            yield _free(whole, "json-ld isAccessibleForFree")
        if whole is not True and any(truth(part) is False for part in _parts(node)):
            yield _free(False, "json-ld hasPart isAccessibleForFree")
        if whole is not None:
            return


def _parts(node: Mapping[str, Any]) -> Iterator[Any]:
    parts = node.get("hasPart")
    for part in (parts if isinstance(parts, list) else [parts])[:_MOST_NODES]:
        if isinstance(part, Mapping):
            yield _value(part)


def _value(node: Mapping[str, Any]) -> Any:
    return next((node[key] for key in _FREE_KEYS if key in node), None)


def _free(is_free: bool, origin: str) -> Finding:
    access = Access.FREE if is_free else Access.PAYWALLED
    return Finding(access, f"{origin}: {str(is_free).lower()}")


def truth(value: Any) -> bool | None:
    """Read a truth value as pages write it: true, "False", 0, "https://schema.org/True"."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("@value", value.get("@id"))
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower().rstrip("/").rpartition("/")[2] if value is not None else ""
    return True if word in ("true", "yes", "1") else False if word in ("false", "no", "0") else None


def in_transport(text: str, transport: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is known of a document's end by how it was read.

    A feed often has excerpts, and a crawler may stop within a page.
    """
    if reason := transport.get(TRUNCATED):
        yield Finding(Access.CUT_OFF, f"the crawler stopped: {reason[:_LAST]}")
    if transport.get(FROM) == FEED and text.rstrip().endswith(_ELLIPSIS):
        yield Finding(Access.CUT_OFF, "the feed's text ends in …")


def ending(text: str, following: Sequence[str], language: str | None) -> Iterator[Finding]:
    """Yield what the end of a text says, and the passages below it.

    Args:
        text: The article's text.
        following: The first passages below it that are not part of it.
        language: Of the text; phrases of this language and of English are known.
    """
    paragraphs = text[-4 * _PROMPT :].rstrip().rsplit("\n", 3)
    last = paragraphs[-1].strip()
    if len(paragraphs) > 1 and _appeared_first(last):
        last = next((part.strip() for part in reversed(paragraphs[:-1]) if part.strip()), last)
    name = (language or "en").partition("-")[0].lower()
    vocabulary = _vocabulary(_ALIASES.get(name, name))
    tail = last[-_LAST:]
    if tail.endswith(_BRACKET_ENDS) and (mark := _BRACKETED.search(tail)):
        yield Finding(Access.CUT_OFF, f"the text ends in {mark.group().strip()}")
    elif phrase := _closing_phrase(tail, vocabulary.more):
        yield Finding(Access.CUT_OFF, f"the text ends in “{phrase}”")
    elif (breaks := tail.endswith(_ELLIPSIS)) or not tail.endswith(_SENTENCE_END):
        below = _bare(following[0]) if following and len(following[0]) < _LAST else ""
        if below in vocabulary.more_set and (breaks or _is_prose(tail)):
            yield Finding(Access.CUT_OFF, f"“{below}” below a text that breaks off")
    yield from _prompts((*paragraphs[-2:], *following[:NEXT]), vocabulary)


def _appeared_first(line: str) -> bool:
    """Tell whether a line names where a post appeared, not looking for words that are not there."""
    may = "appeared first" in line or line.startswith(_APPEARED)
    return may and _APPEARED_FIRST.search(line) is not None


def _is_prose(tail: str) -> bool:
    """Tell whether the end of a text is one of a long line, as a paragraph's is."""
    return len(tail) == _LAST


def _closing_phrase(tail: str, phrases: tuple[str, ...]) -> str | None:
    """Return the phrase behind an ellipsis that a text ends in ("… weiterlesen »").

    A headline may stand behind it ("… Continue reading The old crane →").
    """
    start = max(map(tail.rfind, _ELLIPSIS))
    if start < 0:
        return None
    behind = _bare(tail[start:])
    for phrase in phrases:
        if behind == phrase or (behind.startswith(f"{phrase} ") and len(phrase) >= _PLAIN_PHRASE):
            return phrase
    return None


def _prompts(passages: Iterable[str], vocabulary: _Vocabulary) -> Iterator[Finding]:
    short = "\n".join([passage for passage in passages if len(passage) <= _PROMPT]).lower()
    if not any(map(short.__contains__, vocabulary.gate_parts)):
        return
    for phrase in vocabulary.gate:
        if phrase in short:
            yield Finding(Access.PAYWALLED, f"at the end: “{phrase.strip()}”")
            return


def _bare(line: str) -> str:
    """Return a line in lower case, without the arrows and dots around it."""
    return " ".join(line.lower().strip(_ARROWS).split())


class _Vocabulary(NamedTuple):
    more: tuple[str, ...]
    more_set: frozenset[str]
    gate: tuple[str, ...]
    gate_parts: tuple[str, ...]
    """A few letters of each phrase in ``gate``, shared by many: a text without them has none."""


@cache
def _table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    path = files("copydesk.tasks.cleaning").joinpath("data", "access.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _vocabulary(language: str) -> _Vocabulary:
    """Return the phrases of a language and of English, the longest first, always in one order."""
    table = _table()
    more, gate = (
        tuple(sorted({*part.get(language, ()), *part["en"]}, key=lambda p: (-len(p), p)))
        for part in (table["more"], table["gate"])
    )
    return _Vocabulary(more, frozenset(more), gate, _shared_parts(gate))


def _shared_parts(phrases: Iterable[str]) -> tuple[str, ...]:
    """Return parts of which each phrase has one: first the part that most have."""
    remaining = set(phrases)
    parts = []
    while remaining:
        counts = Counter(part for phrase in remaining for part in _parts_of(phrase))
        parts.append(max(counts, key=lambda part: (counts[part], part)))
        remaining = {phrase for phrase in remaining if parts[-1] not in phrase}
    return tuple(parts)


def _parts_of(phrase: str) -> set[str]:
    return {phrase[at : at + _PART] for at in range(max(1, len(phrase) - _PART + 1))}


def languages() -> frozenset[str]:
    """Return the languages whose phrases are known."""
    return frozenset(_table()["more"]) & frozenset(_table()["gate"])
