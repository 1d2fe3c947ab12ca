"""Compile the loops that every page goes through, where a compiler is at hand.

All else is in pyproject.toml. What cannot be compiled is left out, and the same is done in
Python (tasks/cleaning/html/native.py).
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            f"tasks.cleaning.{name}",
            [f"tasks/cleaning/{name.replace('.', '/')}.pyx"],
            depends=["tasks/cleaning/lexbor.pxi"],
            # A product and a sum are rounded one after the other, as in Python, on any processor.
            extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],
            optional=True,
        )
        for name in (
            *("html._blocks", "html._kinds", "html._octets", "html._rows"),
            "metadata._elements",
        )
    ]
)
