"""Learn the names of a site from the titles of one of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from copydesk.tasks.cleaning.metadata.title_parts import compact
from copydesk.tasks.cleaning.site_in_title import may_be_parted
from copydesk.tasks.cleaning.title import title_key

MAX_TITLE_CHARS: Final = 400
_SEPARATOR: Final = re.compile(
    r"(?<!\s)\s+[-‐‑‒–—|·•∙●«»:~/→]+\s+|(?:(?<!\s)\s+)?[|｜¦│]+\s*|(?<!\s)\s+::\s+"
)
# The same of ASCII with single spaces; each part begins with a character, which is found soon.
_SEPARATOR_ASCII: Final = re.compile(r" [-|:~/]+ | \|+ ?|\|+ ?")
# A cheap first check for a separator.
PARTED: Final = re.compile("[-‐‑‒–—|·•∙●«»:~/→｜¦│_〉>@]")
_SMALL: Final = frozenset({"a", "and", "der", "de", "des", "du", "for", "of", "the", "und"})


def learned_names(titles: Sequence[str], known_names: set[str]) -> set[str]:
    """Return names of the site that the titles reveal.

    A name is a part of one title whose remainder is another whole title, or that contains a known
    name. A part that is a whole title elsewhere does not count: a page may be named like its site.
    """
    parted = [title for title in titles if len(title) <= MAX_TITLE_CHARS and _may_be_parted(title)]
    if not parted:
        return set()
    keys = {title_key(title) for title in titles}
    hosts = {_compact_name(name) for name in known_names}
    labels = {
        label
        for name in known_names
        if " " not in name
        for label in name.replace("-", ".").split(".")
    }
    learned: set[str] = set()
    for title in parted:
        for separator in _separators(title):
            before, after = title[: separator.start()], title[separator.end() :]
            for other_part, name in ((before, after), (after, before)):
                rest_key, name_key = title_key(other_part), title_key(name)
                if not rest_key or not name_key or name_key in keys:
                    continue
                is_of_host = any(host.startswith(name_key.replace(" ", "")) for host in hosts)
                if len(name_key) > len(rest_key) and not (is_of_host and len(name_key) >= 8):
                    continue
                if rest_key in keys or _site_like(name_key, hosts, labels):
                    learned.add(name)
    return learned


def _separators(title: str) -> Iterator[re.Match[str]]:
    plain = title.isascii() and title.isprintable() and "  " not in title
    return (_SEPARATOR_ASCII if plain else _SEPARATOR).finditer(title)


def _may_be_parted(title: str) -> bool:
    return may_be_parted(title) if title.isascii() else PARTED.search(title) is not None


def _site_like(key: str, hosts: set[str], labels: set[str]) -> bool:
    """Return whether a title's part contains the name of the site or host, whole or as initials."""
    words = key.split()
    if not 1 <= len(words) <= 8:
        return False
    if labels.issuperset(words):
        return True
    joined = "".join(words)
    initials = "".join(word[0] for word in words if word not in _SMALL)
    runs = {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    return any(
        (len(host) >= 3 and (host in runs or host == initials))
        or (len(joined) >= 4 and (host.startswith(joined) or host.endswith(joined)))
        for host in hosts
    )


def _compact_name(name: str) -> str:
    """Return a name's compact form: ``bbc`` for ``www.bbc.co.uk``."""
    if "." in name and " " not in name:
        labels = [label for label in name.lower().split(".") if label not in {"www", "m", "amp"}]
        name = max(labels[:-1] or labels or [""], key=len)
    return compact(name)
