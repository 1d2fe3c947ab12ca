"""Remove the site's name from a title that it stands before or behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from copydesk.tasks.cleaning.title import LONGEST_TITLE, SEPARATOR, SPACED, normal_title, title_key

# Between Chinese, Japanese and Korean letters a dash needs no spaces ("标题-新浪网").
_WIDE = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_CUT = re.compile(rf"{SPACED.pattern}|(?<={_WIDE}){SEPARATOR}|{SEPARATOR}(?={_WIDE})")
# The same of ASCII with single spaces; each part begins with a character, which is found soon.
_SPACED_ASCII = re.compile(r" [-|:/~_@<>]+ | [|_]+ ?|\|[|_]* ?|_[|_]* ?|: ")
_HOST = re.compile(r"^(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:/.*)?$", re.I)
# Words that a site's name has on one page and not on another.
_GENERIC = frozenset(
    {"the", "news", "online", "com", "net", "org", "blog", "magazine", "website", "site"}
)
_BEFORE_HOST = re.compile(r"^(?:https?://)?(?:www\d?\.)?")


def without_site(title: str, sites: Iterable[str]) -> str:
    """Return the title without the site's name before or after it.

    ``sites`` are names or hosts ("BBC News", "www.bbc.co.uk"). Only a whole part between separators
    that equals one of them is removed, so that no title is cut in half; a title that consists of
    the site's name stays.
    """
    return without_names(title, site_names(sites))


def site_names(sites: Iterable[str]) -> frozenset[str]:
    """Return the keys of the sites' names, for ``without_names``."""
    return frozenset().union(*map(_names, sites))


def without_names(title: str, names: frozenset[str]) -> str:
    """Do the same as ``without_site``, for several titles of one site."""
    title = normal_title(title)
    while names and len(title) <= LONGEST_TITLE:
        shorter = _cut_once(title, names)
        if shorter is None:
            break
        title = shorter
    return title


def _spaced_in_ascii(title: str) -> Iterator[re.Match[str]]:
    """Yield the separators of a title in ASCII."""
    plain = title.isprintable() and "  " not in title
    return (_SPACED_ASCII if plain else SPACED).finditer(title)


def may_be_parted(title: str) -> bool:
    """Return whether a title in ASCII may have a separator; most hyphens stand in words.

    Cheaper than a pattern; written out, because all titles of a page are asked.
    """
    return (
        "|" in title
        or " -" in title
        or ":" in title
        or "_" in title
        or " /" in title
        or " ~" in title
        or " @" in title
        or " >" in title
        or " <" in title
        or not title.isprintable()
    )


def _cut_once(title: str, names: frozenset[str]) -> str | None:
    if not title.isascii():
        separators = list(_CUT.finditer(title))
    elif may_be_parted(title):
        separators = list(_spaced_in_ascii(title))
    else:
        return None
    for separator in separators:
        if _is_site(title[separator.end() :], names) and title_key(title[: separator.start()]):
            return title[: separator.start()].strip()
    for separator in reversed(separators):
        if _is_site(title[: separator.start()], names) and title_key(title[separator.end() :]):
            return title[separator.end() :].strip()
    return None


@lru_cache(maxsize=1024)
def _names(site: str) -> frozenset[str]:
    """Return the compact keys that a site's name or host goes by."""
    site = site.strip()
    names = {_compact(site)}
    if _HOST.match(site):
        host = _BEFORE_HOST.sub("", site.lower()).split("/")[0]
        labels = host.split(".")
        names |= {_compact(host), _compact(labels[0])}
        # "bbc.co.uk" and "news.example.com": the label before the public suffix.
        suffix = 2 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 1
        if len(labels) > suffix:
            names.add(_compact(labels[-suffix - 1]))
    return frozenset(n for n in names | {_bare(site)} if len(n) >= 2)


def _is_site(part: str, names: frozenset[str]) -> bool:
    compact = _compact(part)
    return bool(compact) and (compact in names or _bare(part) in names)


def _compact(text: str) -> str:
    return title_key(text).replace(" ", "")


def _bare(text: str) -> str:
    """Return the compact key without generic words of a site's name."""
    return "".join(w for w in title_key(text).split() if w not in _GENERIC)
