"""Secrets by reference: ``${NAME}`` is looked up in the environment when it is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class NoSecretError(LookupError):
    """The environment lacks a variable; the message names it and holds no secret."""


def reveal(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Put the values of the environment in the places of their names."""
    known = os.environ if environment is None else environment

    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise NoSecretError(f"the environment has no {found[1]}")
        return known[found[1]]

    return _REFERENCE.sub(value, text)
