"""Compile the loops that every page goes through, where a compiler is at hand.

All else is in pyproject.toml. What cannot be compiled is left out, and the same is done in
Python (tasks/cleaning/native_loader.py).
"""

from pathlib import Path
from zlib import crc32

from setuptools import Extension, setup

SHARED = ("tasks/cleaning/lexbor.pxi", "tasks/cleaning/html/figures.pxi")


def source(name: str) -> str:
    """Give a module's file from the project's folder."""
    return f"tasks/cleaning/{name.replace('.', '/')}.pyx"


def mark(name: str) -> str:
    """Tell a module its source, so that one that was compiled from another is known."""
    return str(crc32(b"".join(Path(path).read_bytes() for path in (source(name), *SHARED))))


setup(
    ext_modules=[
        Extension(
            f"copydesk.tasks.cleaning.{name}",
            [source(name)],
            depends=[*SHARED],
            define_macros=[("COPYDESK_SOURCE", mark(name))],
            # A product and a sum are rounded one after the other, as in Python, on any processor.
            extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],
            optional=True,
        )
        for name in (
            *(
                "html._blocks",
                "html._features",
                "html._forest",
                "html._page_kind",
                "html._parser_limits",
            ),
            *("html._context_features", "html._text_features"),
            "metadata._elements",
        )
    ]
)
