"""Loads the compiled modules that replace loops in Python, where they could be built.

The ``.pyx`` files are compiled when the project is installed (setup.py). A machine without a
compiler gives the same articles, more slowly; so does one where ``COPYDESK_NATIVE=0`` is set.
"""

from __future__ import annotations

import os
import warnings
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from zlib import crc32

_HERE = Path(__file__).parent
SHARED = (_HERE / "lexbor.pxi", _HERE / "html" / "figures.pxi")
"""What ``.pyx`` files include, as in setup.py."""


def compiled(*names: str) -> tuple[ModuleType | None, ...]:
    """Import compiled modules by their full names: all of them, or none and as many ``None``.

    A module that was compiled from another source than the one beside it (a checkout that moved
    on) is not used; nor is one that was compiled for another version of the parser (``FITS``).
    A warning says so.
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
    """Warn once per process that pages are walked in Python."""
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
