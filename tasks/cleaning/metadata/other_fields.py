"""Choose the other fields: site, addresses, section, tags, standfirst and kinds.

Each value comes with its origin for the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from copydesk.schemas.article import Hints
from copydesk.schemas.values import web_address
from copydesk.tasks.cleaning.metadata.jsonld import texts, types_of
from copydesk.tasks.cleaning.metadata.main_entity import Subject
from copydesk.tasks.cleaning.metadata.model import Evidence

MAX_TAGS: Final = 40
MAX_TAG_CHARS: Final = 60
MAX_HOUSE_CHARS: Final = 80
MAX_HOUSES: Final = 10
_ALIKE: Final = 4  # letters that a site's and its publisher's names have in common at the start
_ENDING: Final = re.compile(r"\s+[-–—|·]\s+([^-–—|·]{2,40})$")


# Absolute addresses, which joining leaves unchanged; joining takes fifteen times as long.
_WHOLE: Final = re.compile(
    r"https?://[\w.-]+(?::\d{1,4})?(?:/[!$-:<=>@-Z\\^-~]*)?(?:\?[!$-:<-Z\\^-~]+)?(?:#[!$-:<-Z\\^-~]+)?",
    re.A,
)
# The host of an address that needs no parsing, which takes ten times as long.
_HOST: Final = re.compile(r"https?://([\w.-]+)(?=[/?#]|\Z)", re.A)


class SourcedText(NamedTuple):
    """A text and where on the page it was found."""

    text: str
    origin: str


def from_meta(evidence: Evidence, *names: str) -> Iterator[SourcedText]:
    """Yield the contents of meta elements, in the order of ``names``."""
    for name in names:
        for content in evidence.meta.get(name, ()):
            yield SourcedText(content, f"meta {name}")


def from_nodes(nodes: Sequence[Any], *fields: str) -> Iterator[SourcedText]:
    """Yield the texts of the objects' fields, in the order of ``fields``."""
    for field in fields:
        for node in nodes:
            if (value := node.get(field)) is not None:
                for text in texts(value):
                    yield SourcedText(text, f"json-ld {field}")


def houses(evidence: Evidence, subject: Subject) -> list[SourcedText]:
    """Return the names of the site and its publisher, the best first."""
    # Leave out an organisation that wrote the article, unless it also published it.
    sites = list(from_nodes(subject.sites, "name"))
    writers = from_nodes(subject.articles, "author", "creator") if sites else ()
    authors = {sourced.text for sourced in writers}
    candidates = [
        *list(from_meta(evidence, "og:site_name"))[:1],
        *(sourced for sourced in sites if sourced.text not in authors),
        *from_nodes((*subject.articles, *subject.pages), "publisher"),
        *from_meta(
            evidence,
            "application-name",
            "apple-mobile-web-app-title",
            "dc.publisher",
            "citation_journal_title",
        ),
    ]
    by_name = {
        sourced.text: sourced
        for sourced in reversed(candidates)
        if len(sourced.text) <= MAX_HOUSE_CHARS
    }
    return list(reversed(by_name.values()))[:MAX_HOUSES]


def site(
    evidence: Evidence, names: Sequence[SourcedText], title: str, host: str | None
) -> SourcedText | None:
    """Return the site's name: declared, or from the end of the page's title, or its host.

    ``names`` are its known names, the best first. The end of the page's title replaces a
    publisher's name if it matches the host or begins like the publisher's name ("Crane -
    Wikipedia", by the Wikimedia Foundation).
    """
    first = next(iter(names), None)
    if first is None or first.origin == "json-ld publisher":
        ending = _ending(evidence.title or "", title)
        if ending and (_is_of_host(ending, host) or (first and _begin_alike(ending, first.text))):
            return SourcedText(ending, "title")
    if first is None and host:
        return SourcedText(host.removeprefix("www."), "address")
    return first


def _ending(page_title: str, title: str) -> str:
    """Return what follows the article's title in the page's title; empty if nothing does."""
    match = _ENDING.match(page_title[len(title) :]) if page_title.startswith(title) else None
    return match[1] if match else ""


def _is_of_host(name: str, host: str | None) -> bool:
    compact = "".join(char for char in name.casefold() if char.isalnum())
    return len(compact) >= _ALIKE and compact in {*(host or "").replace("-", "").split(".")}


def _begin_alike(name: str, other_name: str) -> bool:
    return name[:_ALIKE].casefold() == other_name[:_ALIKE].casefold() and len(name) >= _ALIKE


def host_of(url: str | None) -> str | None:
    """Return the host of an address, or None."""
    if not url:
        return None
    if match := _HOST.match(url):
        return match[1].lower()
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def region(evidence: Evidence, host: str | None) -> str | None:
    """Return the page's country, from its language tag or its host's last label."""
    for tag in (
        evidence.language,
        first_text(from_meta(evidence, "og:locale", "content-language")),
    ):
        parts = (tag or "").replace("_", "-").split("-")
        if len(parts) > 1 and len(parts[-1]) == 2:
            return parts[-1].lower()
    label = (host or "").rpartition(".")[2].lower()
    return label if len(label) == 2 and label not in {"io", "ai", "co", "tv", "me", "us"} else None


def first_text(sourced_texts: Iterator[SourcedText]) -> str | None:
    """Return the first text without its origin, or None."""
    first = next(sourced_texts, None)
    return first.text if first else None


def declared(
    evidence: Evidence, subject: Subject, hints: Hints, base: str
) -> dict[str, SourcedText | None]:
    """Find the fields for which what the page declares is enough, by their names in ``Article``."""
    return {
        "canonical_url": canonical(evidence, base),
        "image_url": image(evidence, subject, base),
        "section": section(evidence, subject, hints),
        "standfirst": standfirst(evidence, subject),
    }


def canonical(evidence: Evidence, base: str) -> SourcedText | None:
    """Return the page's canonical address."""
    if evidence.canonical and (address := _address(evidence.canonical, base)):
        return SourcedText(address, "link canonical")
    return _first_address(from_meta(evidence, "og:url"), base)


def image(evidence: Evidence, subject: Subject, base: str) -> SourcedText | None:
    """Return the address of the article's main picture."""
    names = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")
    return _first_address(from_meta(evidence, *names), base) or _first_address(
        _node_images(subject), base
    )


def _node_images(subject: Subject) -> Iterator[SourcedText]:
    for node in subject.articles:
        value = node.get("image")
        for each in value if isinstance(value, list) else [value]:
            address = each.get("url") or each.get("contentUrl") if isinstance(each, dict) else each
            if isinstance(address, str):
                yield SourcedText(address, "json-ld image")


def _first_address(sourced_texts: Iterator[SourcedText], base: str) -> SourcedText | None:
    absolute = (
        SourcedText(a, sourced.origin)
        for sourced in sourced_texts
        if (a := _address(sourced.text, base))
    )
    return next(absolute, None)


def _address(value: str, base: str) -> str | None:
    """Return an absolute http(s) address; None for other schemes and invalid addresses."""
    if _WHOLE.fullmatch(value):
        return value
    try:
        return web_address(urljoin(base, value.strip()))
    except ValueError:
        return None


def section(evidence: Evidence, subject: Subject, hints: Hints) -> SourcedText | None:
    """Return the section of the site that contains the article."""
    names = ("article:section", "og:article:section", "parsely-section", "section")
    declared = chain(from_meta(evidence, *names), from_nodes(subject.articles, "articleSection"))
    if (first := next(declared, None)) is not None:
        return first
    if hints.section:
        return SourcedText(hints.section, "feed")
    # The first breadcrumb is the front page; the last may be the article itself.
    crumbs = evidence.breadcrumbs
    return SourcedText(crumbs[1], "breadcrumbs") if len(crumbs) > 2 else None


def tags(evidence: Evidence, subject: Subject, hints: Hints) -> tuple[tuple[str, ...], str]:
    """Return the article's tags and their origin."""
    sources = [
        *from_meta(evidence, "article:tag"),
        *from_nodes(subject.articles, "keywords"),
        *from_meta(evidence, "parsely-tags"),
    ]
    sources = sources or list(from_meta(evidence, "news_keywords", "keywords"))
    sources += [SourcedText(tag, "feed") for tag in hints.tags]
    by_key: dict[str, str] = {}
    places: dict[str, None] = {}
    for sourced in sources:
        for tag in map(str.strip, sourced.text.split(",")):
            # a feed may have a tag "R"; single letters from a page are rarely tags
            least = 1 if sourced.origin == "feed" else 2
            if least <= len(tag) <= MAX_TAG_CHARS and tag.casefold() not in by_key:
                by_key[tag.casefold()] = tag
                places[sourced.origin] = None
    return tuple(by_key.values())[:MAX_TAGS], ", ".join(places)


def standfirst(evidence: Evidence, subject: Subject) -> SourcedText | None:
    """Return the declared summary."""
    in_nodes = from_nodes(subject.articles, "description")
    return next(chain(in_nodes, from_meta(evidence, "og:description", "description")), None)


def kinds(evidence: Evidence) -> tuple[str, ...]:
    """Return the page's declared kinds, in lower case."""
    declared = [kind.lower() for kind in evidence.meta.get("og:type", ())]
    declared += [kind for node in evidence.nodes for kind in types_of(node)]
    declared += evidence.itemtypes
    return tuple(dict.fromkeys(declared))
