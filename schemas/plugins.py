"""Extensions from other packages: objects behind entry points, by group and name.

A package declares them in its ``pyproject.toml``::

    [project.entry-points."copydesk.sources"]
    mailbox = "copydesk_mailbox.source"

They are imported on first use.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from copydesk.schemas.errors import CopydeskError

SOURCES: Final = "copydesk.sources"
"""Group of kinds of source; the name is the ``kind`` in a sources file and the addresses'
scheme."""

FORMATS: Final = "copydesk.formats"
"""Group of file formats; the name is the suffix without its dot."""


class PluginError(CopydeskError):
    """An entry point of another package cannot be used; the message names both and the remedy."""


def plugin_names(group: str) -> frozenset[str]:
    """Return the names that installed packages add to a group."""
    return frozenset(_points(group))


@cache  # a failed import is tried again
def load_plugin(group: str, name: str, functions: tuple[str, ...]) -> Any:
    """Import an entry point's object, and check that it has the functions of its group.

    Raises:
        PluginError: there is none of the name or more than one, it cannot be imported, or it
            lacks one of ``functions``.
    """
    points = _points(group).get(name, ())
    if not points:
        raise PluginError(f"no installed package has {name!r} among its entry points {group}")
    if len(points) > 1:
        owners = ", ".join(sorted(map(_owner, points)))
        raise PluginError(f"{name!r} of {group} is in several packages: {owners}; uninstall all "
                          "but one")  # fmt: skip
    (point,) = points
    try:
        loaded = point.load()
    except Exception as error:  # foreign modules may raise anything
        raise PluginError(
            f"{_label(point)} cannot be imported: {type(error).__name__}: {error}; "
            f"fix or uninstall {_owner(point)}"
        ) from error
    lacking = [function for function in functions if not callable(getattr(loaded, function, None))]
    if lacking:
        raise PluginError(
            f"{_label(point)} has no function {', '.join(lacking)}; fix or uninstall "
            f"{_owner(point)}"
        )
    return loaded


@cache
def _points(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    points: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        same = points.get(point.name, ())
        if all(
            (point.value, _owner(point)) != (registered.value, _owner(registered))
            for registered in same
        ):
            points[point.name] = (*same, point)
    return points


def _label(point: EntryPoint) -> str:
    return f"{point.name!r} of {point.group} ({point.value}, of the package {_owner(point)})"


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module
