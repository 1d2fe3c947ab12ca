"""Read all that a page says of itself, in a few native passes over its tree."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tasks.cleaning.metadata.jsonld import plain, read_scripts
from tasks.cleaning.metadata.model import Evidence, Mark
from tasks.cleaning.metadata.stamps import YEARLIKE

# More of one kind than any page of the development sets has; a hostile page has 100,000.
MAX_ELEMENTS: Final = 400
MAX_MARKS: Final = 120
MAX_CLASSED: Final = 20_000
MAX_CLASS_CHARS: Final = 500
MAX_TELLING: Final = 20_000
# A byline or a date is short; what is longer is a box about the author, or the page itself.
MAX_MARK_CHARS: Final = 240
MAX_ANCESTORS: Final = 8

# One pass for all that says by something else than a class what it holds. Attributes are asked
# for without an element's name where that is enough: it takes half the time.
_TELLING: Final = (
    'title, h1, time, address, [content], [type*="ld+json" i], [rel=canonical i], [rel~=author], '
    "[itemprop], [itemtype], [id*=author i], [id*=byline i], [id*=date i], [data-testid], "
    '[href*="/aut"], [href*="/people/"], [href*="/staff/"]'
)
# In a class, these may mean an author or a date.
_CLASS_WORDS: Final = (
    "author", "byline", "date", "time", "publi", "posted", "autor", "auteur", "writer", "reporter",
    "contributor",
)  # fmt: skip
# Elements that hold a page or a region, whatever their class says.
_REGIONS: Final = frozenset(
    {"html", "body", "main", "article", "section", "form", "input", "nav", "style", "script"}
    | {"img", "svg", "button", "select", "textarea", "iframe", "picture", "template", "noscript"}
)
# The address of a page about an author. /profile/ and /people/ alone may be anybody's.
_PROFILE: Final = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|people|staff|profile|contributors?)/[^/]", re.I
)
# The links that may lead to one.
_TO_PERSON: Final = re.compile(r"/author|/aut.*r/|/people/|/staff/", re.S)
# Class names of readers' comments; "comments-open" and the like are the article's own.
_COMMENTS: Final = re.compile(
    r"(?<![\w-])(?:wp-block-)?(?:(?:latest|post|user|reader)-)?comments?(?:__\w+)?(?![\w-])"
    r"|(?<![\w-])(?:\w+-)*comments?[-_](?:list|area|body|meta|form|author|content|item|thread|"
    r"wrap|wrapper|container|section|respond|metadata|text|header)|disqus|usercomment"
)
_MICRODATA: Final = frozenset({"meta", "link"})
_HEAD: Final = frozenset({"meta", "script", "h1", "title", "link"})
# Where scripts that write "3 weeks ago" keep the date itself.
_DATE_ATTRIBUTES: Final = (
    "data-datetime", "data-date", "data-time", "data-timestamp", "data-published", "title",
    "aria-label",
)  # fmt: skip
_LABELS: Final = ("class", "id", "rel", "itemprop", "data-testid")
_NAMED: Final = frozenset({"time", "address"})


@dataclass(slots=True)
class _Said:
    """What elements other than marks say."""

    title: str | None = None
    canonical: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    itemtypes: list[str] = field(default_factory=list)

    def read(self, tag: str, node: LexborNode, attributes: dict[str, str | None]) -> None:
        """Take an element's part."""
        if tag == "meta":
            _read_meta(attributes, self.meta)
        elif tag == "script":
            if "ld+json" in (attributes.get("type") or "").lower():
                self.scripts.append(node.text())
        elif tag == "h1":
            if heading := _text(node, 600):
                self.headings.append(heading)
        elif tag == "title":
            if self.title is None and not _in_picture(node):
                self.title = plain(node.text())
        elif self.canonical is None and (attributes.get("rel") or "").lower() == "canonical":
            self.canonical = attributes.get("href")


def gather(tree: LexborHTMLParser, url: str | None) -> Evidence:
    """Read the evidence of a fresh tree: before scripts, forms or hidden parts are stripped."""
    said = _Said()
    telling: list[LexborNode] = []
    last = heads = 0
    for node in islice(tree.css(_TELLING), MAX_TELLING):
        if node.mem_id == last:  # once for each part of the selector that it meets
            continue
        last = node.mem_id
        tag = node.tag or ""
        attributes = node.attributes
        if tag in _HEAD and heads < MAX_ELEMENTS:
            heads += 1
            said.read(tag, node, attributes)
        if "itemtype" in attributes and len(said.itemtypes) < MAX_MARKS:
            said.itemtypes += (attributes["itemtype"] or "").lower().split()
        if len(telling) < MAX_ELEMENTS and _tells(tag, attributes):
            telling.append(node)
    classed, crumbs = _classed(tree)
    root = tree.root
    return Evidence(
        url=url,
        title=said.title or None,
        headings=tuple(said.headings),
        meta={name: tuple(contents) for name, contents in said.meta.items()},
        nodes=read_scripts(said.scripts),
        itemtypes=tuple(name.rstrip("/").rpartition("/")[2] for name in said.itemtypes),
        marks=tuple(_marks(chain(telling, classed))),
        language=root.attributes.get("lang") if root else None,
        canonical=said.canonical,
        breadcrumbs=_crumbs(crumbs),
    )


def _tells(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element says by something else than a class that it may hold a date or name."""
    if tag in _NAMED or "itemprop" in attributes:
        return True
    if _is_named(attributes.get("id")) or _is_named(attributes.get("data-testid")):
        return True
    if "author" in (attributes.get("rel") or "").split():
        return True
    return tag == "a" and bool(_TO_PERSON.search(attributes.get("href") or ""))


def _is_named(name: str | None) -> bool:
    if not name:
        return False
    name = name.lower()
    return "author" in name or "byline" in name or "date" in name


def _classed(tree: LexborHTMLParser) -> tuple[list[LexborNode], LexborNode | None]:
    """The elements whose class may mean an author or a date, and the first of breadcrumbs."""
    nodes = tree.css("[class]")[:MAX_CLASSED]
    classes = [node.attrs["class"] or "" for node in nodes]
    if not nodes:
        return [], None
    # Searched all at once: asking each class for each word takes three times as long. A parsed
    # attribute has no NUL.
    unique = list(dict.fromkeys(classes))
    joined = "\0".join([names[:MAX_CLASS_CHARS] for names in unique]).lower()
    lowered = joined.split("\0")
    marked = _having(joined, _CLASS_WORDS)
    trails = _having(joined, ("crumb",)) - marked
    if not marked and not trails:
        return [], None
    wanted = {names for names, low in zip(unique, lowered, strict=True) if low in marked}
    marks = [node for node, names in zip(nodes, classes, strict=True) if names in wanted]
    crumbs = None
    if trails:
        trail = next(names for names, low in zip(unique, lowered, strict=True) if low in trails)
        crumbs = nodes[classes.index(trail)]
    return marks[:MAX_ELEMENTS], crumbs


def _having(joined: str, words: Iterable[str]) -> set[str]:
    """The parts between NULs that have one of the words."""
    found: set[str] = set()
    for word in words:
        at = joined.find(word)
        while at >= 0:
            end = joined.find("\0", at)
            if end < 0:
                end = len(joined)
            found.add(joined[joined.rfind("\0", 0, at) + 1 : end])
            at = joined.find(word, end)
    return found


def _crumbs(node: LexborNode | None) -> tuple[str, ...]:
    """The steps of a breadcrumb trail: its list items, or its links."""
    if node is None:
        return ()
    steps = node.css("li") or node.css("a")
    return tuple(dict.fromkeys(t for step in islice(steps, 20) if (t := _text(step, 80))))


def _read_meta(attributes: dict[str, str | None], meta: dict[str, list[str]]) -> None:
    content = attributes.get("content")
    if not content or not (content := plain(content)):
        return
    for kind in ("property", "name", "itemprop", "http-equiv"):
        if names := attributes.get(kind):
            for name in names.lower().split():
                contents = meta.setdefault(name, [])
                if len(contents) < 30 and content not in contents:
                    contents.append(content)


def _marks(nodes: Iterable[LexborNode]) -> Iterator[Mark]:
    """Elements that may hold a date or a name, each once, but none of readers' comments."""
    seen: set[int] = set()
    chains: dict[int, tuple[str, ...]] = {}
    for node in nodes:
        tag = node.tag or ""
        if tag in _REGIONS or node.mem_id in seen:
            continue
        seen.add(node.mem_id)
        attributes = node.attributes
        if tag in _MICRODATA and "itemprop" not in attributes:
            continue
        value = (attributes.get("datetime") or attributes.get("content") or "").strip()
        if not value and attributes:
            value = _told_aside(tag, attributes)
        text = _lines(node)
        if not text and not value:
            continue
        label = _label(attributes)
        if tag == "a" and _PROFILE.search(attributes.get("href") or ""):
            label += " author-page"
        within = _ancestry(node, chains)
        around = f"{label} {within}"
        if ("comment" in around or "disqus" in around) and _COMMENTS.search(around):
            continue
        yield Mark(text=text, value=value[:MAX_MARK_CHARS], tag=tag, label=label, within=within)
        if len(seen) >= MAX_MARKS:
            return


def _told_aside(tag: str, attributes: dict[str, str | None]) -> str:
    """A date that an element's other attributes give: ``<time title="May 3, 2025">3 weeks ago``."""
    if tag != "time" and "date" not in (attributes.get("class") or "").lower():
        return ""
    told = (attributes.get(name) or "" for name in _DATE_ATTRIBUTES)
    return next((value.strip() for value in told if YEARLIKE.search(value)), "")


def _label(attributes: dict[str, str | None]) -> str:
    if not attributes:
        return ""
    said = [s for key in _LABELS if (s := attributes.get(key))]
    return " ".join(" ".join(said).lower().split())[:200] if said else ""


def _ancestry(node: LexborNode, chains: dict[int, tuple[str, ...]]) -> str:
    """The tags and labels of the elements around, innermost first.

    ``chains`` keeps, by element, its own and those around it: siblings ask for the same.
    """
    new: list[tuple[int, str]] = []
    chain: tuple[str, ...] = ()
    parent = node.parent
    while parent is not None:
        known = chains.get(parent.mem_id)
        if known is not None:
            chain = known
            break
        tag = parent.tag
        if tag in {"body", "html"}:
            break
        attributes = parent.attributes
        itemtype = attributes.get("itemtype") or ""
        new.append((parent.mem_id, f"<{tag} {_label(attributes)} {itemtype.lower()}"))
        parent = parent.parent
    for key, label in reversed(new):
        chain = chains[key] = (label, *chain)[:MAX_ANCESTORS]
    return " ".join(chain)


def _in_picture(node: LexborNode) -> bool:
    parent = node.parent
    return parent is not None and parent.tag in {"svg", "symbol", "g"}


def _runs(node: LexborNode, longest: int) -> list[str]:
    """The runs of text in an element; none when they are longer: thousands may be nested."""
    runs: list[str] = []
    size = 0
    for each in node.traverse(include_text=True):
        if each.is_text_node and (text := each.text_content):
            size += len(text)
            if size > 8 * longest:  # white space between tags counts, too
                return []
            runs.append(text)
    return runs


def _text(node: LexborNode, longest: int) -> str:
    """The element's text on one line; empty when longer than ``longest``."""
    text = " ".join(" ".join(_runs(node, longest)).split())
    if "&#" in text:  # escaped twice
        text = html.unescape(text)
    return text if len(text) <= longest else ""


def _lines(node: LexborNode) -> str:
    """A mark's text, a line for each run of it; empty when longer than a mark is."""
    lines = [" ".join(run.split()) for run in _runs(node, MAX_MARK_CHARS)]
    joined = "\n".join(line for line in lines if line)
    return joined if len(joined) <= MAX_MARK_CHARS else ""
