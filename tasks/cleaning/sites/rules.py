"""Site rules: CSS selectors that an engineer writes for a site that cleaning does not get right.

A table in TOML (``data/site-rules.example.toml`` shows every setting), read once, is applied to a
page with BeautifulSoup. The result is used beside the general cleaner's; selectors that match
nothing are reported, because layouts change without notice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from bs4 import Tag

FIELDS: Final = ("body", "title", "author", "date", "remove")
# Fields that an article has on every page: a rule that finds none of one no longer works. What is
# to be removed (an advertisement, a box) may be missing.
_EXPECTED: Final = ("body", "title", "author", "date")


class RuleError(CopydeskError):
    """A table of site rules cannot be read; the message says which site, which field, and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The selectors for one site, or for a part of it.

    ``site`` is a host and includes its subdomains; ``path`` is the start of the addresses' path.
    The first matching selector of a field is used; of ``remove``, all are.
    """

    site: str
    path: str = "/"
    body: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the rule's name in evidence and warnings."""
        return self.site if self.path == "/" else self.site + self.path


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The results of a rule on a page; None or empty for what it lacks or does not find.

    ``body_html`` is the HTML of the body's elements, one after another, without what is to be
    removed. ``matched`` and ``unmatched`` list selectors as ``field: selector``; those not tried
    because an earlier one matched are in neither. ``stopped`` are the fields with selectors that
    match nothing: the site's layout has changed.
    """

    rule: str
    body_html: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    matched: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """A table of rules."""

    rules: tuple[Rule, ...] = ()

    def find(self, url: str) -> Rule | None:
        """Return the rule for an address: of the longest host, then of the longest path."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return None
        path = parts.path or "/"
        fitting = [
            rule
            for rule in self.rules
            if (host == rule.site or host.endswith("." + rule.site)) and _under(path, rule.path)
        ]
        return max(fitting, key=lambda rule: (len(rule.site), len(rule.path)), default=None)


def read_rules(text: str) -> SiteRules:
    """Parse a table of site rules in TOML; RuleError if it is wrong."""
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"site rules are not TOML: {error}") from error
    if unknown := sorted(set(table) - {"site"}):
        raise RuleError(f"site rules: unknown {unknown[0]!r}; a rule starts with [[site]]")
    entries = table.get("site", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RuleError("site rules: write [[site]], with two brackets, before each rule")
    rules = tuple(_rule(entry, number) for number, entry in enumerate(entries, 1))
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"site rules: {name} has two rules; put their selectors in one list")
    return SiteRules(rules)


def apply_rules(rules: SiteRules, html: str, url: str) -> RuleResult | None:
    """Apply the rule for an address to its page; None where there is no rule for it."""
    rule = rules.find(url)
    return None if rule is None else apply_rule(rule, html)


def apply_rule(rule: Rule, html: str) -> RuleResult:
    """Apply a rule to a page."""
    from bs4 import BeautifulSoup  # a tenth of a second, for the few sites that have rules

    from copydesk.tasks.cleaning.html.parser_limits import bounded

    soup = BeautifulSoup(bounded(html), "html.parser")
    matched: list[str] = []
    unmatched: list[str] = []

    def first(name: str) -> tuple[list[Tag], str]:
        for selector in getattr(rule, name):
            if elements := list(soup.select(selector)):
                matched.append(f"{name}: {selector}")
                return elements, selector
            unmatched.append(f"{name}: {selector}")
        return [], ""

    # Titles and bylines are read first, because they may be in what is removed.
    fields = {name: first(name) for name in ("title", "author", "date")}
    title = next((t for t in map(_line, fields["title"][0]) if t), None)
    authors, published_at = _authors(fields["author"][0]), _date(fields["date"][0])
    for selector in rule.remove:
        matches = soup.select(selector)
        (matched if matches else unmatched).append(f"remove: {selector}")
        for element in matches:
            element.decompose()
    fields["body"] = first("body")
    return RuleResult(
        rule=rule.name,
        body_html=_outermost(fields["body"][0]),
        title=title,
        authors=authors,
        published_at=published_at,
        matched=tuple(matched),
        unmatched=tuple(unmatched),
        stopped=tuple(f for f in _EXPECTED if getattr(rule, f) and not fields[f][0]),
        evidence={
            name: f"site rule {rule.name}: {selector}"
            for name, (_, selector) in fields.items()
            if selector
        },
    )


def _rule(entry: Mapping[str, Any], number: int) -> Rule:
    match = entry.get("match")
    if not isinstance(match, str) or not match.strip():
        raise RuleError(f"site rules: rule {number} needs match, a host such as example.org")
    if "://" in match or any(char.isspace() for char in match):
        raise RuleError(f"site rules: {match!r} must be a host, with or without a path")
    host, slash, path = match.lower().partition("/")[0], "/", match.partition("/")[2]
    if unknown := sorted(set(entry) - {"match", *FIELDS}):
        expected_fields = ", ".join(("match", *FIELDS))
        raise RuleError(
            f"site rules: {match} has an unknown {unknown[0]!r}; known are {expected_fields}"
        )
    selectors = {name: _selectors(entry.get(name), name, match) for name in FIELDS}
    if not any(selectors.values()):
        raise RuleError(f"site rules: {match} has no selectors")
    return Rule(site=host.removeprefix("www."), path=slash + path, **selectors)


def _selectors(value: object, name: str, match: str) -> tuple[str, ...]:
    """Return the selectors from one string or a list, each checked."""
    import soupsieve

    if value is None:
        return ()
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise RuleError(f"site rules: {match}: {name} must be a selector or a list of selectors")
    for selector in listed:
        try:
            soupsieve.compile(selector)
        except (soupsieve.SelectorSyntaxError, ValueError) as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise RuleError(
                f"site rules: {match}: {name} = {selector!r} is no CSS selector: {reason}"
            ) from error
    return tuple(listed)


def _under(path: str, start: str) -> bool:
    """Return whether a path is the start, or below it as a folder."""
    start = start.rstrip("/")
    return path.startswith(start) and path[len(start) : len(start) + 1] in {"", "/"}


def _outermost(elements: list[Tag]) -> str | None:
    """Return the elements' HTML, without those inside another of them."""
    ids = {id(element) for element in elements}
    parts = [
        str(element)
        for element in elements
        if not any(id(parent) in ids for parent in element.parents)
    ]
    return "\n".join(parts) or None


def _value(element: Tag) -> str:
    """Return an element's machine-readable value: ``content`` of a meta, ``datetime`` of a time."""
    for name in ("datetime", "content"):
        value = element.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _line(element: Tag) -> str:
    return " ".join((_value(element) or element.get_text(" ")).split())


def _authors(elements: list[Tag]) -> tuple[str, ...]:
    from copydesk.tasks.cleaning.metadata.person_names import read_byline

    names: dict[str, str] = {}
    for element in elements:
        text = _value(element) or element.get_text("\n")
        for author in read_byline(text, roles_too=True):
            names.setdefault(author.name.casefold(), author.name)
    return tuple(names.values())


def _date(elements: list[Tag]) -> datetime | None:
    from copydesk.tasks.cleaning.metadata.timestamps import parse_stamp

    stamps: Iterator[datetime] = (
        stamp.when
        for element in elements
        if (stamp := parse_stamp(_line(element)[:200])) is not None
    )
    return next(stamps, None)
