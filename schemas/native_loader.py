"""Load the compiled modules that replace loops in Python, if they were built.

The ``.pyx`` files are compiled when the project is installed (setup.py). Without a compiler, or
with ``COPYDESK_NATIVE=0``, results are the same, but cleaning and publishing are slower.
"""

from __future__ import annotations

import os
import warnings
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from zlib import crc32

_CLEANING = Path(__file__).parents[1] / "tasks" / "cleaning"
SHARED = (
    _CLEANING / "lexbor.pxi",
    _CLEANING / "html" / "figures.pxi",
    _CLEANING / "html" / "octet_hash.pxi",
)
"""Files that ``.pyx`` files include, as in setup.py."""


def compiled(*names: str) -> tuple[ModuleType | None, ...]:
    """Import compiled modules by their full names; return all of them, or None for each.

    A module that was compiled from another version of its source (after an update of a checkout) or
    for another version of the parser (``FITS``) is not used, and a warning says so.
    """
    none = (None,) * len(names)
    if os.environ.get("COPYDESK_NATIVE") == "0":
        return none
    try:
        modules = tuple(import_module(name) for name in names)
    except ImportError:
        return none
    for module in modules:
        if not is_current(module):
            warnings.warn(
                f"{module.__name__} was compiled from another source, so that cleaning is slower:"
                " install the project again (pip install -e .)",
                RuntimeWarning,
                stacklevel=2,
            )
            return none
    if not all(getattr(module, "FITS", True) for module in modules):
        _warn_of_the_parser()
    return modules


@cache
def _warn_of_the_parser() -> None:
    """Warn once per process that the slower Python loops are used."""
    warnings.warn(
        "the compiled loops do not fit the installed parser (selectolax), so that cleaning is"
        " slower: install the project again (pip install -e .)",
        RuntimeWarning,
        stacklevel=3,
    )


def is_current(module: ModuleType) -> bool:
    """Return whether a module was compiled from the source beside it, if one is there."""
    source = Path(str(module.__file__)).with_name(module.__name__.rpartition(".")[2] + ".pyx")
    paths = (source, *SHARED)
    if not all(path.exists() for path in paths):
        return True
    return bool(crc32(b"".join(path.read_bytes() for path in paths)) == module.SOURCE)
