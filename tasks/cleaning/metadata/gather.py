"""Read all that a page says of itself, in a few native passes over its tree."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tasks.cleaning.metadata.jsonld import plain, read_scripts
from tasks.cleaning.metadata.model import Evidence, Mark

# More of one kind than any page of the development sets has; a hostile page has 100,000.
MAX_ELEMENTS: Final = 400
MAX_MARKS: Final = 120
MAX_CLASSED: Final = 20_000
# A byline or a date is short; what is longer is a box about the author, or the page itself.
MAX_MARK_CHARS: Final = 240
MAX_ANCESTORS: Final = 8

_HEAD: Final = 'title, meta, link[rel], h1, script[type*="ld+json" i]'
# Elements that say by something else than a class what they hold.
_MARKS: Final = (
    "time, [itemprop], [rel~=author], address, [id*=author i], [id*=byline i], [id*=date i], "
    'a[href*="/author"], a[href*="/aut"][href*="r/"], a[href*="/people/"], a[href*="/staff/"], '
    "[data-testid*=author i], [data-testid*=byline i], [data-testid*=date i]"
)
# Elements that hold a page or a region, whatever their class says.
_REGIONS: Final = frozenset(
    {"html", "body", "main", "article", "section", "form", "input", "nav", "style", "script"}
    | {"img", "svg", "button", "select", "textarea", "iframe", "picture", "template", "noscript"}
)
# Class names of readers' comments; "comments-open" and the like are the article's own.
# The address of a page about an author. /profile/ and /people/ alone may be anybody's.
_PROFILE: Final = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|people|staff|profile|contributors?)/[^/]", re.I
)
_COMMENTS: Final = re.compile(
    r"(?<![\w-])(?:wp-block-)?(?:(?:latest|post|user|reader)-)?comments?(?:__\w+)?(?![\w-])"
    r"|(?<![\w-])(?:\w+-)*comments?[-_](?:list|area|body|meta|form|author|content|item|thread|"
    r"wrap|wrapper|container|section|respond|metadata|text|header)|disqus|usercomment"
)
_MICRODATA: Final = frozenset({"meta", "link"})


def gather(tree: LexborHTMLParser, url: str | None) -> Evidence:
    """Read the evidence of a fresh tree: before scripts, forms or hidden parts are stripped."""
    title: str | None = None
    canonical: str | None = None
    meta: dict[str, list[str]] = {}
    headings: list[str] = []
    scripts: list[str] = []
    for node in islice(tree.css(_HEAD), MAX_ELEMENTS):
        match node.tag:
            case "meta":
                _read_meta(node, meta)
            case "title":
                if title is None and not _in_picture(node):
                    title = plain(node.text())
            case "h1":
                if heading := _text(node, 600):
                    headings.append(heading)
            case "script":
                scripts.append(node.text())
            case _:
                attributes = node.attributes
                if canonical is None and (attributes["rel"] or "").lower() == "canonical":
                    canonical = attributes.get("href")
    nodes, crumbs = _classed(tree)
    root = tree.css_first("html")
    return Evidence(
        url=url,
        title=title or None,
        headings=tuple(headings),
        meta={name: tuple(contents) for name, contents in meta.items()},
        nodes=read_scripts(scripts),
        itemtypes=tuple(_itemtypes(tree)),
        marks=tuple(_marks(chain(islice(tree.css(_MARKS), MAX_ELEMENTS), nodes))),
        language=root.attributes.get("lang") if root else None,
        canonical=canonical,
        breadcrumbs=_crumbs(crumbs),
    )


@lru_cache(maxsize=16_384)
def _says_mark(names: str) -> bool:
    """Whether a class may mean an author or a date.

    Searched here, in a plain chain: substring selectors take twice the time, a pattern or a
    loop a multiple of what ``in`` takes.
    """
    names = names.lower()
    return (
        "author" in names
        or "byline" in names
        or "date" in names
        or "time" in names
        or "publi" in names
        or "posted" in names
        or "autor" in names
        or "auteur" in names
        or "writer" in names
        or "reporter" in names
        or "contributor" in names
    )


def _classed(tree: LexborHTMLParser) -> tuple[list[LexborNode], LexborNode | None]:
    """The elements whose class may mean an author or a date, and the first of breadcrumbs."""
    marks: list[LexborNode] = []
    crumbs: LexborNode | None = None
    for node in islice(tree.css("[class]"), MAX_CLASSED):
        names = node.attributes["class"]
        if not names:
            continue
        if _says_mark(names[:500]) and len(marks) < MAX_ELEMENTS:
            marks.append(node)
        elif crumbs is None and "crumb" in names.lower():
            crumbs = node
    return marks, crumbs


def _itemtypes(tree: LexborHTMLParser) -> Iterator[str]:
    for node in islice(tree.css("[itemtype]"), MAX_MARKS):
        for name in (node.attributes["itemtype"] or "").lower().split():
            yield name.rstrip("/").rpartition("/")[2]


def _crumbs(node: LexborNode | None) -> tuple[str, ...]:
    """The steps of a breadcrumb trail: its list items, or its links."""
    if node is None:
        return ()
    steps = node.css("li") or node.css("a")
    return tuple(dict.fromkeys(t for step in islice(steps, 20) if (t := _text(step, 80))))


def _read_meta(node: LexborNode, meta: dict[str, list[str]]) -> None:
    attributes = node.attributes
    content = attributes.get("content")
    if not content or not (content := plain(content)):
        return
    for kind in ("property", "name", "itemprop", "http-equiv"):
        for name in (attributes.get(kind) or "").lower().split():
            contents = meta.setdefault(name, [])
            if len(contents) < 30 and content not in contents:
                contents.append(content)


def _marks(nodes: Iterable[LexborNode]) -> Iterator[Mark]:
    """Elements that may hold a date or a name, each once, but none of readers' comments."""
    seen: set[int] = set()
    labels: dict[int, str] = {}
    for node in nodes:
        tag = node.tag or ""
        if tag in _REGIONS or node.mem_id in seen:
            continue
        seen.add(node.mem_id)
        attributes = node.attributes
        if tag in _MICRODATA and "itemprop" not in attributes:
            continue
        value = (attributes.get("datetime") or attributes.get("content") or "").strip()
        text = _lines(node)
        if not text and not value:
            continue
        label = _label(attributes)
        if tag == "a" and _PROFILE.search(attributes.get("href") or ""):
            label += " author-page"
        within = _ancestry(node, labels)
        around = f"{label} {within}"
        if ("comment" in around or "disqus" in around) and _COMMENTS.search(around):
            continue
        yield Mark(text=text, value=value[:MAX_MARK_CHARS], tag=tag, label=label, within=within)
        if len(seen) >= MAX_MARKS:
            return


def _label(attributes: dict[str, str | None]) -> str:
    said = (attributes.get(key) for key in ("class", "id", "rel", "itemprop", "data-testid"))
    return " ".join(" ".join(s for s in said if s).lower().split())[:200]


def _ancestry(node: LexborNode, labels: dict[int, str]) -> str:
    """The tags and labels of the elements around, innermost first; ``labels`` keeps them."""
    found: list[str] = []
    parent = node.parent
    while parent is not None and len(found) < MAX_ANCESTORS:
        tag = parent.tag
        if tag in {"body", "html"}:
            break
        known = labels.get(parent.mem_id)
        if known is None:
            attributes = parent.attributes
            itemtype = attributes.get("itemtype") or ""
            known = f"<{tag} {_label(attributes)} {itemtype.lower()}"
            labels[parent.mem_id] = known
        found.append(known)
        parent = parent.parent
    return " ".join(found)


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
