"""Choose the visible title by a vote of all places that give it, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from copydesk.tasks.cleaning.metadata.model import Evidence
from copydesk.tasks.cleaning.metadata.site_names import (
    MAX_TITLE_CHARS,
    PARTED,
    learned_names,
)
from copydesk.tasks.cleaning.metadata.title_parts import (
    compact,
    parts_of,
    trimmed_heading,
    visible_part,
    without_counter,
    without_site_parts,
)
from copydesk.tasks.cleaning.site_in_title import site_names, without_names
from copydesk.tasks.cleaning.title import normal_title, repeats_title, title_key

MAX_CANDIDATES: Final = 16
# A longer h1 is a paragraph set large by a theme; the longest title in the development sets has 190
# characters.
MAX_HEADLINE_CHARS: Final = 200

# Weights of the places. Share that is right alone, on WCXB pages that have it: h1 .81 (.86 if there
# is only one), headline .83, og:title .74, twitter:title .74, title .63.
_WEIGHTS: Final = {"h1": 3.0, "headline": 2.5, "og": 2.0, "title": 1.5, "twitter": 0.7, "meta": 0.7}
_METAS: Final = (
    "headline", "title", "citation_title", "parsely-title", "sailthru.title", "dc.title",
    "dcterms.title", "hdl",
)  # fmt: skip
# With several h1 each weighs less: one of them is a logo or a widget's heading.
_ONE_OF_MANY_H1: Final = 1.2
# An h1 that nothing repeats is the headline if it shares this part of its words with the title in
# the page's head: right in 82 of 126 WCXB pages at or above it (the head: 37), in 2 of 16 below
# (the head: 10).
_SHARED_WORDS: Final = 0.25

# "… | Opinion" is a section's label; no headline of three words or more contains a bar.
_LABEL: Final = re.compile(r"(?<=\S)\s*[|｜]\s*[^\W\d_]+(?: [^\W\d_]+)?$")
_HEAD: Final = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?\s?[:：]\s*")
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+"
)
# A part this many times as wide as the h1 is the title, and not the section's name.
_WIDER: Final = 1.25
_TRAIL: Final = re.compile("[〉»›>]")  # two in a heading make it a breadcrumb trail
_HANDLE: Final = re.compile(r"^@\w+$")


class Candidate(NamedTuple):
    """A title from one place, without the site's name, and its comparison key.

    ``cut`` is true if something before it was removed.
    """

    text: str
    key: str
    source: str
    origin: str
    weight: float
    cut: bool


class TitleChoice(NamedTuple):
    """The title and the best place where it was found."""

    text: str
    origin: str


def choose_title(
    evidence: Evidence,
    *,
    headlines: Sequence[str],
    sites: Iterable[str],
    hint: str | None = None,
    start_page_links: Callable[[], Sequence[str]] = tuple,
    visible_lines: Callable[[], Sequence[str]] = tuple,
) -> TitleChoice | None:
    """Choose the title among all places that give it.

    ``headlines`` are those of the page's main JSON-LD objects; ``sites`` the site's names and
    hosts; ``hint`` the title in a feed. ``start_page_links`` returns the texts of links to the
    site's start page: a title that is one of them gives way to what stands beside it.
    ``visible_lines`` returns the visible lines above the text; it is called only if the headings do
    not decide.
    """
    raw = list(_raw(evidence, headlines, hint))
    titles = list(dict.fromkeys(text for _, _, text in raw))  # most places give the same text
    names = {name for name in sites if name}
    learned = learned_names(titles, names)
    choice = _choose(raw, names | learned, evidence, visible_lines)
    if (
        choice
        and any(map(PARTED.search, titles))
        and compact(choice.text) in map(compact, start_page_links())
    ):
        choice = _choose(raw, names | {choice.text}, evidence, visible_lines) or choice
    return choice


def _choose(
    raw: Sequence[tuple[str, str, str]],
    names: set[str],
    evidence: Evidence,
    visible_lines: Callable[[], Sequence[str]],
) -> TitleChoice | None:
    """Choose the title if these are the site's names."""
    single = len(evidence.headings) == 1
    # A page whose only title is the site's name keeps it.
    candidates = _cleaned(raw, names, single=single) or _cleaned(raw, set(), single=single)
    if not candidates:
        return None
    groups = _groups(_trimmed(candidates, evidence))
    best = _winner(groups)
    if all(candidate.source == "h1" for candidate in best) and len(groups) > 1:
        best = _declared_line(groups, best[0], visible_lines) or best
    winner = _as_readers_see(best)
    origin = ", ".join(dict.fromkeys(candidate.origin for candidate in best))
    if part := _in_chain(winner, best, evidence, visible_lines):
        return TitleChoice(part, f"{origin}, as a line shows it")
    return TitleChoice(
        without_site_parts(winner.text) if winner.source != "h1" else winner.text, origin
    )


def _declared_line(
    groups: Sequence[list[Candidate]],
    heading: Candidate,
    visible_lines: Callable[[], Sequence[str]],
) -> list[Candidate] | None:
    """Return the group of a declared title that is a line below a heading that nothing declares."""
    declared = [c.key for group in groups for c in group if c.source != "h1"]
    least = min(map(len, declared), default=0)
    lines = {_squeezed(line) for line in _below(heading.key, visible_lines) if _fits(line, least)}
    for group in groups:
        if any(candidate.source != "h1" and candidate.key in lines for candidate in group):
            return [candidate for candidate in group if candidate.source != "h1"]
    return None


def _below(heading: str, visible_lines: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Return the lines between a heading, given by its key, and the text."""
    lines, least = visible_lines(), len(heading)
    at = next(
        (i for i, line in enumerate(lines) if _fits(line, least) and _squeezed(line) == heading),
        len(lines),
    )
    return lines[at + 1 :]


def _fits(line: str, least: int) -> bool:
    """Return whether a line's key may have this many letters; in ASCII it has no more."""
    return len(line) >= least or not line.isascii()


def _trimmed(candidates: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
    """Remove kickers, dates and buttons beside a declared title from headings."""
    if not evidence.headings:
        return list(candidates)
    declared = tuple(dict.fromkeys(c.text for c in candidates if c.source != "h1"))
    authors = evidence.meta.get("author", ())
    runs = dict(zip(evidence.headings, evidence.heading_runs, strict=False))
    trimmed = []
    for candidate in candidates:
        if candidate.source == "h1":
            of_heading = runs.get(candidate.text, ())
            text = trimmed_heading(candidate.text, of_heading, declared, authors)
            if text != candidate.text:
                trimmed.append(candidate._replace(text=text, key=_squeezed(text)))
                continue
        trimmed.append(candidate)
    return trimmed


def _in_chain(
    winner: Candidate,
    best: Sequence[Candidate],
    evidence: Evidence,
    visible_lines: Callable[[], Sequence[str]],
) -> str | None:
    """Return the part of the page's title that is a line of its own above the text, or None.

    Only if no heading gives the title, or the heading is another part: the site's name.
    """
    headed = any(candidate.source == "h1" for candidate in best)
    declared = (evidence.title, *evidence.meta.get("og:title", ())[:1])
    chains = [chain for chain in declared if chain and len(chain) <= 2 * MAX_TITLE_CHARS]
    winner_key = _squeezed(winner.text)
    trail = headed and len(_TRAIL.findall(winner.text)) > 1
    if trail:
        chains.insert(0, winner.text)
    least = _WIDER * _width(winner_key)
    for chain in dict.fromkeys(chains):
        if headed and not trail and not _may_hold_more(chain, winner_key, least):
            continue
        parts = list(parts_of(chain)) if PARTED.search(chain) else []
        if headed and not trail:
            keys = [_squeezed(part) for part in parts]
            if winner_key not in keys:  # the heading is no part of the chain
                continue
            parts = [
                p
                for p, key in zip(parts, keys, strict=True)
                if winner_key not in key and _width(key) > least
            ]
        else:
            parts = [
                part for part in parts if _squeezed(part) in winner_key and part != winner.text
            ]
        if not parts:
            continue
        lines = _below(winner_key, visible_lines) if headed else visible_lines()
        part = visible_part(parts, lines)
        if part is not None:
            return part
    return None


def _may_hold_more(chain: str, heading: str, least: float) -> bool:
    """Return whether a chain may have this heading and a wider part; a cheap first check."""
    key = _squeezed(chain)
    return heading in key and _width(key) > least


def _width(key: str) -> int:
    """Return the width of a key: a Chinese character counts as two or three letters."""
    unspaced = 0 if key.isascii() else sum(map(len, _UNSPACED.findall(key)))
    return 2 * len(key) + 3 * unspaced


def _winner(groups: Sequence[list[Candidate]]) -> list[Candidate]:
    """Return the heaviest group, preferring what readers see to what is for search engines."""
    ranked = sorted(groups, key=_score, reverse=True)
    best = ranked[0]
    headed = next(
        (group for group in ranked if any(candidate.source == "h1" for candidate in group)), None
    )
    if headed is None or len(ranked) == 1 or (headed is best and len(best) > 1):
        return best
    others = [group for group in ranked if any(candidate.source != "h1" for candidate in group)]
    if not others or any(_related(headed, other) for other in others):
        return headed
    # The h1 is a logo: nothing repeats it and it shares no word with the others.
    return others[0]


def _raw(
    evidence: Evidence, headlines: Sequence[str], hint: str | None
) -> Iterable[tuple[str, str, str]]:
    for heading in evidence.headings[:8]:
        yield "h1", "h1", heading
    for headline in headlines[:2]:
        yield "headline", "json-ld headline", headline
    for source, name in (("og", "og:title"), ("twitter", "twitter:title")):
        for content in evidence.meta.get(name, ())[:1]:
            yield source, f"meta {name}", content
    if evidence.title:
        others = (*evidence.headings, *headlines, *evidence.meta.get("og:title", ()))
        yield "title", "title", without_counter(evidence.title, others)
    for name in _METAS:
        for content in evidence.meta.get(name, ())[:1]:
            yield "meta", f"meta {name}", content
    if hint:
        yield "meta", "feed", hint


def _cleaned(
    raw: Sequence[tuple[str, str, str]], names: set[str], *, single: bool
) -> list[Candidate]:
    """Return the titles without the site's name.

    A heading keeps what looks like a site's name in front unless another place omits it: readers
    see it there ("Teaching Online: What works" on teaching.example).
    """
    site_keys = {_squeezed(name) for name in names}
    forms = site_names(names)
    keys = {_squeezed(text) for _, _, text in raw}
    candidates: list[Candidate] = []
    read: dict[str, tuple[str, str, str]] = {}  # most places give the same text
    for source, origin, text in raw[:MAX_CANDIDATES]:
        if text not in read:
            plain = text.isascii() and text.isprintable()
            full = text if plain else normal_title(text)
            cleaned = without_names(full, forms) if names else full
            if "|" in cleaned or "｜" in cleaned:
                cleaned = _LABEL.sub("", cleaned)
            read[text] = full, cleaned, _squeezed(cleaned)
        full, cleaned, key = read[text]
        if not key or key in site_keys or len(cleaned) > MAX_TITLE_CHARS or _HANDLE.match(cleaned):
            continue
        if source in {"h1", "headline"} and key not in keys and full.endswith(cleaned):
            cleaned = full
        weight = _ONE_OF_MANY_H1 if source == "h1" and not single else _WEIGHTS[source]
        cut = len(cleaned) < len(full) and full.endswith(cleaned)
        candidates.append(Candidate(cleaned, key, source, origin, weight, cut))
    return candidates


_squeezed = compact


def _groups(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        for group in groups:
            if candidate.key == group[0].key or repeats_title(candidate.text, group[0].text):
                group.append(candidate)
                break
        else:
            groups.append([candidate])
    return groups


def _score(group: Sequence[Candidate]) -> float:
    return sum({candidate.source: candidate.weight for candidate in reversed(group)}.values())


def _related(first: Sequence[Candidate], second: Sequence[Candidate]) -> bool:
    """Return whether two titles are variants of each other."""
    first_words, second_words = (_words(group[0].text) for group in (first, second))
    if not first_words or not second_words or len(first[0].text) > MAX_HEADLINE_CHARS:
        return False
    return (
        len(first_words & second_words) / min(len(first_words), len(second_words)) >= _SHARED_WORDS
    )


def _words(text: str) -> set[str]:
    """Return words of three letters or more, and pairs of letters in scripts without spaces."""
    key = title_key(text)
    words = {word for word in key.split() if len(word) >= 3 and not _UNSPACED.search(word)}
    runs = _UNSPACED.findall(key)
    return words | {run[i : i + 2] for run in runs for i in range(len(run) - 1)}


def _as_readers_see(group: Sequence[Candidate]) -> Candidate:
    """Return the visible form, unless it is in capitals or its markup breaks words apart."""
    ranked = sorted(group, key=lambda c: -_WEIGHTS[c.source])
    best = next((c for c in ranked if not c.text.isupper()), ranked[0])
    if best.source != "h1":
        return best
    others = [c for c in ranked if c.source != "h1" and not c.cut]
    bare = best.text.replace(" ", "")
    for other in others:
        if other.text.replace(" ", "") == bare:
            return other
    # "Blog: What works", elsewhere "What works": a label added by the theme.
    if len(others) > 1 and len({c.key for c in others}) == 1 and (label := _HEAD.match(best.text)):
        return others[0] if others[0].key == _squeezed(best.text[label.end() :]) else best
    return best
