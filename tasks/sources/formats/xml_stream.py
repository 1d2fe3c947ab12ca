"""XML read element by element: no entities, no network, no tree that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from copydesk.tasks.sources.formats.xml_references import SoundReferences
from copydesk.tasks.sources.formats.xml_tags import ClosedTags


@dataclass(frozen=True, slots=True)
class Element:
    """An element's local name and what it holds: its text, its attributes, its children."""

    name: str
    text: str
    attributes: dict[str, str]
    children: tuple[Element, ...]

    def first(self, name: str) -> str | None:
        """Give the text of the first child of a name, if there is any in it."""
        return next((text for one in self.children if one.name == name if (text := one.text)), None)

    def all(self, name: str) -> Iterator[Element]:
        """Give the children of a name."""
        return (one for one in self.children if one.name == name)


class NotXmlError(ValueError):
    """The stream holds no element."""


def elements(
    stream: IO[bytes],
    wanted: Iterable[str],
    *,
    rename: Callable[[str], str] | None = None,
) -> Iterator[Element]:
    """Give the elements of the wanted local names with all that is in them, one at a time.

    The root comes first, without its children. ``rename`` makes the names that elements get from
    ``{namespace}local``; by default they are the local ones. Broken XML is read as far as it can
    be understood; ``NotXmlError`` if there is no root. Nesting beyond 256 ends the reading
    (libxml2's own limit).
    """
    from lxml import etree  # type: ignore[import-untyped]

    rename = rename or _local
    root = None
    parser = etree.iterparse(
        ClosedTags(SoundReferences(stream)),
        events=("end",),
        tag=[f"{{*}}{name}" for name in wanted],
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, node in parser:
            if root is None:
                root = node.getroottree().getroot()
                yield Element(rename(root.tag), "", dict(root.attrib), ())
            yield _element(node, rename)
            _forget(node)
    except etree.XMLSyntaxError as error:
        if root is None:
            raise NotXmlError(str(error)) from error
    if root is None:
        root = parser.root
        if root is None:
            raise NotXmlError("there is no element")
        yield Element(rename(root.tag), "", dict(root.attrib), ())


def _element(node, rename: Callable[[str], str]) -> Element:  # type: ignore[no-untyped-def]
    children = tuple(_element(one, rename) for one in node if isinstance(one.tag, str))
    text = node.text or ""
    return Element(rename(node.tag), text.strip(), dict(node.attrib), children)


def _forget(node) -> None:  # type: ignore[no-untyped-def]
    """Drop a node that was read, and those before it."""
    node.clear()
    parent = node.getparent()
    while node.getprevious() is not None:
        del parent[0]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
