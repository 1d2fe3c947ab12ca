"""Weigh a page's evidence: one value a field, and where it was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Final
from urllib.parse import urljoin, urlsplit

from schemas.article import Hints
from tasks.cleaning.language import decide_language
from tasks.cleaning.metadata.authors import choose_authors
from tasks.cleaning.metadata.dates import Found, choose_dates
from tasks.cleaning.metadata.jsonld import texts, types_of
from tasks.cleaning.metadata.model import Evidence, Metadata, TextBlock
from tasks.cleaning.metadata.subject import Subject, find_subject
from tasks.cleaning.metadata.titles import choose_title
from tasks.cleaning.title import repeats_title

# Blocks looked at around the headline for a byline and a date: before it (a kicker, a date
# line) and after it (standfirst, byline, share buttons, date).
_BEFORE: Final = 6
_AFTER: Final = 16
# How far down a byline at an article's end is looked for.
_FAR: Final = 600
# Text enough to tell the language.
_SAMPLE: Final = 1_000
MAX_TAGS: Final = 40


def reconcile(
    evidence: Evidence,
    *,
    blocks: Sequence[TextBlock],
    url: str | None,
    observed_at: datetime | None,
    hints: Hints | None = None,
) -> Metadata:
    """Decide each field from the page's evidence, its visible blocks and the source's hints."""
    hints = hints or Hints()
    url = url or evidence.url
    subject = find_subject(evidence)
    found: dict[str, str] = {}
    names = _houses(evidence, subject)
    host = _host(url) or _host(evidence.canonical)
    headlines = [h for node in subject.articles for h in texts(node.get("headline"))]
    title = choose_title(
        evidence, headlines=headlines, sites=[*names, host or ""], hint=hints.title
    )
    language, said = decide_language(_sample(blocks), _declared(evidence, subject, hints))
    at = _headline(blocks, title.text if title else None)
    after, before = blocks[at + 1 : at + 1 + _AFTER], blocks[max(0, at - _BEFORE) : at]
    head = _nearest_first(after, before[::-1])
    tail = blocks[at + 1 + _AFTER : at + 1 + _FAR]
    authors = choose_authors(
        evidence,
        subject,
        head=head,
        tail=tail,
        houses=names,
        language=language,
        hint=hints.authors,
    )
    dates = choose_dates(
        evidence,
        subject,
        head=head,
        tail=tail,
        url=url,
        observed_at=observed_at,
        language=language,
        region=_region(evidence, host),
        hint=hints.published_at,
        hint_modified=hints.modified_at,
    )
    base = url or evidence.canonical or ""
    canonical = _address(evidence.canonical or _first(evidence, "og:url"), base)
    image = _address(_image(evidence, subject), base)
    section, tags = _section(evidence, subject, hints), _tags(evidence, subject, hints)
    if title:
        found["title"] = title.where
    if authors:
        found["authors"] = authors.where
    for field, date in (("published_at", dates.published), ("modified_at", dates.modified)):
        if date:
            found[field] = _told(date)
    if language:
        found["language"] = said
    return Metadata(
        title=title.text if title else None,
        authors=authors.names if authors else (),
        published_at=dates.published.stamp.when if dates.published else None,
        modified_at=dates.modified.stamp.when if dates.modified else None,
        language=language,
        site=next(iter(names), None) or (host.removeprefix("www.") if host else None),
        canonical_url=canonical,
        image_url=image,
        section=section,
        tags=tags,
        standfirst=_standfirst(evidence, subject),
        kinds=_kinds(evidence),
        evidence=found,
    )


def _told(date: Found) -> str:
    if not date.stamp.timed:
        return f"{date.where}; the day alone"
    return date.where if date.stamp.zoned else f"{date.where}; no zone, UTC assumed"


def _first(evidence: Evidence, *names: str) -> str | None:
    return next((c for name in names for c in evidence.meta.get(name, ())), None)


def _houses(evidence: Evidence, subject: Subject) -> list[str]:
    """The names that the site and its publisher go by, the best first."""
    found = [
        *evidence.meta.get("og:site_name", ())[:1],
        *(name for node in subject.sites for name in texts(node.get("name"))),
        *(n for node in (*subject.articles, *subject.pages) for n in texts(node.get("publisher"))),
        *evidence.meta.get("application-name", ())[:1],
        *evidence.meta.get("apple-mobile-web-app-title", ())[:1],
        *evidence.meta.get("dc.publisher", ())[:1],
        *evidence.meta.get("citation_journal_title", ())[:1],
    ]
    return list(dict.fromkeys(name for name in found if len(name) <= 80))[:10]


def _host(url: str | None) -> str | None:
    if not url:
        return None
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _address(value: str | None, base: str) -> str | None:
    """An absolute http(s) address; None for anything else."""
    if not value:
        return None
    try:
        address = urljoin(base, value.strip())
        return address if urlsplit(address).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _sample(blocks: Sequence[TextBlock]) -> str:
    """Text of the body, or of the whole page where no body was found."""
    kept = [block.text for block in blocks if block.in_article]
    size, parts = 0, []
    for text in kept or (block.text for block in blocks):
        parts.append(text)
        size += len(text)
        if size >= _SAMPLE:
            break
    return "\n".join(parts)


def _declared(evidence: Evidence, subject: Subject, hints: Hints) -> Iterator[str | None]:
    yield next((x for node in subject.articles for x in texts(node.get("inLanguage"))), None)
    yield evidence.language
    yield _first(evidence, "content-language", "og:locale", "language", "dc.language")
    yield hints.language


def _region(evidence: Evidence, host: str | None) -> str | None:
    """The page's country: of its language tag, else of its host's last label."""
    for tag in (evidence.language, _first(evidence, "og:locale", "content-language")):
        parts = (tag or "").replace("_", "-").split("-")
        if len(parts) > 1 and len(parts[-1]) == 2:
            return parts[-1].lower()
    label = (host or "").rpartition(".")[2].lower()
    return label if len(label) == 2 and label not in {"io", "ai", "co", "tv", "me", "us"} else None


def _headline(blocks: Sequence[TextBlock], title: str | None) -> int:
    """Where the headline stands; -1 before all blocks when nothing tells."""
    if title:
        headings = [i for i, block in enumerate(blocks) if block.tag == "h1"]
        start = title[:4].casefold()
        others = (i for i, b in enumerate(blocks) if b.text[:4].casefold() == start)
        for index in chain(headings, others):
            if repeats_title(blocks[index].text, title):
                return index
    return next((i - 1 for i, b in enumerate(blocks) if b.in_article), -1)


def _nearest_first(after: Sequence[TextBlock], before: Sequence[TextBlock]) -> list[TextBlock]:
    """The blocks by their distance from the headline, those after it first."""
    pairs = zip_longest(after, before)
    return [block for pair in pairs for block in pair if block is not None]


def _image(evidence: Evidence, subject: Subject) -> str | None:
    meta = _first(evidence, "og:image", "og:image:url", "og:image:secure_url", "twitter:image")
    if meta:
        return meta
    for node in subject.articles:
        image = node.get("image")
        first = image[0] if isinstance(image, list) and image else image
        if isinstance(first, dict):
            first = first.get("url") or first.get("contentUrl")
        if isinstance(first, str):
            return first
    return None


def _section(evidence: Evidence, subject: Subject, hints: Hints) -> str | None:
    named = _first(evidence, "article:section", "og:article:section", "parsely-section", "section")
    if named:
        return named
    told = (s for node in subject.articles for s in texts(node.get("articleSection")))
    # The first crumb is the front page, the last may be the article itself.
    crumb = evidence.breadcrumbs[1] if len(evidence.breadcrumbs) > 2 else None
    return next(told, None) or hints.section or crumb


def _tags(evidence: Evidence, subject: Subject, hints: Hints) -> tuple[str, ...]:
    said: list[str] = list(evidence.meta.get("article:tag", ()))
    said += [k for node in subject.articles for k in texts(node.get("keywords"))]
    said += evidence.meta.get("parsely-tags", ())
    if not said:
        for name in ("news_keywords", "keywords"):
            said += evidence.meta.get(name, ())
    said += hints.tags
    found: dict[str, str] = {}
    for text in said:
        for tag in map(str.strip, text.split(",")):
            if 1 < len(tag) <= 60:
                found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:MAX_TAGS]


def _standfirst(evidence: Evidence, subject: Subject) -> str | None:
    told = (d for node in subject.articles for d in texts(node.get("description")))
    return next(told, None) or _first(evidence, "og:description", "description")


def _kinds(evidence: Evidence) -> tuple[str, ...]:
    kinds = [kind.lower() for kind in evidence.meta.get("og:type", ())]
    kinds += [kind for node in evidence.nodes for kind in types_of(node)]
    kinds += evidence.itemtypes
    return tuple(dict.fromkeys(kinds))
