"""Compile the loops that every page goes through, where a compiler is at hand.

All else is in pyproject.toml. What cannot be compiled is left out, and the same is done in
Python (tasks/cleaning/native_loader.py). ``COPYDESK_WITHOUT_GPL=1`` leaves out the data that are
under the GPL (docs/licences.md).
"""

import os
from pathlib import Path
from typing import Any
from zlib import crc32

from setuptools import Distribution, Extension, setup
from setuptools.command.build_py import build_py

WITHOUT_GPL = os.environ.get("COPYDESK_WITHOUT_GPL", "") not in ("", "0")
GPL_DATA = "data/*.wordpress.*"

SHARED = ("tasks/cleaning/lexbor.pxi", "tasks/cleaning/html/figures.pxi")


def source(name: str) -> str:
    """Give a module's file from the project's folder."""
    return f"tasks/cleaning/{name.replace('.', '/')}.pyx"


def mark(name: str) -> str:
    """Tell a module its source, so that one that was compiled from another is known."""
    return str(crc32(b"".join(Path(path).read_bytes() for path in (source(name), *SHARED))))


class BuildPython(build_py):
    """Leaves out the GPL's data, also what an earlier build has left in the folder."""

    def run(self) -> None:
        """Copy the modules and data."""
        super().run()
        if WITHOUT_GPL and not self.editable_mode:
            for file in Path(self.build_lib, "copydesk", "tasks", "cleaning").glob(GPL_DATA):
                file.unlink()


class WithoutGpl(Distribution):
    """Says in the metadata that nothing is under the GPL."""

    def parse_config_files(self, *args: Any, **options: Any) -> None:
        """Read pyproject.toml."""
        super().parse_config_files(*args, **options)
        metadata: Any = self.metadata
        metadata.license_expression = metadata.license_expression.replace(
            " AND GPL-2.0-or-later", ""
        )
        metadata.license_files = [name for name in metadata.license_files if "GPL" not in name]


setup(
    distclass=WithoutGpl if WITHOUT_GPL else Distribution,
    cmdclass={"build_py": BuildPython},
    exclude_package_data={"copydesk.tasks.cleaning": [GPL_DATA] if WITHOUT_GPL else []},
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
    ],
)
