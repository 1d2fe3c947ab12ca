"""Elements of XML as plain values: no entities, no network, nothing deeper than is of use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_DECLARED = re.compile(r' xmlns(?::[\w.-]+)?="[^"<>]*"')
DEPTH = 6
"""Levels of elements that become values; what lies deeper is markup."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element's local name in lower case, and what it holds.

    ``namespace`` is empty where none was declared for the prefix; ``prefix`` is as it was written.
    """

    name: str
    text: str
    attributes: dict[str, str]
    children: tuple[Element, ...]
    namespace: str = ""
    prefix: str = ""
    _node: Any = field(default=None, compare=False, repr=False)

    def first(self, name: str) -> str | None:
        """Return the text of the first child of a name that has any."""
        return next(
            (text for child in self.children if child.name == name if (text := child.text)), None
        )

    def all(self, name: str) -> list[Element]:
        """Return the children of a name."""
        return [child for child in self.children if child.name == name]

    @property
    def markup(self) -> str:
        """The element's text with the markup in it, where elements stand in the place of text."""
        if not self.children or self._node is None:
            return self.text
        from lxml import etree  # type: ignore[import-untyped]

        parts = [etree.tostring(node, encoding="unicode") for node in self._node]
        return ((self._node.text or "") + _DECLARED.sub("", "".join(parts))).strip()

    @property
    def plain(self) -> str:
        """The element's text and that of all elements in it."""
        return "".join(self._node.itertext()).strip() if self.children else self.text

    @property
    def outer(self) -> str:
        """The element as markup, with the namespaces that it needs."""
        from lxml import etree

        return str(etree.tostring(self._node, encoding="unicode", with_tail=False))


def is_well_formed(document: str) -> bool:
    """Return whether a strict parser reads XML to its end; it must declare UTF-8 or nothing."""
    from lxml import etree

    try:
        etree.fromstring(document.encode("utf-8", "replace"), _parser(lenient=False))
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


def read_elements(markup: str, namespaces: str, *, lenient: bool = False) -> list[Element] | None:
    """Read the elements that stand beside each other in markup; None where it is no XML.

    ``namespaces`` are declarations as attributes. ``lenient`` reads what can be understood.
    """
    from lxml import etree

    try:
        root = etree.fromstring(f"<r {namespaces}>{markup}</r>", _parser(lenient=lenient))
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    return [_element(node, DEPTH) for node in root if isinstance(node.tag, str)]


def _parser(*, lenient: bool) -> Any:
    from lxml import etree

    return etree.XMLParser(
        recover=lenient,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # who calls bounds the markup; there are no entities in it that could grow
        remove_comments=True,
        remove_pis=True,
    )


def _element(node: Any, depth: int) -> Element:
    children = tuple(
        _element(child, depth - 1)
        for child in (node if depth else ())
        if isinstance(child.tag, str)
    )
    namespace, _, local = node.tag.rpartition("}")
    written, _, local = local.rpartition(":")
    return Element(
        name=local.lower(),
        text=(node.text or "").strip(),
        attributes={_local(name): value for name, value in node.attrib.items()},
        children=children,
        namespace=namespace[1:],
        prefix=(node.prefix or written or "").lower(),
        _node=node,
    )


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
