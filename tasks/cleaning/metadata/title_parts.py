"""Split titles: remove extras from headings, and site or section names from page titles."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from copydesk.tasks.cleaning.metadata.timestamps import find_date
from copydesk.tasks.cleaning.title import title_key
from copydesk.tasks.cleaning.vocabulary.bylines import key as name_key
from copydesk.tasks.cleaning.vocabulary.date_labels import kind_of
from copydesk.tasks.cleaning.vocabulary.name_words import is_label

# Separators between a title and the names of a section or a site.
_CHAIN: Final = re.compile(
    r"(?<!\s)\s++[-‐‑‒–—―|·•∙●«»‹›〉〈>:~/→_@]++\s+|(?:(?<!\s)\s++)?[|｜¦│_〉»›]+\s*"
    r"|(?<!\s)\s++::\s*|(?:(?<!\s)\s++)?::\s+|--+|——+"
    r"|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af”」』）)!！?？])\s*+[-－–—:：]\s*"
    r"|(?:(?<!\s)\s++)?[-－–—]\s*+(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|:\s+"
)
_ARCHIVE: Final = re.compile(r"[»«|>:]\s?Blog Archive\s?[»«|>:]\s?(?=\S)", re.I)
"""Between the site's and a post's name in titles of old WordPress themes."""
_TRAIL: Final = re.compile(r"(?<!\s)\s++(/|::|»|\||[—–-])\s++(?=\S)")
_TRAIL_LETTERS: Final = 24
"""Letters of a title before a trail of at least two names at least, if nothing else shows it."""
_BACK: Final = re.compile(r"(?<!\s)\s+<\s+")
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_COUNTER: Final = re.compile(r"^\s*[(\[（【]\d{1,3}\+?[)\]）】]\s+(?=\S)|^\s*[●•🔴]\s+(?=\S)")
# Symbols of heading links and buttons.
_SIGNS: Final = re.compile(r"(?:(?<!\s)\s++)?(?<![¶🔗⚓✎🖨])[¶🔗⚓✎🖨]++\s*+$")
_SIGNS_MORE: Final = 12
_SIGN_RUN: Final = re.compile(r"[#¶§\[\]()🔗⚓✎\s]+")
_EDGE: Final = re.compile(r"(?:(?<!\s)\s++)?[\[(（【]\s*+$")  # the bracket that remains of "[edit]"
_MAX_PARTS: Final = 8
_MIN_LETTERS: Final = 8  # minimum letters of a title in a longer heading; four without spaces
_MIN_CJK: Final = 4
_MAX_EXTRA: Final = 90  # maximum characters in a heading besides the title
_STARS: Final = tuple("★☆⭐✩✪✭✮")
_COUNT_RUN: Final = re.compile(r"[(\[（]\d{1,6}[)\]）]")


def without_counter(title: str, others: Collection[str]) -> str:
    """Remove a count of notifications from a page's title: ``(3) Crane stays``."""
    match = _COUNTER.match(title)
    if match is None:
        return title
    whole, remainder = title_key(title), title[match.end() :]
    return (
        title if not remainder or any(title_key(other) == whole for other in others) else remainder
    )


def trimmed_heading(
    heading: str, runs: Sequence[str], declared: Collection[str], authors: Collection[str]
) -> str:
    """Remove from a heading what it contains beside a declared title.

    ``declared`` are the titles from other places; ``authors`` the names that the page declares. A
    separate element beside the title is always removed; text in the same element only if it is a
    date, an author, a button's label or a symbol.
    """
    heading = _SIGNS.sub("", heading)
    heading_key = title_key(heading)
    for title in declared:
        key = title_key(title)
        if key == heading_key:
            if runs and _SIGN_RUN.fullmatch(runs[-1]):
                return _EDGE.sub("", " ".join(runs[:-1]))
            if heading.endswith(_STARS):
                return heading.rstrip("".join(_STARS)).rstrip()
            continue
        if not _is_long(key) or key not in heading_key:
            continue
        if (run_title := _in_runs(runs, key)) is not None:
            return run_title
        before, _, after = heading_key.partition(key)
        extra = " ".join((before + " " + after).split())
        if len(heading) - len(title) <= _MAX_EXTRA and _is_extra(extra, heading, title, authors):
            return title
    return heading


def _is_long(key: str) -> bool:
    letters = len(key) - key.count(" ")
    return letters >= _MIN_LETTERS or (letters >= _MIN_CJK and _CJK.search(key) is not None)


def _in_runs(runs: Sequence[str], key: str) -> str | None:
    """Return the text of the elements that together are exactly the title, or None."""
    if not 2 <= len(runs) <= 12:
        return None
    keys = [title_key(run) for run in runs]
    for start in range(len(runs)):
        joined = ""
        for end in range(start, len(runs)):
            joined = f"{joined} {keys[end]}".strip()
            if joined == key or joined.replace(" ", "") == key.replace(" ", ""):
                beside = "".join((*keys[:start], *keys[end + 1 :]))
                text = _EDGE.sub("", " ".join(runs[start : end + 1]))
                others = (*runs[:start], *runs[end + 1 :])
                counted = all(map(_COUNT_RUN.fullmatch, others))
                return None if beside.isdigit() and not counted else text
            if len(joined) > len(key) + 4:
                break
    return None


def _is_extra(extra: str, heading: str, title: str, authors: Collection[str]) -> bool:
    """Return whether text beside a title is a date, an author, a label or empty."""
    if not extra:
        return True
    if any(name_key(extra) == name_key(name) for name in authors):
        return True
    remainder = heading.replace(title, " ")
    match = find_date(remainder)
    if match is not None:
        beside = remainder[: match.start] + remainder[match.end :]
        return len(title_key(beside)) <= 4 or bool(kind_of(beside))
    words = [word for word in extra.split() if not word.isdigit()]
    return 1 <= len(words) <= 4 and all(map(is_label, words))


def parts_of(title: str) -> Iterator[str]:
    """Yield the consecutive parts of a title that may be the article's title, the longest first."""
    cuts = list(_CHAIN.finditer(title))[:_MAX_PARTS]
    if not cuts:
        return
    starts = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(title)]
    runs = [
        title[starts[i] : ends[j]].strip()
        for i in range(len(starts))
        for j in range(i, len(ends))
        if (i, j) != (0, len(ends) - 1)
    ]
    long = (run for run in dict.fromkeys(runs) if run and _is_long(title_key(run)))
    yield from sorted(long, key=len, reverse=True)


def visible_part(parts: Sequence[str], lines: Sequence[str]) -> str | None:
    """Return the first part that is a visible line of its own, or None."""
    keys = {compact(part): part for part in reversed(parts)}
    sizes = [len(part) for part in parts]
    # A matching line differs from the part only in symbols and spaces.
    near = (line for line in lines if any(abs(len(line) - size) <= _SIGNS_MORE for size in sizes))
    visible_keys = {key for line in near if (key := compact(line)) in keys}
    return next((keys[key] for key in map(compact, parts) if key in visible_keys), None)


def compact(title: str) -> str:
    """Return a title's comparison key without spaces."""
    return title_key(title).replace(" ", "")


@lru_cache(maxsize=1)
def _site_endings() -> tuple[str, ...]:
    path = files("copydesk.tasks.cleaning") / "data" / "site_endings.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(table["endings"])


def without_site_parts(title: str) -> str:
    """Remove sections and site names from a title's end: ``港务局推迟表决_图片频道_新华网``.

    Names of sites only in scripts without spaces, where such endings occur in names and not in
    sentences; sections in a trail of at least two, ``… < Culture < Articles``.
    """
    archive = _ARCHIVE.search(title)
    if archive is not None:
        title = title[archive.end() :]
    title = _before_trail(title)
    trail = _BACK.split(title)
    if len(trail) > 2 and _is_long(title_key(trail[0])):
        title = trail[0]
    if not _CJK.search(title):
        return title
    while True:
        cuts = list(_CHAIN.finditer(title))
        if not cuts:
            return title
        last = cuts[-1]
        name, remainder = title[last.end() :].strip(), title[: last.start()].strip()
        if not remainder or not _is_long(title_key(remainder)) or not _may_be_site(name, remainder):
            return title
        title = remainder


def _before_trail(title: str) -> str:
    """Return what stands before the names of a section and a site: ``… / Articles / Port``.

    The separator is the same throughout, and each name is short beside the title. A clause between
    dashes begins with a small letter.
    """
    cuts = list(_TRAIL.finditer(title))
    if not 2 <= len(cuts) <= _MAX_PARTS or len({cut[1] for cut in cuts}) > 1:
        return title
    first = title[: cuts[0].start()]
    names = [title[a.end() : b.start()] for a, b in pairwise(cuts)] + [title[cuts[-1].end() :]]
    is_clause = any(name[0].islower() and not name.startswith("by ") for name in names)
    if len(first) < _TRAIL_LETTERS or is_clause or 2 * max(map(len, names)) > len(first):
        return title
    return first


def _may_be_site(name: str, remainder: str) -> bool:
    bare = re.sub(r"(?<![\s.。|_-])[\s.。|_-]++$", "", name)
    if not bare:
        return True
    return len(bare) <= 16 and len(bare) <= len(remainder) and bare.endswith(_site_endings())
