"""Compiles the hot loops of cleaning, comparing and publishing, if a C compiler is available.

Everything else is in pyproject.toml. Modules that cannot be compiled are left out, and Python
code does the same (schemas/native_loader.py). ``COPYDESK_WITHOUT_GPL=1`` leaves out the
data under the GPL (docs/licences.md).
"""

import os
from pathlib import Path
from typing import Any
from zlib import crc32

from setuptools import Distribution, Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

WITHOUT_GPL = os.environ.get("COPYDESK_WITHOUT_GPL", "") not in ("", "0")
GPL_DATA = "data/*.wordpress.*"

SHARED = (
    "tasks/cleaning/lexbor.pxi",
    "tasks/cleaning/html/figures.pxi",
    "tasks/cleaning/html/octet_hash.pxi",
)


def source(name: str) -> str:
    """Return the path of a module's source, relative to the project."""
    return f"{name.replace('.', '/')}.pyx"


def source_checksum(name: str) -> str:
    """Return a checksum of a module's sources, by which outdated compiled modules are detected."""
    return str(crc32(b"".join(Path(path).read_bytes() for path in (source(name), *SHARED))))


class BuildPython(build_py):
    """Leaves out the GPL data, including files that an earlier build left in the folder."""

    def run(self) -> None:
        """Copy the modules and data."""
        super().run()
        if WITHOUT_GPL and not self.editable_mode:
            for file in Path(self.build_lib, "copydesk", "tasks", "cleaning").glob(GPL_DATA):
                file.unlink()


class BuildExtensions(build_ext):
    """Translates the modules to C one by one, not being safe in threads; compiles them at once."""

    def finalize_options(self) -> None:
        """Use all cores, unless told otherwise."""
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self) -> None:
        """Translate, then compile."""
        from Cython.Build import cythonize

        for extension in self.extensions:
            extension.sources = cythonize([extension], quiet=True)[0].sources
        super().build_extensions()


class WithoutGpl(Distribution):
    """Removes the GPL from the package's licence metadata."""

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
    cmdclass={"build_ext": BuildExtensions, "build_py": BuildPython},
    exclude_package_data={"copydesk.tasks.cleaning": [GPL_DATA] if WITHOUT_GPL else []},
    ext_modules=[
        Extension(
            f"copydesk.{name}",
            [source(name)],
            depends=[*SHARED],
            define_macros=[("COPYDESK_SOURCE", source_checksum(name))],
            # No fused multiply-add: round products and sums separately, as Python does.
            extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],
            optional=True,
        )
        for name in (
            "schemas._text_loops",
            *(
                "tasks.cleaning.html._blocks",
                "tasks.cleaning.html._features",
                "tasks.cleaning.html._forest",
                "tasks.cleaning.html._page_kind",
                "tasks.cleaning.html._parser_limits",
            ),
            *(
                "tasks.cleaning.html._context_features",
                "tasks.cleaning.html._text_features",
                "tasks.cleaning.html._writing",
            ),
            "tasks.cleaning.html._rules",
            "tasks.cleaning.metadata._elements",
            "tasks.cleaning._line_loops",
            "tasks.cleaning._column_loops",
            "tasks.cleaning._title_loops",
            "tasks.dedup._signature_loops",
            "warehouse.publish._markdown_loops",
            "warehouse.search._word_loops",
        )
    ],
)
