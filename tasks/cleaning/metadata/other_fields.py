"""What else is known of an article: site, addresses, section, tags, standfirst, kinds.

Each comes with where it was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
_ALIKE: Final = 4  # letters that a site's and its publisher's name begin with alike
_ENDING: Final = re.compile(r"\s+[-–—|·]\s+([^-–—|·]{2,40})$")


# An address that joining to another leaves as it is: that takes fifteen times as long to find out.
_WHOLE: Final = re.compile(
    r"https?://[\w.-]+(?::\d{1,4})?(?:/[!$-:<=>@-Z\\^-~]*)?(?:\?[!$-:<-Z\\^-~]+)?(?:#[!$-:<-Z\\^-~]+)?",
    re.A,
)


class Told(NamedTuple):
    """A text and where the page says it."""

    text: str
    where: str


def from_meta(evidence: Evidence, *names: str) -> Iterator[Told]:
    """The contents of the metas, in the order of the names."""
    for name in names:
        for content in evidence.meta.get(name, ()):
            yield Told(content, f"meta {name}")


def from_nodes(nodes: Sequence[Any], *fields: str) -> Iterator[Told]:
    """The texts of the things' fields, in the order of the fields."""
    for field in fields:
        for node in nodes:
            for text in texts(node.get(field)):
                yield Told(text, f"json-ld {field}")


def houses(evidence: Evidence, subject: Subject) -> list[Told]:
    """The names that the site and its publisher go by, the best first."""
    # An organisation that wrote the article is none of them, unless it published it, too.
    authors = {told.text for told in from_nodes(subject.articles, "author", "creator")}
    found = [
        *list(from_meta(evidence, "og:site_name"))[:1],
        *(told for told in from_nodes(subject.sites, "name") if told.text not in authors),
        *from_nodes((*subject.articles, *subject.pages), "publisher"),
        *from_meta(
            evidence,
            "application-name",
            "apple-mobile-web-app-title",
            "dc.publisher",
            "citation_journal_title",
        ),
    ]
    named = {told.text: told for told in reversed(found) if len(told.text) <= MAX_HOUSE_CHARS}
    return list(reversed(named.values()))[:MAX_HOUSES]


def site(evidence: Evidence, named: Sequence[Told], title: str, host: str | None) -> Told | None:
    """The site's name: as it declares it, as its page's title ends, or its host.

    ``named`` are its names, the best first. A publisher's name gives way to the end of the
    page's title where that has the host's name or begins as the publisher's does
    ("Crane - Wikipedia", by the Wikimedia Foundation).
    """
    first = next(iter(named), None)
    if first is None or first.where == "json-ld publisher":
        ending = _ending(evidence.title or "", title)
        if ending and (_is_of_host(ending, host) or (first and _begin_alike(ending, first.text))):
            return Told(ending, "title")
    if first is None and host:
        return Told(host.removeprefix("www."), "address")
    return first


def _ending(page_title: str, title: str) -> str:
    """What stands behind the article's title in the page's; empty where that is not so."""
    match = _ENDING.match(page_title[len(title) :]) if page_title.startswith(title) else None
    return match[1] if match else ""


def _is_of_host(name: str, host: str | None) -> bool:
    compact = "".join(char for char in name.casefold() if char.isalnum())
    return len(compact) >= _ALIKE and compact in {*(host or "").replace("-", "").split(".")}


def _begin_alike(one: str, other: str) -> bool:
    return one[:_ALIKE].casefold() == other[:_ALIKE].casefold() and len(one) >= _ALIKE


def host_of(url: str | None) -> str | None:
    """The host of an address."""
    if not url:
        return None
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def region(evidence: Evidence, host: str | None) -> str | None:
    """The page's country: of its language tag, else of its host's last label."""
    for tag in (
        evidence.language,
        first_text(from_meta(evidence, "og:locale", "content-language")),
    ):
        parts = (tag or "").replace("_", "-").split("-")
        if len(parts) > 1 and len(parts[-1]) == 2:
            return parts[-1].lower()
    label = (host or "").rpartition(".")[2].lower()
    return label if len(label) == 2 and label not in {"io", "ai", "co", "tv", "me", "us"} else None


def first_text(found: Iterator[Told]) -> str | None:
    """The first text, without its place."""
    told = next(found, None)
    return told.text if told else None


def declared(
    evidence: Evidence, subject: Subject, hints: Hints, base: str
) -> dict[str, Told | None]:
    """Find the fields for which what the page declares is enough, by their names in ``Article``."""
    return {
        "canonical_url": canonical(evidence, base),
        "image_url": image(evidence, subject, base),
        "section": section(evidence, subject, hints),
        "standfirst": standfirst(evidence, subject),
    }


def canonical(evidence: Evidence, base: str) -> Told | None:
    """The address that the page calls its own."""
    if evidence.canonical and (address := _address(evidence.canonical, base)):
        return Told(address, "link canonical")
    return _first_address(from_meta(evidence, "og:url"), base)


def image(evidence: Evidence, subject: Subject, base: str) -> Told | None:
    """The address of the picture that stands for the article."""
    names = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image")
    return _first_address(from_meta(evidence, *names), base) or _first_address(
        _node_images(subject), base
    )


def _node_images(subject: Subject) -> Iterator[Told]:
    for node in subject.articles:
        value = node.get("image")
        for each in value if isinstance(value, list) else [value]:
            address = each.get("url") or each.get("contentUrl") if isinstance(each, dict) else each
            if isinstance(address, str):
                yield Told(address, "json-ld image")


def _first_address(found: Iterator[Told], base: str) -> Told | None:
    absolute = (Told(a, told.where) for told in found if (a := _address(told.text, base)))
    return next(absolute, None)


def _address(value: str, base: str) -> str | None:
    """An absolute http(s) address; None for anything else."""
    if _WHOLE.fullmatch(value):
        return value
    try:
        return web_address(urljoin(base, value.strip()))
    except ValueError:
        return None


def section(evidence: Evidence, subject: Subject, hints: Hints) -> Told | None:
    """The part of the site that the article stands in."""
    names = ("article:section", "og:article:section", "parsely-section", "section")
    declared = (*from_meta(evidence, *names), *from_nodes(subject.articles, "articleSection"))
    if declared:
        return declared[0]
    if hints.section:
        return Told(hints.section, "feed")
    # The first crumb is the front page, the last may be the article itself.
    crumbs = evidence.breadcrumbs
    return Told(crumbs[1], "breadcrumbs") if len(crumbs) > 2 else None


def tags(evidence: Evidence, subject: Subject, hints: Hints) -> tuple[tuple[str, ...], str]:
    """The article's tags, and where they were found."""
    said = [
        *from_meta(evidence, "article:tag"),
        *from_nodes(subject.articles, "keywords"),
        *from_meta(evidence, "parsely-tags"),
    ]
    said = said or list(from_meta(evidence, "news_keywords", "keywords"))
    said += [Told(tag, "feed") for tag in hints.tags]
    found: dict[str, str] = {}
    places: dict[str, None] = {}
    for told in said:
        for tag in map(str.strip, told.text.split(",")):
            least = 1 if told.where == "feed" else 2  # "R" is a tag; of a page's letters few are
            if least <= len(tag) <= MAX_TAG_CHARS and tag.casefold() not in found:
                found[tag.casefold()] = tag
                places[told.where] = None
    return tuple(found.values())[:MAX_TAGS], ", ".join(places)


def standfirst(evidence: Evidence, subject: Subject) -> Told | None:
    """The summary that the page declares."""
    said = (
        *from_nodes(subject.articles, "description"),
        *from_meta(evidence, "og:description", "description"),
    )
    return next(iter(said), None)


def kinds(evidence: Evidence) -> tuple[str, ...]:
    """The page's declared kinds, in lower case."""
    found = [kind.lower() for kind in evidence.meta.get("og:type", ())]
    found += [kind for node in evidence.nodes for kind in types_of(node)]
    found += evidence.itemtypes
    return tuple(dict.fromkeys(found))
